"""Requests as people point at them: by a post of theirs, or by its link."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mmapp.commands.place import LINKED
from mmapp.models import AnswerPost, Message


def at(session: Session, post_id: str) -> list[Message]:
    """The question whose answer stands in this post, or those that were asked with it: of one person, one a bot."""
    answered = select(AnswerPost.request_id).where(AnswerPost.post_id == post_id)
    asked = Message.post_id == post_id
    found = select(Message).where(or_(asked, Message.id.in_(answered)), Message.role == "question", ~Message.deleted)
    return list(session.scalars(found))


def answered_in(session: Session, post_id: str) -> Message | None:
    """The question whose answer stands in this post."""
    found = select(Message).join(AnswerPost, AnswerPost.request_id == Message.id)
    return session.scalar(found.where(AnswerPost.post_id == post_id, ~Message.deleted))


def linked(session: Session, words: str) -> list[Message]:
    """Those whose post these words end with a link to."""
    link = LINKED.search(words)
    return at(session, link[0]) if link else []
