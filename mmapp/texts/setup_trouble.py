"""What `flask --app app setup` says when something is not as it should be."""

from pathlib import Path

from mmapp.texts.plain import FLASK

# What is wrong on the server


def site_url(found: str, typed: str) -> str:
    now = f"is {found}" if found else "is empty"
    return (
        f"Site URL {now}, and you gave {typed}: they must be the same. System Console > Environment > Web Server > "
        "Site URL; or run setup again with --url and that address."
    )


def bots_off() -> str:
    return (
        "Bot accounts cannot be made. System Console > Integrations > Bot Accounts > Enable Bot Account Creation: true."
    )


def commands_off() -> str:
    return (
        "Slash commands are off. System Console > Integrations > Integration Management > Enable Custom Slash Commands: "
        "true."
    )


def connections(host: str) -> str:
    return (
        f"Mattermost does not call internal addresses such as {host}. System Console > Environment > Developer > Allow "
        f"untrusted internal connections to: add {host}"
    )


def override_off() -> str:
    return (
        "  note   What one person alone is shown stands under that person's own name. For the bot's name instead: System "
        "Console > Integrations > Integration Management > Enable integrations to override usernames: true. That counts "
        "for every integration of the server; Chorus works without it."
    )


def settings_first() -> str:
    return "Change what is named above, in Mattermost's System Console, then run setup again. Nothing was made yet."


def too_old(found: str) -> str:
    return f"This Mattermost is {found}; Chorus needs 5.37 or later. Please update Mattermost first."


def version_unknown() -> str:
    return "This server does not say which version of Mattermost it is: does a proxy strip its headers and settings?"


def name_of_a_person(name: str) -> str:
    return f"  wrong  @{name} is a person's account. Please choose another username for the bot."


def bot_of_a_plugin(name: str, plugin: str) -> str:
    return f"  wrong  The bot @{name} belongs to the plugin {plugin}. Please choose another username for Chorus' bot."


def left_alone(name: str) -> str:
    return f"  note   The bot @{name} stays as it is."


def no_username(name: str) -> str:
    return f"{name!r} cannot be a bot's username: a letter first, then letters, digits, dots, dashes, at most 22, all small."


def command_taken(trigger: str, team: str, url: str, creator: str) -> str:
    by = f", made by @{creator}" if creator else ""
    return f"  wrong  /{trigger} in the team {team} leads to {url}{by}: another app, or another Chorus."


def command_left(trigger: str, team: str) -> str:
    return (
        f"/{trigger} in the team {team} stays as it is; Chorus needs that word. Remove that command in Mattermost "
        "(Integrations > Slash Commands) and run setup again, or run it with --take-over. What was made is kept."
    )


def command_refused(trigger: str, team: str) -> str:
    return (
        f"Mattermost does not let the team {team} have a command /{trigger}: the word is taken, by Mattermost or by a "
        "plugin. Turn that plugin off (System Console > Plugins), then run setup again. What was made is kept."
    )


def no_ephemerals_here() -> str:
    return "  note   The right to notices of its own can be granted on Mattermost 11 without a licence only; left out."


def no_team() -> str:
    return "This Mattermost has no team yet. Make one, then run setup again."


def unknown_team(name: str, near: list[str]) -> str:
    what = f"There is no team {name!r}" if name else "Name at least one team"
    return f"{what}. Its name is the part behind the address: try {', '.join(near)}."


def unencrypted(url: str) -> str:
    return f"  note   {url} is not encrypted: whoever listens on the way could read what you type now. Better: https://"


# Errors


def in_environment(names: list[str]) -> str:
    return (
        f"These are set in the environment and would override .env: {', '.join(names)}. Unset them "
        f"(`unset {' '.join(names)}`) and run setup again."
    )


def key_lost() -> str:
    return (
        "Questions and answers are stored with a key that is missing. Put CHORUS_ENCRYPTION_KEYS back from your copy of "
        ".env, then run setup again. Nothing was changed."
    )


def tokens_of_another_server(known: str, url: str) -> str:
    of = f"belong to {known}" if known else "belong to no address in .env"
    return f"  note   The tokens in CHORUS_BOT_TOKENS {of}. They are not sent to {url}, and do not stay in .env."


def option_needed(option: str) -> str:
    return f"With --yes nothing is asked, so {option} is needed."


def secret_needed() -> str:
    return (
        "With --yes nothing is asked, so the environment has to hold an administrator's access token in "
        "CHORUS_SETUP_TOKEN, or, with --user, the password in CHORUS_SETUP_PASSWORD."
    )


def no_address(why: str) -> str:
    return f"That {why}."


def setting_wrong(name: str, why: str) -> str:
    return f"{name} {why}. Please fix it in .env, then run setup again."


def not_signed_in(user: str) -> str:
    return (
        f"Mattermost does not let {user} in: name, password or code is wrong, or the account was locked after too many "
        "wrong passwords (then reset the password). If you use single sign-on, use a personal access token, or "
        f"do each step by hand: `{FLASK} setup --print` shows them."
    )


def token_refused() -> str:
    return (
        "Mattermost does not accept this access token: it is wrong, revoked, or personal access tokens are off. Sign "
        "in by username and password instead."
    )


def no_administrator(name: str) -> str:
    return (
        f"@{name} is not a system administrator. Ask one to run this, or to do the steps that "
        f"`{FLASK} setup --print` shows."
    )


def session_left() -> str:
    return "  note   The session could not be ended. In Mattermost: Profile > Security > View and Log Out of Active Sessions."


def session_gone() -> str:
    return "Mattermost ended the session in the middle. What was made is kept: run setup again."


def certificate(url: str) -> str:
    return (
        f"The certificate of {url} is not trusted. If an authority of your own signed it, name its file in .env: "
        "CHORUS_CA_FILE=/path/to/authority.pem, then run setup again. Nothing was changed."
    )


def unknown_host(host: str) -> str:
    return (
        f"This machine does not know the host {host}. Check the address for a slip, and this machine's DNS; behind a "
        "proxy, set CHORUS_PROXY in .env. Nothing was changed."
    )


def no_connection(url: str) -> str:
    return (
        f"Nothing answers at {url}. Check the address and its port, whether Mattermost runs, and firewalls in between; a "
        "proxy is named by CHORUS_PROXY in .env. Nothing was changed."
    )


def redirected(url: str, to: str) -> str:
    return (
        f"{url} leads elsewhere: {to}. Give the address that it ends at, with https:// and its sub-path. Nothing was "
        "changed."
    )


def no_mattermost(url: str, why: str) -> str:
    return (
        f"What answers at {url} is not Mattermost ({why}). Check the address and its sub-path, if it has one. Nothing was "
        "changed."
    )


def not_now(url: str, why: str) -> str:
    return f"{url} does not answer as it should ({why}). Is Mattermost running? Nothing was changed."


def broken_off(what: str) -> str:
    return f"Mattermost did not answer as it should ({what}). What was made is kept: run setup again."


def forbidden(what: str) -> str:
    return f"Mattermost does not let this account do that ({what}). Setup needs a system administrator with all rights."


def refused(what: str) -> str:
    return f"Mattermost refused ({what}). What was made is kept: fix that, then run setup again."


def own_refusal(what: str) -> str:
    return f"Setup cannot go on: {what}. If CHORUS_CA_FILE is set in .env, it must name a file of certificates (PEM)."


def env_not_written(path: Path, why: str) -> str:
    return f"{path} cannot be written: {why or 'unknown reason'}. Check the folder's owner and the disk, then run setup again."


def not_writable(name: str) -> str:
    return f"{name} would not be read from .env as it was written, so it was not written. Setup cannot go on."
