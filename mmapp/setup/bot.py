"""The bot: its account, its picture, its token, its teams, and its right to ephemerals of its own."""

from __future__ import annotations

import re
import socket

from mmapp import config
from mmapp.errors import ConfigError
from mmapp.mattermost.admin import Bot, Team
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import NotFound, Unauthorized
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.payloads import User
from mmapp.setup.work import Work, joined
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble

NAME = "ai"
ROLE, RIGHT = "system_post_all_public", "create_post_ephemeral"
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{0,21}")


def find_or_make(work: Work) -> Bot:
    """The bot of this installation, enabled."""
    tokens = work.pairs("BOT_TOKENS")
    usual = work.wishes.bot or (tokens[0][0] if tokens else NAME)
    name = usual if work.wishes.bot else work.person.ask(texts.which_bot(), username, usual, "--bot")
    while True:
        account = work.admin.find_user(username(name))
        if account is None:
            return _make(work, name)
        bot, problem = _usable(work, account)
        if bot:
            return _enabled(work, bot)
        work.person.tell(problem)
        name = work.person.ask(texts.another_bot_name(), username, None, "--bot")


def username(name: str) -> str:
    """A name that a bot may have. Raises ConfigError."""
    if not _USERNAME.fullmatch(name):
        raise ConfigError(trouble.no_username(name))
    return name


def _make(work: Work, name: str) -> Bot:
    bot = work.admin.create_bot(name, texts.DISPLAY_NAME, texts.DESCRIPTION)
    work.did(texts.bot(name))
    return bot


def _usable(work: Work, account: User) -> tuple[Bot | None, str]:
    """The account as a bot of ours, or why it is none."""
    if not account.is_bot:
        return None, trouble.name_of_a_person(account.username)
    bot = work.admin.bot(account.id)
    if bot.description == texts.DESCRIPTION or _token_of(work, bot):
        return bot, ""
    if not is_id(bot.owner_id):  # a plugin, which the bot belongs to with all that it does
        return None, trouble.bot_of_a_plugin(bot.username, bot.owner_id)
    question = texts.use_this_bot(bot.username, _owner(work, bot), bot.description)
    if work.wishes.take_over or work.person.agrees(question):
        return bot, ""
    return None, trouble.left_alone(bot.username)


def _owner(work: Work, bot: Bot) -> str:
    try:
        return work.admin.user(bot.owner_id).username
    except NotFound:
        return bot.owner_id


def _enabled(work: Work, bot: Bot) -> Bot:
    if bot.is_enabled:
        work.kept(texts.bot(bot.username))
        return bot
    enabled = work.admin.enable_bot(bot.id)
    work.did(texts.bot_enabled(bot.username))
    return enabled


def give_picture(work: Work, bot: Bot) -> None:
    """Ours, unless somebody chose one."""
    if work.admin.has_picture(bot.id):
        work.kept(texts.picture())
        return
    work.admin.set_picture(bot.id, (config.ROOT / "static" / "icon.png").read_bytes())
    work.did(texts.picture())


def tokens(work: Work, bot: Bot) -> str:
    """The bots' tokens for `.env`: this bot's as it is there and still good, else a new one, in the place of a lost one."""
    tell_of_another_server(work)
    name, token = username(bot.username), _token_of(work, bot)  # a server could name two, with a token of its own
    if token:
        work.kept(texts.token(name))
    else:
        description = texts.token_description(socket.gethostname(), config.ROOT)
        for token_id, said in work.admin.tokens(bot.id).items():
            if said == description:  # of this very folder, and not in its `.env`: nobody can know it
                work.admin.revoke_token(token_id)
                work.did(texts.token_revoked())
        token = work.admin.create_token(bot.id, description)
        work.did(texts.token(name))
    return joined([(name, token), *(pair for pair in work.bot_tokens() if pair[0] != name)])


def tell_of_another_server(work: Work) -> None:
    """Say it where the tokens of `.env` are for another address: they are not sent to this one, and not kept for it."""
    if work.pairs("BOT_TOKENS") and not work.bot_tokens():
        work.person.tell(trouble.tokens_of_another_server(work.known("MATTERMOST_URL"), work.url))


def _token_of(work: Work, bot: Bot) -> str:
    """The token of this bot that the settings hold for this server; empty where none is good."""
    for token in filter(is_id, dict(work.bot_tokens()).values()):
        client = Client(work.url, token, ca_file=work.known("CA_FILE") or None, proxy=work.known("PROXY") or None)
        try:
            if client.me().id == bot.id:
                return token
        except Unauthorized:
            continue
        finally:
            client.close()
    return ""


def join(work: Work, bot: Bot, team: Team) -> None:
    """Make the bot a member of a team."""
    if work.admin.in_team(team.id, bot.id):
        work.kept(texts.member(bot.username, team.display_name))
        return
    work.admin.add_to_team(team.id, bot.id)
    work.did(texts.member(bot.username, team.display_name))


def offer_ephemerals(work: Work, bot: Bot, version: tuple[int, int, int]) -> bool:
    """The right to private notices in the bot's own name, of 11 without a licence alone: whether the bot has it now."""
    if version < (11, 0, 0) or work.admin.is_licensed():
        if work.wishes.ephemerals:
            work.person.tell(trouble.no_ephemerals_here())
        return False
    role_id, permissions = work.admin.role(ROLE)
    roles = work.admin.user(bot.id).roles
    if RIGHT in permissions and ROLE in roles:
        work.kept(texts.ephemerals(bot.username))
        return True
    if not work.wishes.ephemerals:
        work.person.tell(texts.what_ephemerals_cover(bot.username))
        if not work.person.agrees(texts.grant_ephemerals()):
            return False
    if RIGHT not in permissions:
        work.admin.set_permissions(role_id, {*permissions, RIGHT})
    work.admin.set_roles(bot.id, {*roles, ROLE})
    work.did(texts.ephemerals(bot.username))
    return True
