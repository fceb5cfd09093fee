"""`/ai delete [LINK]`: a question and its answer, everywhere. By itself: the asker's newest one here."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.place import LINKED
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.models import AnswerPost, Job, Message
from mmapp.texts import delete as texts
from mmapp.texts.plain import short_code


def run(invocation: Invocation) -> Reply:
    """The worker deletes it, and looks whether this person may."""
    with invocation.database.write() as session:
        request = _named(session, invocation) if invocation.parsed.words else _newest(session, invocation)
        payload = Payload(
            person_id=invocation.person_id,
            person_name=invocation.person_name,
            channel_id=invocation.channel_id,
            channel_name=invocation.channel_name,
            root_id=invocation.root_id,
            tells_root=invocation.tells_root,
            response_url=invocation.response_url,
            asked_at=round(clock(session).timestamp() * 1000),
        )
        enqueue(session, request.id, payload)
        if request.person_id != invocation.person_id:
            return Reply(texts.underway("that question"))
        queue.stop(session, request.id)
        request.deleted = True  # from now on nothing of it is posted, or found by the next `/ai delete`
        return Reply(texts.underway(short_code(request.text)))


def enqueue(session: Session, request_id: str, payload: Payload) -> None:
    """Have a request deleted; `payload.person_id` is who wants it, empty where Mattermost itself has told us."""
    queue.enqueue(session, "delete", "admit", payload, request_id=request_id)


def request_at(session: Session, post_id: str) -> Message | None:
    """The question whose answer stands in this post, or that was asked with it."""
    answered = select(AnswerPost.request_id).where(AnswerPost.post_id == post_id)
    asked = Message.post_id == post_id
    found = select(Message).where(or_(asked, Message.id.in_(answered)), Message.role == "question", ~Message.deleted)
    return session.scalars(found.limit(1)).first()


def _named(session: Session, invocation: Invocation) -> Message:
    link = LINKED.search(invocation.parsed.words)
    request = request_at(session, link[0]) if link else None
    if request is None:
        raise Refused(texts.no_answer())
    return request


def _newest(session: Session, invocation: Invocation) -> Message:
    here = (Job.person_id == invocation.person_id, Job.channel_id == invocation.channel_id, Job.kind == "admit")
    newest = select(Message).join(Job, Job.request_id == Message.id).where(*here, ~Message.deleted)
    request = session.scalars(newest.order_by(Job.id.desc()).limit(1)).first()
    if request is None:
        raise Refused(texts.nothing(), words="")
    return request
