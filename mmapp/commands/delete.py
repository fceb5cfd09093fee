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
        requests = _named(session, invocation) if invocation.parsed.words else [_newest(session, invocation)]
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
        for request in requests:
            enqueue(session, request, payload)
        if requests[0].person_id != invocation.person_id:
            return Reply(texts.underway("that question"))
        for request in requests:
            queue.stop(session, request.id)
            request.deleted = True  # from now on nothing of it is posted, or found by the next `/ai delete`
        return Reply(texts.underway(short_code(requests[0].text)))


def enqueue(session: Session, request: Message, payload: Payload, *, heard: bool = False) -> None:
    """Have a request deleted, by the bot that was asked: nobody else can delete its posts.

    `payload.person_id` is who wants it, empty where Mattermost itself has told us. `heard`: every bot that is there has
    heard of it, and it is to be done once.
    """
    key = f"delete:{request.id}" if heard else None
    queue.enqueue(session, "delete", "admit", payload.but(bot=request.bot), request_id=request.id, dedupe_key=key)


def requests_at(session: Session, post_id: str) -> list[Message]:
    """The question whose answer stands in this post, or those that were asked with it: of one person, one a bot."""
    answered = select(AnswerPost.request_id).where(AnswerPost.post_id == post_id)
    asked = Message.post_id == post_id
    found = select(Message).where(or_(asked, Message.id.in_(answered)), Message.role == "question", ~Message.deleted)
    return list(session.scalars(found))


def _named(session: Session, invocation: Invocation) -> list[Message]:
    link = LINKED.search(invocation.parsed.words)
    requests = requests_at(session, link[0]) if link else []
    if not requests:
        raise Refused(texts.no_answer())
    return requests


def _newest(session: Session, invocation: Invocation) -> Message:
    here = (Job.person_id == invocation.person_id, Job.channel_id == invocation.channel_id, Job.kind == "admit")
    newest = select(Message).join(Job, Job.request_id == Message.id).where(*here, ~Message.deleted)
    if invocation.whose:
        newest = newest.where(Message.bot == invocation.whose)
    request = session.scalars(newest.order_by(Job.id.desc()).limit(1)).first()
    if request is None:
        raise Refused(texts.nothing(), words="")
    return request
