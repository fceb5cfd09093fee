"""The slash commands: one of ours in each team, and its token in `.env`."""

from __future__ import annotations

from mmapp.errors import AppError
from mmapp.mattermost.admin import Bot, Command, Team
from mmapp.mattermost.errors import BadRequest, NotFound
from mmapp.mattermost.ids import is_id
from mmapp.setup.work import Work, joined
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

TRIGGER = "ai"
PATH = "/mattermost/slash"


def find_or_make(work: Work, bot: Bot, team: Team) -> None:
    """Ours in this team, with its token written down."""
    listed = work.admin.commands(team.id)
    # Known by its token as well: it led here before an address changed.
    tokens = {token for _, token in work.pairs("COMMAND_TOKENS")}
    ours = [command for command in listed if command.url == work.public_url + PATH or command.token in tokens]
    known = next((command for command in ours if command.trigger == TRIGGER), None)
    command = _put_right(work, bot, team, known) if known else _new(work, bot, team, listed)
    valid = {each.token for each in (*ours, command)}
    others = [pair for pair in work.pairs("COMMAND_TOKENS") if pair[0] != team.id or pair[1] in valid]
    pair = (team.id, command.token)
    work.save(command_tokens=joined(others if pair in others else [*others, pair]))


def _put_right(work: Work, bot: Bot, team: Team, command: Command) -> Command:
    """Ours as it should be: sent here by POST, and answered under the bot's name where the server allows that."""
    wanted = {"url": work.public_url + PATH, "method": "P", "username": bot.username}
    changes = {key: value for key, value in wanted.items() if getattr(command, key) != value}
    if not changes:
        work.kept(texts.command(command.trigger, team.display_name))
        return command
    changed = work.admin.update_command(command, changes)
    work.did(texts.command_put_right(command.trigger, team.display_name))
    return changed


def _new(work: Work, bot: Bot, team: Team, listed: list[Command]) -> Command:
    """Ours from now on. Raises AppError where the word is another's and stays so."""
    taken = next((command for command in listed if command.trigger == TRIGGER), None)
    if taken is None:
        return _made(work, bot, team)
    work.person.tell(trouble.command_taken(TRIGGER, team.display_name, taken.url, _creator(work, taken)))
    if work.wishes.take_over or work.person.agrees(texts.take_over_command(TRIGGER, work.public_url)):
        return _taken_over(work, bot, team, taken)
    raise AppError(trouble.command_left(TRIGGER, team.display_name))


def _made(work: Work, bot: Bot, team: Team) -> Command:
    fields = _fields(work, bot) | {
        "team_id": team.id,
        "trigger": TRIGGER,
        "display_name": texts.DISPLAY_NAME,
        "description": texts.DESCRIPTION,
        "auto_complete": True,
        "auto_complete_desc": texts.COMMAND_DESCRIPTION,
        "auto_complete_hint": texts.COMMAND_HINT,
    }
    try:
        made = work.admin.create_command(fields)
    except BadRequest as error:
        if not error.own:
            raise
        raise AppError(trouble.command_refused(TRIGGER, team.display_name)) from None
    work.did(texts.command(TRIGGER, team.display_name))
    return made


def _taken_over(work: Work, bot: Bot, team: Team, command: Command) -> Command:
    """Another's command, led here. First its token changes: whoever had it could still speak in its name."""
    work.admin.renew_command_token(command)
    changed = work.admin.update_command(command, _fields(work, bot))
    work.did(texts.command(command.trigger, team.display_name))
    return changed


def _fields(work: Work, bot: Bot) -> dict[str, str]:
    # The picture's address is Mattermost's own: where people's browsers reach the one, they reach the other.
    picture = f"{work.url}/api/v4/users/{bot.id}/image"
    return {"url": work.public_url + PATH, "method": "P", "username": bot.username, "icon_url": picture}


def _creator(work: Work, command: Command) -> str:
    """Who made a command; empty where the account is gone."""
    try:
        return work.admin.user(command.creator_id).username if is_id(command.creator_id) else ""
    except NotFound:
        return ""
