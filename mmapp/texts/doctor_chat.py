"""What `flask --app app doctor` says of Mattermost and of the way to Chorus and back."""

from __future__ import annotations

from mmapp.texts.doctor import TwoSentences, apart, set_clocks
from mmapp.texts.plain import START


def mattermost(url: str) -> str:
    return f"Mattermost answers at {url}."


def unknown_host(host: str) -> TwoSentences:
    return (
        f"This machine does not know the host {host}.",
        "Check CHORUS_MATTERMOST_URL for a slip, and this machine's DNS; behind a proxy, set CHORUS_PROXY.",
    )


def refused(url: str) -> TwoSentences:
    return (
        f"Nothing answers at {url}.",
        "Check that Mattermost runs, the port in CHORUS_MATTERMOST_URL, firewalls in between, and CHORUS_PROXY if you use one.",
    )


def certificate(url: str) -> TwoSentences:
    return (
        f"The certificate of {url} is not trusted here.",
        "If your own authority signed it, set CHORUS_CA_FILE to that authority's certificate (PEM). Check its dates.",
    )


def no_certificates(path: str) -> TwoSentences:
    return (
        f"{path}, which CHORUS_CA_FILE names, holds no certificates that can be read.",
        "Save your authority's certificate there as PEM: it begins with -----BEGIN CERTIFICATE-----.",
    )


def redirected(url: str, to: str) -> TwoSentences:
    return (
        f"{url} redirects to {to}, and Chorus follows no redirects: its token would go along.",
        f"Set CHORUS_MATTERMOST_URL to Mattermost's SiteURL, which seems to begin with {to}.",
    )


def no_mattermost(url: str) -> TwoSentences:
    return (
        f"Something answers at {url}, and it is not Mattermost: what it sends is not what Mattermost sends.",
        "Set CHORUS_MATTERMOST_URL to Mattermost's SiteURL, with its sub-path if it has one. A proxy's error page looks so too.",
    )


def busy(url: str, why: str) -> TwoSentences:
    return f"Mattermost does not answer as it should at {url}: {why}.", "Look into Mattermost's log, and its proxy's."


def something_between(url: str, why: str) -> TwoSentences:
    return (
        f"Something in front of Mattermost refuses what is sent to {url}: {why}.",
        "Let requests from this machine to /api/v4 pass the proxy or firewall.",
    )


def mattermost_broke_off(why: str) -> TwoSentences:
    return (
        f"Mattermost did not answer this look: {why}.",
        "Run doctor again; if it stays so, search Mattermost's log for the request.",
    )


def token(name: str) -> str:
    return f"Mattermost accepts the token of the bot {name}."


def token_refused(name: str) -> TwoSentences:
    return (
        f"Mattermost does not accept the token of the bot {name}: it is wrong or revoked, or the bot or its owner is disabled.",
        "See Integrations > Bot Accounts: enable the bot, or make a new token, put it into CHORUS_BOT_TOKENS and restart "
        "Chorus. Answers that wait are kept and then posted.",
    )


def another_bot(configured: str, found: str) -> TwoSentences:
    return (
        f"CHORUS_BOT_TOKENS calls the bot {configured}, and the token belongs to {found}.",
        f"Write {found}= before the token, or use the token of {configured}; then restart Chorus.",
    )


def no_bot(name: str) -> TwoSentences:
    return (
        f"{name} is a person's account, not a bot's.",
        "Create a bot under Integrations > Bot Accounts and use its token: a person's answers would be his own posts.",
    )


def bot_is_admin(name: str) -> TwoSentences:
    return (
        f"The bot {name} is a system administrator, and needs no more than a member's rights.",
        "Set its role to Member under Integrations > Bot Accounts: its token could read and change everything.",
    )


def version(shown: str) -> str:
    return f"Mattermost is version {shown}."


def version_unknown() -> TwoSentences:
    return (
        "Mattermost does not say its version: something in between removes the header X-Version-Id.",
        "Nothing needs to be done if it is 5.37 or newer.",
    )


def too_old(shown: str) -> TwoSentences:
    return f"Mattermost {shown} is older than 5.37, the oldest that Chorus knows.", "Upgrade Mattermost."


def clock_right() -> str:
    return "Mattermost's clock and this machine's agree."


def clock_unknown() -> TwoSentences:
    return "Mattermost does not say what time it is.", "Compare the clocks of both machines by hand: `date -u`."


def clock(ahead: float) -> TwoSentences:
    return f"Mattermost's clock is {apart(ahead)} this machine's.", set_clocks()


def configured(site: str) -> str:
    return f"Mattermost calls itself {site}, as the settings do, and takes slash commands."


def no_site_url(url: str) -> TwoSentences:
    return (
        "Mattermost does not know its own address, so neither commands nor dialogs can be answered.",
        f"Set SiteURL to {url} under System Console > Environment > Web Server.",
    )


def other_site_url(url: str, site: str) -> TwoSentences:
    return (
        f"CHORUS_MATTERMOST_URL is {url}, and Mattermost's SiteURL is {site}: later answers to commands would be refused.",
        f"Set CHORUS_MATTERMOST_URL={site}, or SiteURL to {url} under System Console > Environment > Web Server.",
    )


