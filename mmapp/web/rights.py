"""Rights that are asked for at the click: whoever may not be asked for just now may not."""

from __future__ import annotations

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
    try:
        return audience.may_manage(edge().client_of(bot), channel_id, person_id)
    except MattermostError as error:
        error_id = logs.new_error_id()
        log.warning("a right could not be asked for", error_id=error_id, why=str(error))
        raise NotAsked(trust.not_asked(error_id)) from None
