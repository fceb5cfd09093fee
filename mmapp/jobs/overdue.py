"""The last look at an answer, before each attempt to show words of it for the first time: whether it may still be told where it
goes, and whether what it was made from still stands. An attempt may come hours after the one before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog
from sqlalchemy import delete

from mmapp import items
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import carried, digests, notify, outcome, posts, queue, readers, recheck, rewrite, seen, share
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.models import Job, Message
from mmapp.texts import summarize as texts

log = structlog.get_logger()

LATE = timedelta(seconds=10)  # after what it was made from was looked at; until then it is the second of SUMMARIES.md


def changed(worker: Worker, claimed: Claim, answer: Message, parts: int) -> Collection[str]:
    """The ids of posts that a summary was made from, and that are gone by now or read otherwise. None where all of its words
    stand there already.

    Raises Refused where it may not be told any more as it was to be, and a MattermostError.
    """
    payload = claimed.payload
    if not payload.rewrite and posts.carrying(worker, claimed.request_id).keys() >= set(range(parts)):
        return ()
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


def withhold(worker: Worker, claimed: Claim, error: Refused) -> None:
    """The end of a delivery that may not be: its person is told why. What was there before it was written anew stays; else
    nothing of it does, in posts (begun.py) or in reach of the next prompt."""
    payload = claimed.payload
    if payload.makes_digest:
        digests.refused(worker, claimed, error, outcome.unread)
        return
    with worker.database.write() as session:
        if payload.shared:
            queue.tell(session, claimed.request_id, error.sentence)
        elif payload.rewrite or not payload.is_summary:
            notify.refuse(session, claimed, error.sentence)
        else:
            notify.refuse(session, claimed, texts.not_told(error.sentence))
        if payload.rewrite:
            rewrite.put_back(session, claimed)
            queue.finish(session, claimed, "failed")
        else:
            outcome.unread(session, claimed)


def make_again(worker: Worker, claimed: Claim, changed: Collection[str]) -> None:
    """The end of a delivery of what does not stand any more. What its posts show gives way to the next one. Where nothing that
    was read has `changed`, what a digest tells again has, and it is put together anew."""
    log.info(
        "messages have changed while a summary waited to be posted", request=claimed.request_id, posts=len(changed)
    )
    payload = claimed.payload
    if changed:
        payload = recheck.once_more(payload, seen.from_json(payload.seen), changed)
    payload = payload.but(answer_id="", unsure=True, seen={}, before={})
    with worker.database.write() as session:
        if payload.rewrite:
            rewrite.put_back(session, claimed, going_on=True)
        else:
            items.drop_run(session, claimed.request_id)
            session.execute(delete(Message).where(Message.id == claimed.payload.answer_id))
            posts.doubt(session, claimed.request_id)
        line = queue.model_queue(payload.model)
        request_id, class_, thread = claimed.request_id, claimed.class_, claimed.thread
        queue.enqueue(session, "summarize", line, payload, request_id=request_id, class_=class_, thread=thread)
        queue.finish(session, claimed)


def _waited(worker: Worker, claimed: Claim) -> bool:
    with worker.database.read() as session:
        return claimed.attempts > 1 or clock(session) - session.get_one(Job, claimed.id).created_at > LATE
