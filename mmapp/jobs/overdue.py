"""The last look at an answer, before each attempt to show words of it for the first time, in a post or alone: who is told this,
may they be, and is it still so. An attempt may come hours after the one before."""

from __future__ import annotations

from collections.abc import Collection

from mmapp.chat.delivery import LATE
from mmapp.db import clock
from mmapp.jobs import carried, readers, recheck, seen, share
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.models import Job, Message


def changed(worker: Worker, claimed: Claim, answer: Message) -> Collection[str]:
    """The ids of posts that a summary was made from, and that are gone by now or read otherwise.

    Raises Refused where it may not be told any more as it was to be, and a MattermostError.
    """
    payload = claimed.payload
    if payload.shared:
        share.require(worker, payload, answer)
    elif payload.seen and _waited(worker, claimed):
        return recheck.changed(worker, claimed, seen.from_json(payload.seen))
    else:
        readers.require(worker, payload, answer.provenance["sources"])
    return ()


def tells_what_is_gone(worker: Worker, claimed: Claim, answer: Message) -> bool:
    """Whether a digest tells something again that stands there no more as it did. Raises a MattermostError."""
    told = answer.provenance.get("carried", [])
    if not told or claimed.payload.rewrite or claimed.payload.shared or not _waited(worker, claimed):
        return False
    return carried.is_stale(worker, told)


def _waited(worker: Worker, claimed: Claim) -> bool:
    """What is told alone has waited for its post before."""
    if claimed.kind == "notify":
        return True
    with worker.database.read() as session:
        return claimed.attempts > 1 or clock(session) - session.get_one(Job, claimed.id).created_at > LATE
