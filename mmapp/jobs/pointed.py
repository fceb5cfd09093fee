"""What somebody points at: a post by its link or id, and the thread that a command was typed in.

Whatever is wrong with it, the words are the same: others would tell which posts exist.
"""

from __future__ import annotations

from mmapp.chat import audience
from mmapp.errors import Refused
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound
from mmapp.mattermost.errors import Refused as NotAnId
from mmapp.mattermost.payloads import Post
from mmapp.texts import ask as texts


def post(worker: Worker, post_id: str) -> Post:
    """Raises Refused where there is none that the bot can read."""
    try:
        return worker.client.post(post_id)
    except NotAnId:
        raise Refused(texts.no_such_thread()) from None
    except (Forbidden, NotFound, BadRequest) as error:
        if not error.own:
            raise
        raise Refused(texts.no_such_thread()) from None


def root_here(worker: Worker, payload: Payload) -> Post:
    """The root of the thread that it was typed in: `root_id` is the client's choice, so it is fetched and compared.

    Raises Refused.
    """
    root = post(worker, payload.root_id)
    if root.channel_id != payload.channel_id or root.root_id:
        raise Refused(texts.no_such_thread())
    return root


def may_read(worker: Worker, channel_id: str, person_id: str) -> bool:
    """Whether somebody may read a channel, as far as the bot can see it: nobody may where it cannot look."""
    try:
        return audience.may_read(worker.client, channel_id, person_id, worker.bot_id)
    except Forbidden as error:
        if not error.own:
            raise
        return False
