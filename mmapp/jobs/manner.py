"""How an answer is to be written: settled when its request is admitted, carried by its job, and kept with the answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.chat import prompts
from mmapp.choice import ABOUT, CHANNEL, CONVERSATION, ELSEWHERE, Spot
from mmapp.jobs import standin
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.models import Message

TOLD = ("instructions", "length", "language")  # in words; a temperature is nothing that a model hears of


def of(session: Session, worker: Worker, payload: Payload, request_id: str) -> dict[str, Any]:
    """As it holds where the request belongs. A summary is told none of it, and a shorter answer is made of one that was."""
    if payload.is_summary:
        return {}
    if payload.rewrite == "shorter":
        return _before(session, request_id)
    spot = standin.spot(worker, payload)
    found = choice.manner(session, spot)
    written: dict[str, Any] = {
        "told": prompts.manner(found.instructions, found.length, found.language),
        "origins": {name: _seen(found.origins[name], spot, payload) for name in TOLD if name in found.origins},
        "length": found.length,
        "temperature": found.temperature,
    }
    return {name: value for name, value in written.items() if value not in (None, "", {})}


def _seen(origin: str, spot: Spot, payload: Payload) -> str:
    """Whose it is, for who reads the answer where it is posted."""
    there = payload.to_channel
    if origin == CONVERSATION and spot.thread.partition(":")[0] not in ("", there):
        return ELSEWHERE if payload.direct else ABOUT
    return ELSEWHERE if origin == CHANNEL and payload.channel_id != there else origin


def _before(session: Session, request_id: str) -> dict[str, Any]:
    answer = session.scalars(select(Message).where(Message.question_id == request_id)).one()
    return {"told": answer.manner, "origins": answer.provenance.get("manner", {})}
