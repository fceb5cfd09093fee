"""What `flask --app app setup` says."""

from pathlib import Path

from mmapp.texts.plain import FLASK, START

DISPLAY_NAME = "Chorus"
DESCRIPTION = "Chorus: private AI on your own machines. Type /ai for what it can do."
COMMAND_DESCRIPTION = "Ask the models that run on your own machines"
COMMAND_HINT = "ask | stop | new | help"


def welcome() -> str:
    return (
        "This connects Chorus to your Mattermost: a bot, its slash command, and the file .env. It can be run again at "
        "any time; what is there already is kept."
    )


# Questions


def which_mattermost() -> str:
    return "Mattermost's address, such as https://chat.example.org"


def which_public_url() -> str:
    return "Where Mattermost reaches Chorus"


def about_public_url() -> str:
    return (
        "Mattermost calls Chorus as well. 127.0.0.1 is right only when Mattermost runs on this machine and not in a "
        "container; otherwise give an address that Mattermost can reach."
    )


def how_to_sign_in() -> str:
    return (
        "An administrator has to sign in once. Neither password nor token is saved. Without either, for example with "
        "single sign-on, leave both empty: then each step is shown, to be done by hand."
    )


def which_administrator() -> str:
    return "Administrator's username or email (empty: by access token, or by hand)"


def which_token() -> str:
    return "Administrator's personal access token, not shown (empty: by hand)"


def password(user: str) -> str:
    return f"Password of {user}, not shown"


def code() -> str:
    return "Mattermost does not accept that. The code of your authenticator app, if you use one (else Enter)"


def teams(names: list[str], more: int) -> str:
    return f"Teams here: {', '.join(names)}" + (f" and {more} more" if more else "")


def which_teams() -> str:
    return "Teams that get the command, separated by spaces"


def which_bot() -> str:
    return "The bot's username"


def another_bot_name() -> str:
    return "Another username for the bot"


def use_this_bot(name: str, owner: str, description: str) -> str:
    said = f', described as "{description}"' if description else ""
    return f"There is a bot @{name} already, made by @{owner}{said}. Use this bot for Chorus?"


def take_over_command(trigger: str, public_url: str) -> str:
    return f"Let /{trigger} lead to {public_url} from now on? The app that it leads to now loses it."


def look_again(number: int) -> str:
    return f"Look again, once {'it is' if number == 1 else 'they are'} changed?"


def what_ephemerals_cover(bot: str) -> str:
    return (
        "\nOptional: notices that one person alone sees (a place in line, a refusal) can come from the bot itself; "
        "otherwise they stand under the name of whoever typed the command. For that, the role system_post_all_public gets "
        f"the right create_post_ephemeral, and @{bot} gets the role. What that covers: every channel and every person of "
        "the server; the bot could show a notice to anybody anywhere, and post in public channels that it has not joined. "
        "Every other bot with that role gets the right as well. Chorus works without it."
    )


def grant_ephemerals() -> str:
    return "Grant it?"


# What was done


def did(what: str) -> str:
    return f"  done   {what}"


def kept(what: str) -> str:
    return f"  kept   {what}"


def fault(what: str) -> str:
    return f"  wrong  {what}"


def settings_right() -> str:
    return "Mattermost's settings, which are as Chorus needs them"


def bot(name: str) -> str:
    return f"the bot @{name}"


def bot_enabled(name: str) -> str:
    return f"the bot @{name}, enabled again"


def picture() -> str:
    return "its picture"


def token(name: str) -> str:
    return f"a token for @{name}"


def token_description(host: str, folder: Path) -> str:
    return f"Chorus at {host}:{folder}"[:255]


def token_revoked() -> str:
    return "a token revoked that an earlier run had made and lost"


def member(bot: str, team: str) -> str:
    return f"@{bot} as a member of the team {team}"


def command(trigger: str, team: str) -> str:
    return f"the command /{trigger} in the team {team}"


def command_put_right(trigger: str, team: str) -> str:
    return f"the command /{trigger} in the team {team}, put right (address, method POST, the bot's name)"


def ephemerals(bot: str) -> str:
    return f"the right of @{bot} to notices of its own"


def saved(path: Path, names: list[str]) -> str:
    what = ", ".join(name.replace("_", " ") for name in names)
    return f"{path.name}, for you alone to read" + (f": {what}" if what else "")


def _next() -> str:
    return f"""Next:
  {START:<34} (starts Chorus)
  {f"{FLASK} doctor":<34} (in another terminal: is all as it should be?)
  {"then, in a channel of Mattermost:":<34} /ai on   (by an admin of it; in channels that are off, nobody can ask)
  {"":<34} /ai ask What can you do?"""


def done(changes: int) -> str:
    changed = "" if changes else "Nothing had to be changed.\n"
    return f"""
{changed}{_next()}
Keep a copy of CHORUS_ENCRYPTION_KEYS from .env: without it, what people wrote cannot be read any more."""


def not_on_this_machine(host: str, port: str) -> str:
    return (
        f"  note   Chorus listens on {host}:{port}. Let a reverse proxy lead there from the address that you gave, or set "
        "CHORUS_HOST in .env (docs/SETTINGS.md)."
    )


def env_head() -> str:
    return f"# Chorus' settings, begun by `{FLASK} setup`; docs/SETTINGS.md describes them all.\n"


# By hand


def by_hand(url: str, slash_url: str, internal: str, bot: str, env: Path) -> str:
    """`internal` is the host of an address that Mattermost does not call unasked; empty where it is none."""
    steps = [
        f"System Console > Environment > Web Server > Site URL: {url}",
        "System Console > Integrations > Bot Accounts > Enable Bot Account Creation: true",
        "System Console > Integrations > Integration Management > Enable Custom Slash Commands: true",
        *([_untrusted(internal)] if internal else []),
        f"""Integrations > Bot Accounts > Add Bot Account
     Username: {bot}      Display Name: {DISPLAY_NAME}      Role: Member
     Description: {DESCRIPTION}
     Bot Icon: static/icon.png
   Copy the token that is shown once.""",
        f"In each team: Invite People > {bot}     (or: mmctl team users add TEAM {bot})",
        f"""In each team: Integrations > Slash Commands > Add Slash Command
     Title: {DISPLAY_NAME}      Command Trigger Word: ai      Request Method: POST
     Request URL: {slash_url}
     Response Username: {bot}
     Autocomplete: on, hint "{COMMAND_HINT}", description "{COMMAND_DESCRIPTION}"
   Copy its token, and the team's id: mmctl team search NAME --json, or System Console > User Management > Teams >
   the team, where the id ends the address.""",
        f"""Fill in these two lines of {env} (addresses and keys are there already):
     CHORUS_BOT_TOKENS={bot}=THE-BOTS-TOKEN
     CHORUS_COMMAND_TOKENS=THE-TEAMS-ID=THE-COMMANDS-TOKEN     (more teams: separated by commas)""",
    ]
    listed = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    return f"""
Each step, to be done by an administrator in {url}:

{listed}

{_next()}"""


def _untrusted(host: str) -> str:
    return f"System Console > Environment > Developer > Allow untrusted internal connections to: add {host}"