def no_commands() -> TwoSentences:
    return (
        "Mattermost takes no slash commands.",
        "Switch on Custom Slash Commands under System Console > Integrations > Integration Management.",
    )


def edits_end(seconds: int) -> TwoSentences:
    return (
        f"Mattermost refuses edits of a post {seconds} s after it was made (PostEditTimeLimit).",
        "Answers come all the same, as finished posts; set it to -1 to let them be edited.",
    )


def in_teams(bot: str, teams: list[str]) -> str:
    return f"{bot} is in the {'team' if len(teams) == 1 else 'teams'} {', '.join(teams)}."


def not_in_team(bot: str, team: str) -> TwoSentences:
    return (
        f"{bot} is not in the team {team}, which CHORUS_COMMAND_TOKENS names.",
        f"Add @{bot} to that team (Invite People > Add Members), or take the team out of CHORUS_COMMAND_TOKENS.",
    )


def in_no_team(bot: str) -> TwoSentences:
    return (
        f"{bot} is in none of the teams that CHORUS_COMMAND_TOKENS names, so nobody there can address it.",
        f"Add @{bot} to a team (Invite People > Add Members), then to its channels: `/invite @{bot}`.",
    )


def no_team_id(team: str) -> TwoSentences:
    return (
        f"{team[:40]} in CHORUS_COMMAND_TOKENS is no team's id, which has 26 letters and digits.",
        "Write the team's id before the command's token; `mmctl team search NAME --json` shows it.",
    )


def command(trigger: str, team: str) -> str:
    return f"The team {team} offers /{trigger}."


def no_command(trigger: str, team: str, public_url: str) -> TwoSentences:
    return (
        f"The team {team} does not offer /{trigger}: there is no such command, or it is not in the autocomplete list.",
        f"See Integrations > Slash Commands in that team: trigger {trigger}, URL {public_url}/mattermost/slash, method POST, "
        "Autocomplete on. If you gave the command another trigger, all is well.",
    )


# The round trip


def round_trip(url: str) -> str:
    return f"Mattermost reaches this Chorus at {url}, and its answer comes back."


def no_channel(bot: str) -> TwoSentences:
    return (
        f"@{bot} is in no channel, so the round trip could not be tried.",
        f"Type `/invite @{bot}` in any channel of its team, and run doctor again.",
    )


def not_running(url: str) -> TwoSentences:
    return f"Chorus is not running: nothing listens at {url}.", f"Start it: `{START}`"


def nobody_listens(url: str) -> TwoSentences:
    return (
        f"Mattermost gets no answer at {url}, and neither does this machine.",
        "Start Chorus if it does not run; check CHORUS_PUBLIC_URL, and the proxy that should pass it on.",
    )


def forbidden(url: str, host: str) -> TwoSentences:
    return (
        f"Mattermost may not call {url}, because {host} is an address of an internal network.",
        f"{_allow(host)} (ServiceSettings.AllowedUntrustedInternalConnections).",
    )


def probably_forbidden(url: str, host: str) -> TwoSentences:
    return (
        f"Chorus answers this machine at {url}, and Mattermost gets no answer there; it calls internal addresses only where "
        "they were allowed, and its log then says `address forbidden`.",
        f"{_allow(host)} (ServiceSettings.AllowedUntrustedInternalConnections). If Mattermost runs on another machine or in "
        f"a container, {host} must also be an address that it can reach from there: see CHORUS_PUBLIC_URL and CHORUS_HOST.",
    )


def unreached(url: str) -> TwoSentences:
    return (
        f"Chorus answers this machine at {url}, and Mattermost gets no answer there.",
        f"On Mattermost's machine, try `curl {url}/healthz`: a firewall, DNS or a certificate is in the way.",
    )


def own_certificate(url: str) -> TwoSentences:
    return (
        f"Mattermost gets no answer at {url}, and this machine does not trust the certificate there.",
        "Let the proxy in front of Chorus use a certificate of an authority that Mattermost's machine trusts.",
    )


def another_program(url: str) -> TwoSentences:
    return (
        f"Another program answers at {url}, or Chorus is failing there.",
        "Check CHORUS_PUBLIC_URL and CHORUS_PORT, and the log of what runs there.",
    )


def another_key(url: str) -> TwoSentences:
    return (
        f"A Chorus answers at {url} that has another CHORUS_SECRET_KEY: another installation, or one that was started before "
        ".env was changed.",
        "Restart Chorus, and run doctor again. If it stays so, stop the other installation or give it an address of its own.",
    )


def another_database(url: str) -> TwoSentences:
    return (
        f"The Chorus that answers at {url} works with another database than this one.",
        "Give all processes the same CHORUS_DATABASE_URL and restart them; an installation of its own needs a bot, keys and "
        "an address of its own.",
    )


def alone() -> str:
    return "No other installation answers in the bot's name."


def another_installation(bot: str, posts: int) -> TwoSentences:
    shown = "a post" if posts == 1 else f"{posts} posts"
    return (
        f"{bot} made {shown} within the last day that this database knows nothing of: another installation uses the same bot, "
        "or the database was replaced.",
        "Nothing is answered twice by that, but follow-ups under those posts know nothing of them. Give each installation "
        "a bot of its own.",
    )


def _allow(host: str) -> str:
    return f"Add {host} under System Console > Environment > Developer > Allow untrusted internal connections to"
