"""The conversation in a person's direct message with a bot: it goes on until `/ai new`, or until a silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.models import OPEN, Conversation, DigestRun, Job, Message, PersonSettings

# That of a digest which is not there yet: nobody can ask about it.
_COMING = exists().where(
    Message.conversation_id == Conversation.id, DigestRun.request_id == Message.id, DigestRun.state != "posted"
)
_OF_A_DIGEST = exists().where(or_(DigestRun.request_id == Message.id, DigestRun.request_id == Message.question_id))
_OF_OTHERS = exists().where(Conversation.id == Message.conversation_id, Conversation.person_id == "")
_AWAITED = ("admit", "answer", "summarize")  # kinds of jobs by which somebody waits for a model


def going_on(session: Session, bot: str, person_id: str) -> Conversation | None:
    """The one that a question outside threads goes on with; None where it is to begin a new one."""
    fresh_at = PersonSettings.of(session, person_id).fresh_at
    theirs = (Conversation.bot == bot, Conversation.root_id == "", Conversation.person_id == person_id, ~_COMING)
    latest = session.scalar(select(Conversation).where(*theirs).order_by(Conversation.created_at.desc()).limit(1))
    if latest is None or (fresh_at is not None and latest.created_at <= fresh_at):
        return None
    said = select(Message.created_at).where(Message.conversation_id == latest.id)
    last = session.scalar(said.order_by(Message.created_at.desc()).limit(1))
    return latest if last is not None and not is_long_ago(session, person_id, last) else None


def has_summary(session: Session, bot: str, person_id: str) -> bool:
    """Whether a summary stands in it, outside threads: a question there reads what that has read."""
    found = going_on(session, bot, person_id)
    if found is None:
        return False
    answers = (Message.conversation_id == found.id, Message.role == "answer", ~Message.deleted)
    return any("summary" in each for each in session.scalars(select(Message.provenance).where(*answers)))


def is_silent(session: Session, bot: str, person_id: str) -> bool:
    """Whether nothing was asked or answered for long that nobody else reads, in threads too. Who waits for an answer is not
    silent; digests come by themselves, and are part of the silence."""
    theirs = (Conversation.bot == bot, Conversation.person_id == person_id, ~_OF_A_DIGEST)
    said = select(Message.created_at).join(Conversation, Conversation.id == Message.conversation_id).where(*theirs)
    last = session.scalar(said.order_by(Message.created_at.desc()).limit(1))
    if last is not None and not is_long_ago(session, person_id, last):
        return False
    return not _waits(session, bot, person_id)


def _waits(session: Session, bot: str, person_id: str) -> bool:
    """Whether they wait for an answer; one that is not admitted yet may be for them alone."""
    asked = (Job.person_id == person_id, Job.kind.in_(_AWAITED), Job.state.in_(OPEN), Message.bot == bot)
    waiting = select(Job.id).join(Message, Message.id == Job.request_id).where(*asked, ~_OF_OTHERS, ~_OF_A_DIGEST)
    return session.scalar(waiting.limit(1)) is not None


def is_long_ago(session: Session, person_id: str, at: datetime) -> bool:
    """Whether a silence since then ends it: one as long as the person has set, 8 hours usually."""
    hours = PersonSettings.of(session, person_id).silence
    return hours > 0 and at <= clock(session) - timedelta(hours=hours)
