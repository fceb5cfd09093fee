"""Where a new answer that did not come to be stands in the posts of the old one, all of it or its beginning, they read again as
they did: by a job of its own, since what ended its delivery may have been a death, or anything that nobody knows."""

from __future__ import annotations

from mmapp.jobs import posts, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.posting import Delivery, put_back
from mmapp.models import Message


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Put the old answer back. Nobody's right is looked up for it: these words stood there. Raises a MattermostError or
    LeaseLost."""
    with worker.database.read() as session:
        answer = session.get_one(Message, claimed.payload.answer_id)
        question = session.get_one(Message, claimed.request_id)
    if not question.deleted:
        posts.recall_if_seen(worker, claimed)
        put_back(Delivery(worker, claimed, lease, answer, question.person_name, parts=0))
    with worker.database.write() as session:
        queue.finish(session, claimed, "cancelled" if question.deleted else "done")
