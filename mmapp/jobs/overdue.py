"""A summary whose delivery had to wait: what it was made from is looked at once more before anything of it is told."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import delete

from mmapp import items, nodes
from mmapp.db import clock
from mmapp.errors import Gone
from mmapp.jobs import carried, making, queue, recheck, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.models import Message

log = structlog.get_logger()

LATE = timedelta(seconds=10)  # after the last look; until then it is the second that SUMMARIES.md tells of


def must_be_made_again(worker: Worker, claimed: Claim, question: Message, answer: Message) -> bool:
    """Whether messages of it were edited or deleted meanwhile, or their people opted out.

    Raises Refused where it may not be told any more as it was to be, and a MattermostError.
    """
    payload = claimed.payload
    made = answer.provenance.get("summary")
    if made is None or payload.rewrite or payload.shared or not _waited(worker, claimed, answer):
        return False
    try:
        found = sought.afresh(worker, recheck.until(payload, answer.read_until))
    except Gone:
        return True  # whoever makes it again says so
    left_out = {question.post_id, *payload.unsteady}
    posts = [post for post in found.posts if post.id not in left_out and post.create_at <= answer.read_until]
    return bool(making.digest(worker.settings.secret_key.get_secret_value(), making.seen(posts)) != made["digest"])


def tells_what_is_gone(worker: Worker, claimed: Claim, answer: Message) -> bool:
    """Whether a digest tells something again that stands there no more as it did. Raises a MattermostError."""
    told = answer.provenance.get("carried", [])
    if not told or claimed.payload.rewrite or claimed.payload.shared or not _waited(worker, claimed, answer):
        return False
    return carried.is_stale(worker, told)


def make_again(worker: Worker, claimed: Claim, *, anew: bool) -> None:
    """The end of its delivery. Which of the notes have held what is gone, nobody knows by now: where it is to be read `anew`,
    those of all these channels go."""
    log.info("messages have changed while a summary waited to be posted", request=claimed.request_id)
    payload = claimed.payload.but(answer_id="", unsure=True)
    with worker.database.write() as session:
        for source in payload.sources if anew else ():
            nodes.drop_since(session, source.channel_id, source.since)
        items.drop_run(session, claimed.request_id)
        session.execute(delete(Message).where(Message.id == claimed.payload.answer_id))
        line = queue.model_queue(payload.model)
        request_id, class_, thread = claimed.request_id, claimed.class_, claimed.thread
        queue.enqueue(session, "summarize", line, payload, request_id=request_id, class_=class_, thread=thread)
        queue.finish(session, claimed)


def _waited(worker: Worker, claimed: Claim, answer: Message) -> bool:
    with worker.database.read() as session:
        return claimed.attempts > 1 or clock(session) - answer.created_at > LATE
