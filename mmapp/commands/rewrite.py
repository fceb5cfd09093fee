"""An answer once more: again, by another model, or shorter. The old one stays until the new one is done."""

from __future__ import annotations

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from mmapp.commands import ask
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import OPEN, STOPPABLE
from mmapp.models import Job, Message
from mmapp.texts import more as texts

WAYS = ("again", "shorter")
_UNDERWAY = (*STOPPABLE, "post")


def enqueue(session: Session, request_id: str, way: str, model: str = "") -> None:
    """Have a request answered once more, by the model of before unless another is named. Raises Refused.

    It asks what was asked then, in the place where it was asked; rights are checked anew when it is answered.
    """
    mine = Job.request_id == request_id
    if session.scalar(select(exists().where(mine, Job.kind.in_(_UNDERWAY), Job.state.in_(OPEN)))):
        raise Refused(texts.underway())
    now = clock(session)
    question = session.get_one(Message, request_id)
    worker = bool(waiting.warm_models(session, now))
    ask.refuse_when_full(question.person_id, waiting.open_requests(session, now), worker=worker)
    before = session.scalars(select(Job).where(mine, Job.kind == "answer").order_by(Job.id.desc()).limit(1)).first()
    if before is None or not queue.payload_of(before).to_channel:  # nobody can read any more where it belongs
        raise Refused(texts.no_answer())
    payload = _once_more(queue.payload_of(before), way, model or before.model, round(now.timestamp() * 1000))
    queue.enqueue(
        session,
        "answer",
        queue.model_queue(payload.model),
        payload,
        request_id=request_id,
        now=now,
        estimate=before.model_seconds,
        thread=before.thread,
    )
    session.execute(update(Message).where(Message.question_id == request_id).values(rewriting="wanted"))


def _once_more(before: Payload, way: str, model: str, now: int) -> Payload:
    return before.but(rewrite=way, model=model, asked_at=now, answer_id="", unsure=False, sentence="")
