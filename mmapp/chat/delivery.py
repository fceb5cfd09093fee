"""The delivery of an answer, as far as it decides what stands in a conversation: while it waits, nobody is told the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from mmapp.db import clock
from mmapp.models import OPEN, AnswerPost, Job, Message

KEY = "post:"
LATE = timedelta(seconds=10)  # after what it was made from was looked at; until then it is the second of SUMMARIES.md


def key(answer_id: str) -> str:
    """The dedupe key of the first delivery of an answer: what is written anew is delivered once more."""
    return f"{KEY}{answer_id}"


def whole(post: type[Job]) -> ColumnElement[bool]:
    """Whether all posts of this first delivery of an answer stand there, each to its last word."""
    there = select(func.count(AnswerPost.part.distinct())).where(
        AnswerPost.request_id == post.request_id, AnswerPost.state == ""
    )
    return and_(post.parts > 0, there.correlate(post).scalar_subquery() >= post.parts)


def waits(session: Session, answer: type[Message]) -> ColumnElement[bool]:
    """Whether the next attempt to tell this answer is preceded by another look, which may forbid it (jobs/overdue.py): to post
    it, or where that could not be, to tell it alone. Where all of it stands already, people read it."""
    post, alone = aliased(Job), aliased(Job)
    tried = (post.attempts > 1) | ((post.attempts > 0) & (post.state == "queued"))
    late = or_(tried, post.created_at < clock(session) - LATE)
    untold = exists().where(alone.request_id == post.request_id, alone.kind == "notify", alone.state.in_(OPEN))
    still: Any = or_(and_(post.state.in_(OPEN), late, ~whole(post)), and_(post.state.in_(("failed", "dead")), untold))
    return exists().where(post.dedupe_key == literal(KEY) + answer.id, still)
