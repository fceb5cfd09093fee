"""`/ai` and `/ai help`: what can be typed, what is running, which models there are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.commands.invocation import Button, Invocation, Reply
from mmapp.jobs import queue
from mmapp.models import Message, ModelRecord
from mmapp.texts import help as texts
from mmapp.texts.plain import code

SHOWN = 60  # characters of a question that is running


def run(invocation: Invocation) -> Reply:
    del invocation
    return Reply(texts.full())


def menu(invocation: Invocation) -> Reply:
    """`/ai` alone: four lines, what is running, three buttons."""
    with invocation.database.read() as session:
        mine = queue.newest_of(session, invocation.person_id, invocation.channel_id)
        questions = [_short(session, request_id) for request_id in mine[:5]]
    labels = texts.buttons()
    purposes = ("help", "models", "stopnewest")
    return Reply(texts.short(questions), tuple(Button(*pair) for pair in zip(labels, purposes, strict=True)))


def models(session: Session) -> str:
    """The models that workers have listed, one a line."""
    records = session.scalars(select(ModelRecord).order_by(ModelRecord.is_default.desc(), ModelRecord.name))
    return texts.models(
        [
            texts.model_line(
                record.name, record.title, record.n_ctx, record.decode, default=record.is_default, fault=record.fault
            )
            for record in records
        ]
    )


def _short(session: Session, request_id: str) -> str:
    question = session.get_one(Message, request_id).text
    one_line = " ".join(question.split())
    return code(one_line if len(one_line) <= SHOWN else one_line[: SHOWN - 1] + "…")
