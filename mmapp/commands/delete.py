"""`/ai delete [LINK]`: a question and its answer, everywhere. By itself: the asker's newest one here."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.commands import notice, request
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.jobs.payload import Payload
from mmapp.models import Job, Message
from mmapp.texts import delete as texts
from mmapp.texts.plain import short_code


def run(invocation: Invocation) -> Reply:
    """The worker deletes it, and looks whether this person may."""
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap: it would take the next one
        requests = _named(session, invocation) if invocation.parsed.words else [_newest(session, invocation)]
        payload = invocation.payload(clock(session))
        for found in requests:
            enqueue(session, found, payload)
        if requests[0].person_id != invocation.person_id:
            return notice.done(session, invocation, texts.looking())
        for found in requests:
            _begin(session, found)
        # A notice is kept until it is sent: it must not hold what is being deleted.
        which = "that question" if invocation.post_id else short_code(requests[0].text)
        return notice.done(session, invocation, texts.underway(which))


def wanted(session: Session, request_id: str, person_id: str) -> None:
    """Have it deleted by who picked that under its answer; the worker looks again whether this person may."""
    found = session.get_one(Message, request_id)
    enqueue(session, found, Payload(person_id=person_id, asked_at=round(clock(session).timestamp() * 1000)))
    if found.person_id == person_id:
        _begin(session, found)


def _begin(session: Session, found: Message) -> None:
    """From now on nothing of it is posted, or found by the next `/ai delete`."""
    queue.stop(session, found.id, keep=False)
    found.deleted = True


def enqueue(session: Session, request: Message, payload: Payload, *, heard: bool = False) -> None:
    """Have a request deleted, by the bot that was asked: nobody else can delete its posts.

    `payload.person_id` is who wants it, empty where Mattermost itself has told us. `heard`: every bot that is there has
    heard of it, and it is to be done once.
    """
    key = f"delete:{request.id}" if heard else None
    queue.enqueue(session, "delete", "admit", payload.but(bot=request.bot), request_id=request.id, dedupe_key=key)


def _named(session: Session, invocation: Invocation) -> list[Message]:
    requests = request.linked(session, invocation.parsed.words)
    if not requests:
        raise Refused(texts.no_answer())
    return requests


def _newest(session: Session, invocation: Invocation) -> Message:
    here = (Job.person_id == invocation.person_id, Job.channel_id == invocation.channel_id, Job.kind == "admit")
    newest = select(Message).join(Job, Job.request_id == Message.id).where(*here, ~Message.deleted)
    if invocation.whose:
        newest = newest.where(Message.bot == invocation.whose)
    found = session.scalars(newest.order_by(Message.created_at.desc(), Job.id.desc()).limit(1)).first()
    if found is None:
        raise Refused(texts.nothing(), words="")
    return found
