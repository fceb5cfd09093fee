"""What is kept of a request goes: it was deleted, or nothing of its answer may be told."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mmapp import items
from mmapp.jobs import posts, queue
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.models import OPEN, Job, Message, Rating


def everywhere(session: Session, claimed: Claim) -> None:
    """Somebody has deleted a post of it: what a listener would have done that is heard by no other (commands/delete.py)."""
    payload = Payload(channel_id=claimed.payload.to_channel, bot=claimed.payload.bot)
    key = f"delete:{claimed.request_id}"  # once, whoever hears of it as well
    queue.enqueue(session, "delete", "admit", payload, request_id=claimed.request_id, dedupe_key=key)


def untold(session: Session, request_id: str) -> None:
    """Nobody may be told this answer, or could be: no later prompt holds it, and no post (begun.py)."""
    words(session, request_id)
    posts.no_answer(session, request_id)


def words(session: Session, request_id: str) -> None:
    """No word of it stays: not in the messages, not in what its jobs carried, and not in what digests tell again. With its
    provenance goes what questions that follow would read of it."""
    mine = (Message.id == request_id) | (Message.question_id == request_id)
    session.execute(delete(Rating).where(Rating.request_id == request_id))
    items.drop_run(session, request_id)
    session.execute(
        update(Message).where(mine).values(text="", raw="", manner="", provenance={}, deleted=True, rewriting="")
    )
    session.execute(update(Job).where(Job.request_id == request_id, Job.state.not_in(OPEN)).values(words=None))
    carried = select(Job).where(Job.request_id == request_id, Job.state.not_in(OPEN))
    for job in session.scalars(carried):
        job.payload = Payload(person_id=job.person_id, channel_id=job.channel_id).to_json()
