"""Rights that are asked for at the click: whoever may not be asked for just now may not."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from mmapp import logs
from mmapp.chat import audience
from mmapp.errors import NotAsked
from mmapp.mattermost.errors import MattermostError
from mmapp.texts import trust
from mmapp.web.edge import edge

log = structlog.get_logger()


def may_manage(bot: str, channel_id: str, person_id: str) -> bool:
    """Whether the person is an admin there, asked as this bot. Raises NotAsked where Mattermost does not say."""
    return _asked(lambda: audience.may_manage(edge().client_of(bot), channel_id, person_id))


def may_read(bot: str, channel_id: str, person_id: str) -> bool:
    """Whether the person may read there, asked as this bot. Raises NotAsked where Mattermost does not say."""
    return _asked(lambda: audience.is_reader(edge().client_of(bot), channel_id, person_id))


def may_rule(bot: str, whose: str, channel_id: str, team_id: str, person_id: str) -> bool:
    """Whether the person sets the rules of this channel, of its team, or of everyone. Raises NotAsked."""
    if whose == "channel":
        return may_manage(bot, channel_id, person_id)
    team = team_id if whose == "team" else ""
    return _asked(lambda: audience.may_rule(edge().client_of(bot), team, person_id))


def _asked(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except MattermostError as error:
        error_id = logs.new_error_id()
        log.warning("a right could not be asked for", error_id=error_id, why=str(error))
        raise NotAsked(trust.not_asked(error_id)) from None
