"""What becomes of each time that a digest was due, and what the next one goes on from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import items
from mmapp.db import clock
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.models import Conversation, Digest, DigestRun, Message


def due(session: Session, request_id: str) -> datetime:
    """When it is to be posted: not before its time."""
    return session.get_one(DigestRun, request_id).due_at


def posted(session: Session, claimed: Claim) -> None:
    """It stands there; the next one begins where this one has ended. In the transaction that ends its delivery."""
    run = session.get_one(DigestRun, claimed.request_id)
    if run.state == "posted":  # it was written anew, or made shorter
        return
    run.state, run.ended_at = "posted", clock(session)
    question = session.get_one(Message, claimed.request_id)
    conversation = session.get_one(Conversation, question.conversation_id)
    conversation.created_at = run.ended_at  # in a direct message, what is asked next is asked about the newest
    items.sweep(session, run.digest_id)
    if not run.preview:
        digest = session.get_one(Digest, run.digest_id)
        digest.read_until, digest.made = max(digest.read_until, run.until), digest.made + 1


def breaks(worker: Worker, payload: Payload) -> list[int]:
    """When earlier digests of these channels ended (ms, in order): what they have summed up is not read again. One a day."""
    channels = {source.channel_id for source in payload.sources}
    with worker.database.read() as session:
        ended = select(DigestRun.until, Digest.channels).join(Digest, Digest.id == DigestRun.digest_id)
        found = session.execute(ended.where(DigestRun.state == "posted", ~DigestRun.preview)).all()
    return sorted({until for until, read in found if channels & set(read)})
