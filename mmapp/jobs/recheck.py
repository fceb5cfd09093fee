"""Whether what a summary was made from still stands, and may still be told: looked at again before it is, and when it is
gone on with. In between people delete, edit, leave and join. Where it has changed, it is read again, which ends at last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import structlog

from mmapp import nodes
from mmapp.errors import Gone
from mmapp.jobs import seen, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.jobs.seen import Seen

log = structlog.get_logger()

REREADS = 3  # readings anew; after these what has changed twice is left out
MOST = 6  # of them all; after these, so is what has changed once


def changed(worker: Worker, claimed: Claim, read: Mapping[str, Seen]) -> Collection[str]:
    """The ids of posts of it that are gone by now, or read otherwise: what was noted of them is dropped, and all is to be
    read again. New posts are no reason.

    Raises Refused where it may not be asked for, read or told any more as it was to be, and a MattermostError.
    """
    try:
        now = seen.of(
            worker.settings.secret_key.get_secret_value(),
            sought.afresh(worker, until_then(claimed.payload, read)).posts,
        )
    except Gone:
        _drop(worker, read.values())
        raise
    found = {post_id: post for post_id, post in read.items() if now.get(post_id) != post}
    if found:
        log.info("posts have changed while they were read", request=claimed.request_id, posts=len(found))
        _drop(worker, found.values())
    return found.keys()


def once_more(payload: Payload, read: Mapping[str, Seen], changed: Collection[str]) -> Payload:
    """What it is read again with. A message that goes on changing, as a bot's does that says how far it is, is left out at
    last, and so is what comes new."""
    changes = payload.changes | {post_id: payload.changes.get(post_id, 0) + 1 for post_id in changed}
    again = payload.but(rereads=payload.rereads + 1, changes=changes)
    if payload.rereads < REREADS:
        return again
    restless = [post_id for post_id in changed if changes[post_id] > 1 or payload.rereads >= MOST]
    return until_then(again, read).but(unsteady=(*payload.unsteady, *restless))


def until_then(payload: Payload, read: Mapping[str, Seen]) -> Payload:
    """What came later was not read, and however much it is, it is not more than anybody reads."""
    last = max(post.at for post in read.values())
    return payload.but(until=min(payload.until or last, last))


def _drop(worker: Worker, posts: Iterable[Seen]) -> None:
    times: dict[str, list[int]] = {}
    for post in posts:
        times.setdefault(post.channel_id, []).append(post.at)
    with worker.database.write() as session:
        for channel_id, at in times.items():
            nodes.drop_around(session, channel_id, *at)
