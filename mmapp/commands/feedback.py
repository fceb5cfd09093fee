"""What people think of answers: a thumb under one, or `/ai feedback [LINK]`, which has room for the reason."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mmapp import dialogs
from mmapp.commands import request as requests
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import Database, clock
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Refused
from mmapp.models import Conversation, Job, Message, Rating
from mmapp.texts import feedback as texts
from mmapp.texts import trust
from mmapp.texts.plain import short_code

GOOD, BAD = 1, -1


def run(invocation: Invocation) -> Reply:
    """A dialog about the asker's newest answer here, or the one that is linked to."""
    with invocation.database.read() as session:
        request = _linked(session, invocation) if invocation.parsed.words else _newest(session, invocation)
        given = session.get(Rating, (request.id, invocation.person_id))
        return Reply(trust.no_dialog("`/ai feedback`"), dialog=_dialog(request, given))


def submitted(database: Database, filled: Filled) -> None:
    """Keep what was filled in. Raises Faults, and Refused where it was sent already or the answer is gone."""
    with database.write() as session:
        request = session.get(Message, filled.opened.subject)
        if request is None or request.deleted:
            raise Refused(texts.no_answer())
        _dialog(request, None).check(filled)
        filled.spend(session)
        rate(session, request.id, filled.opened.person_id, int(filled.text("value")), filled.text("reason"))


def rate(
    session: Session, request_id: str, person_id: str, value: int, reason: str | None = None, *, at: int | None = None
) -> None:
    """One person's opinion of one answer; a newer one takes the place of the old. A thumb changes no reason.

    `at`: when it was given (ms), where that was not now.
    """
    answer = session.scalar(select(Message).where(Message.question_id == request_id))
    if answer is None or answer.deleted:
        return
    given = session.get(Rating, (request_id, person_id))
    if given is not None and at is not None and at <= given.rated_at.timestamp() * 1000:
        return
    given = given or Rating(request_id=request_id, person_id=person_id, reason="")
    given.value, given.model, given.rated_at = value, answer.provenance["model"], clock(session)
    given.reason = given.reason if reason is None else reason
    session.add(given)


def unrate(session: Session, request_id: str, person_id: str, value: int) -> None:
    """A thumb was taken back; where the other one stands meanwhile, that stays."""
    mine = (Rating.request_id == request_id, Rating.person_id == person_id, Rating.value == value)
    session.execute(delete(Rating).where(*mine))


def _linked(session: Session, invocation: Invocation) -> Message:
    """Another person's as well, where it stands in this channel: who types here reads here. Raises Refused."""
    request = next(iter(requests.linked(session, invocation.parsed.words)), None)
    conversation = session.get(Conversation, request.conversation_id) if request and request.conversation_id else None
    if request is None or conversation is None or not _may_rate(invocation, request, conversation):
        raise Refused(texts.no_answer())
    return request


def _may_rate(invocation: Invocation, request: Message, conversation: Conversation) -> bool:
    here = conversation.channel_id == invocation.channel_id and not conversation.person_id
    return here or request.person_id == invocation.person_id


def _newest(session: Session, invocation: Invocation) -> Message:
    here = (Job.person_id == invocation.person_id, Job.channel_id == invocation.channel_id, Job.kind == "post")
    newest = select(Message).join(Job, Job.request_id == Message.id).where(*here, ~Message.deleted)
    request = session.scalars(newest.order_by(Job.id.desc()).limit(1)).first()
    if request is None:
        raise Refused(texts.nothing(), words="")
    return request


def _dialog(request: Message, given: Rating | None) -> Dialog:
    value, options = texts.value()
    reason, example = texts.reason()
    elements = (
        dialogs.select("value", value, options, str(given.value if given else GOOD)),
        dialogs.textarea("reason", reason, given.reason if given else "", placeholder=example),
    )
    introduction = texts.introduction(short_code(request.text))
    return Dialog("feedback", texts.title(), introduction, elements, submit=texts.submit(), subject=request.id)
