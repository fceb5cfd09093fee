"""What becomes of a delivery that the last look ends (overdue.py): it may not be, or is to be made again."""

from __future__ import annotations

from collections.abc import Collection

import structlog
from sqlalchemy import delete

from mmapp import items
from mmapp.errors import Refused
from mmapp.jobs import before, digests, notify, outcome, posts, queue, recheck, seen
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.models import Message
from mmapp.texts import summarize as texts

log = structlog.get_logger()


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
            before.put_back(session, claimed)
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
            before.put_back(session, claimed, going_on=True)
        else:
            items.drop_run(session, claimed.request_id)
            session.execute(delete(Message).where(Message.id == claimed.payload.answer_id))
            posts.doubt(session, claimed.request_id)
            if payload.makes_digest:
                digests.uncut(session, claimed)
        line = queue.model_queue(payload.model)
        request_id, class_, thread = claimed.request_id, claimed.class_, claimed.thread
        queue.enqueue(session, "summarize", line, payload, request_id=request_id, class_=class_, thread=thread)
        queue.finish(session, claimed)
