"""Whether what a summary was made from still stands, and may still be told: looked at again before it is, and when it is
gone on with. In between people delete, edit, leave and join."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import structlog

from mmapp import nodes
from mmapp.errors import Gone
from mmapp.jobs import making, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.making import Seen
from mmapp.jobs.payload import Payload

log = structlog.get_logger()


def changed(worker: Worker, claimed: Claim, read: Mapping[str, Seen]) -> Collection[str]:
    """The ids of posts of it that are gone by now, or read otherwise: what was noted of them is dropped, and all is to be
    read again. New posts are no reason.

    Raises Refused where it may not be asked for, read or told any more as it was to be, and a MattermostError.
    """
    try:
        now = making.seen(sought.afresh(worker, until_then(claimed.payload, read)).posts)
    except Gone:
        _drop(worker, read.values())
        raise
    found = {post_id: post for post_id, post in read.items() if now.get(post_id) != post}
    if found:
        log.info("posts have changed while they were read", request=claimed.request_id, posts=len(found))
        _drop(worker, found.values())
    return found.keys()


def until_then(payload: Payload, read: Mapping[str, Seen]) -> Payload:
    """What came later was not read, and however much it is, it is not more than anybody reads."""
    return until(payload, max(post.at for post in read.values()))


def until(payload: Payload, last: int) -> Payload:
    """The same to a time (ms)."""
    return payload.but(sources=tuple(replace(one, until=min(one.until, last)) for one in payload.sources))


def _drop(worker: Worker, posts: Iterable[Seen]) -> None:
    times: dict[str, list[int]] = {}
    for post in posts:
        times.setdefault(post.channel_id, []).append(post.at)
    with worker.database.write() as session:
        for channel_id, at in times.items():
            nodes.drop_around(session, channel_id, *at)
