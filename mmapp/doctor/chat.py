"""Mattermost as the bot sees it: reached, new enough, on time, and with a bot, teams and commands that fit the settings."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from mmapp.config import Settings
from mmapp.doctor.base import Case, Finding, Level, fault, ok, warning
from mmapp.doctor.storage import MOST_APART
from mmapp.mattermost.errors import (
    Garbled,
    MattermostError,
    RateLimited,
    Redirected,
    Refused,
    Unauthorized,
    Unreachable,
)
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.payloads import User
from mmapp.mattermost.server import OLDEST, Server
from mmapp.mattermost.wire import NotSent
from mmapp.texts import doctor_chat as texts

TRIGGER = "ai"


def reachable(case: Case) -> Iterator[Finding]:
    """The address answers, and as a Mattermost does; whether it accepts the token is the next question."""
    url = case.settings.mattermost_url
    if case.settings.proxy is None and not resolves(url):
        yield fault(texts.unknown_host(urlsplit(url).hostname or ""))
        return
    try:
        case.server = _server(case.settings, case.settings.bot[1])
        case.greeting = case.server.greet()
    except Refused:
        yield fault(texts.no_certificates(str(case.settings.ca_file)))
    except Unauthorized as error:
        yield ok(texts.mattermost(url)) if error.own else fault(texts.something_between(url, str(error)))
    except MattermostError as error:
        yield fault(_unreached(url, error))
    else:
        yield ok(texts.mattermost(url))


def _server(settings: Settings, token: str) -> Server:
    ca_file = str(settings.ca_file) if settings.ca_file else None
    return Server(settings.mattermost_url, token, ca_file=ca_file, proxy=settings.proxy)


def resolves(url: str) -> bool:
    """Whether the address's host is known here."""
    try:
        socket.getaddrinfo(urlsplit(url).hostname, None)
    except OSError:
        return False
    return True


def _unreached(url: str, error: MattermostError) -> tuple[str, str]:
    match error:
        case NotSent() if "certificate" in error.what:
            return texts.certificate(url)
        case NotSent():
            return texts.refused(url)
        case Redirected():
            return texts.redirected(url, error.what)
        case Garbled():
            return texts.no_mattermost(url)
        case RateLimited() | Unreachable():
            return texts.busy(url, str(error))
    return texts.something_between(url, str(error))


def token(case: Case) -> Iterator[Finding]:
    """The bot's token is accepted, and is the token of that bot."""
    name = case.settings.bot[0]
    if "greeting" not in case.__dict__:
        yield fault(texts.token_refused(name))
        return
    case.me = case.greeting.me
    yield _account(name, case.me)


def _account(name: str, me: User) -> Finding:
    """What is to be said of the account that a bot's token belongs to."""
    if me.username != name:
        return fault(texts.another_bot(name, me.username))
    if not me.is_bot:
        return warning(texts.no_bot(name))
    return warning(texts.bot_is_admin(name)) if me.is_system_admin else ok(texts.token(name))


def others(case: Case) -> Iterator[Finding]:
    """The further bots of CHORUS_BOT_TOKENS: each its own token's, and in a team where people can address it."""
    wanted = {team for team, _ in case.settings.command_tokens}
    for name, secret in case.settings.bot_tokens[1:]:
        with closing(_server(case.settings, secret.get_secret_value())) as server:
            try:
                found = _account(name, server.greet().me)
            except Unauthorized as error:
                if not error.own:
                    raise
                found = fault(texts.token_refused(name))
            yield found
            if found.level is not Level.FAULT and not wanted & server.teams().keys():
                yield fault(texts.in_no_team(name))


def version(case: Case) -> Iterator[Finding]:
    """New enough."""
    found = case.greeting.version
    shown = ".".join(map(str, found or ()))
    if found is None:
        yield warning(texts.version_unknown())
    elif found < OLDEST:
        yield fault(texts.too_old(shown))
    else:
        yield ok(texts.version(shown))


def on_time(case: Case) -> Iterator[Finding]:
    """Mattermost's clock and this machine's."""
    ahead = case.greeting.ahead
    if ahead is None:
        yield warning(texts.clock_unknown())
    elif abs(ahead) > MOST_APART:
        yield warning(texts.clock(ahead))
    else:
        yield ok(texts.clock_right())


def configured(case: Case) -> Iterator[Finding]:
    """The server's settings that decide whether an app can work; what a version does not tell is not judged."""
    found = case.server.config()
    site = found.get("SiteURL", "").rstrip("/")
    if not site:
        yield fault(texts.no_site_url(case.settings.mattermost_url))
    elif site != case.settings.mattermost_url:
        yield fault(texts.other_site_url(case.settings.mattermost_url, site))
    if found.get("EnableCommands") == "false":
        yield fault(texts.no_commands())
    limit = found.get("PostEditTimeLimit", "")
    if limit.isdigit():
        yield warning(texts.edits_end(int(limit)))
    if site == case.settings.mattermost_url and found.get("EnableCommands") != "false":
        yield ok(texts.configured(site))


def teams(case: Case) -> Iterator[Finding]:
    """The bot is in each team that has a command of ours."""
    bot, wanted = case.me.username, dict.fromkeys(team for team, _ in case.settings.command_tokens)
    mine = case.server.teams()
    case.teams = {team: mine[team] for team in wanted if team in mine}
    for team in wanted:
        if not is_id(team):
            yield fault(texts.no_team_id(team))
        elif team not in mine:
            yield fault(texts.not_in_team(bot, team))
    if case.teams:
        yield ok(texts.in_teams(bot, list(case.teams.values())))


def commands(case: Case) -> Iterator[Finding]:
    """Each team offers `/ai`. Where it leads to is shown to administrators alone."""
    for team, name in case.teams.items():
        if TRIGGER in case.server.triggers(team):
            yield ok(texts.command(TRIGGER, name))
        else:
            yield warning(texts.no_command(TRIGGER, name, case.settings.public_url))
