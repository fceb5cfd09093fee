"""What was there before an answer was written anew: its delivery carries it until the new one stands there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import items
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.models import OPEN, Conversation, Job, Message

TOLD = ("raw", "text", "provenance", "manner")  # of an answer, and all of it that is another one's afterwards


def of(session: Session, claimed: Claim, answer: Message) -> dict[str, Any]:
    """The answer, and what a digest has told first, as they are now."""
    found: dict[str, Any] = {"answer": {name: getattr(answer, name) for name in TOLD}}
    return found | ({"items": items.told_first(session, claimed.request_id)} if claimed.payload.digest else {})


def standing(session: Session, conversation: Conversation) -> dict[str, Message]:
    """The old answers, by their question's id, whose new ones are on their way into posts of this conversation's channel: until
    they stand there, nobody is told them. In no session."""
    asked = select(Job).join(Message, Message.id == Job.request_id)
    here = (Conversation.bot == conversation.bot, Conversation.channel_id == conversation.channel_id)
    jobs = asked.join(Conversation, Conversation.id == Message.conversation_id).where(*here)
    found = {
        job.request_id: Payload.of(job).before
        for job in session.scalars(jobs.where(Job.kind == "post", Job.state.in_(OPEN)))
    }
    return {request_id: Message(**was["answer"]) for request_id, was in found.items() if was}


def put_back(session: Session, claimed: Claim, *, going_on: bool = False) -> None:
    """The old answer is the one again: the new one may not be shown. `going_on`: another new one is to be written."""
    before, answer = claimed.payload.before, session.get_one(Message, claimed.payload.answer_id)
    for name, value in before["answer"].items():
        setattr(answer, name, value)
    if "items" in before:
        items.put_back(session, claimed.request_id, before["items"])
    answer.rewriting = "wanted" if going_on else answer.rewriting
