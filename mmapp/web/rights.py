"""Rights that are asked for at the click: whoever may not be asked for just now may not."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from mmapp import logs
from mmapp.chat import audience
from mmapp.errors import NotAsked, Refused
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import BadRequest, Forbidden, MattermostError, NotFound
from mmapp.mattermost.errors import Refused as NotAnId
from mmapp.texts import model as model_texts
from mmapp.texts import trust
from mmapp.web.edge import edge

log = structlog.get_logger()


def may_manage(bot: str, channel_id: str, person_id: str, team_id: str = "") -> bool:
    """Whether the person is an admin there, asked as this bot; `team_id` is the channel's, where it is known. Raises NotAsked
    where Mattermost does not say, or the bot may not look."""
    return _seen(bot, _asked(lambda: audience.manages(edge().client_of(bot), channel_id, person_id, team_id)))


def takes_part(bot: str, channel_id: str, person_id: str) -> bool:
    """Whether the person is one of those who may ask there. Raises NotAsked, as above."""
    guests = edge().settings.guests
    return _seen(bot, _asked(lambda: audience.takes_part(edge().client_of(bot), channel_id, person_id, guests=guests)))


def require_root(bot: str, channel_id: str, root_id: str) -> None:
    """It is the root of a thread in this channel. Raises Refused where it is none, and NotAsked, as above."""
    if not _asked(lambda: _is_root(edge().client_of(bot), channel_id, root_id)):
        raise Refused(model_texts.no_thread())


def _is_root(client: Client, channel_id: str, root_id: str) -> bool:
    try:
        found = client.post(root_id)
    except NotAnId:
        return False
    except (BadRequest, Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False
    return found.channel_id == channel_id and not found.root_id


def may_read(bot: str, channel_id: str, person_id: str) -> bool:
    """Whether the person may read there, asked as this bot. Raises NotAsked where Mattermost does not say."""
    return _asked(lambda: audience.is_reader(edge().client_of(bot), channel_id, person_id)) is True


def may_rule(bot: str, whose: str, channel_id: str, team_id: str, person_id: str) -> bool:
    """Whether the person sets the rules of this channel, of its team, or of everyone. Raises NotAsked."""
    if whose == "channel":
        return may_manage(bot, channel_id, person_id, team_id)
    team = team_id if whose == "team" else ""
    return _asked(lambda: audience.may_rule(edge().client_of(bot), team, person_id)) is True


def _seen(bot: str, found: bool | None) -> bool:
    if found is None:
        raise NotAsked(trust.not_seen(bot))
    return found


def _asked(ask: Callable[[], bool | None]) -> bool | None:
    try:
        return ask()
    except MattermostError as error:
        error_id = logs.new_error_id()
        log.warning("a right could not be asked for", error_id=error_id, why=str(error))
        raise NotAsked(trust.not_asked(error_id)) from None
