"""An answer once more: again, by another model, or shorter. The old one stays until the new one is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.choice import Spot
from mmapp.commands import door, entry
from mmapp.commands.door import Visit
from mmapp.config import Settings
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import WRITING
from mmapp.mattermost.channel_names import is_direct, is_group
from mmapp.models import DigestRun, Job, Message
from mmapp.texts import more as texts


def can_be(session: Session, request_id: str) -> bool:
    """Whether a model has written it for this very request: what was shared is somebody else's to write anew."""
    return bool(session.scalar(select(exists().where(Job.request_id == request_id, Job.kind.in_(WRITING)))))


def ruled_by(session: Session, question: Message) -> Spot:
    """The channel and the team that it was asked in, whose rules say which models may write it anew. Its thread is left out:
    what is chosen there is nothing to pick from."""
    last = _last(session, question.id)
    payload = Payload.of(last) if last else Payload(channel_id="")
    return Spot(question.person_id, payload.channel_id, payload.team_id)


def _last(session: Session, request_id: str) -> Job | None:
    mine = (Job.request_id == request_id, Job.kind.in_(WRITING))
    return session.scalars(select(Job).where(*mine).order_by(Job.id.desc()).limit(1)).first()


def enqueue(session: Session, settings: Settings, request_id: str, way: str, model: str = "") -> None:
    """Have a request admitted once more, to the model that has answered it unless another is named. Raises Refused.

    It asks what was asked then, in the place where it was asked, and counts as a request of its own.
    """
    if waiting.is_underway(session, request_id):
        raise Refused(texts.underway())
    before = _last(session, request_id)
    last = Payload.of(before) if before else Payload()
    if before is None or not last.to_channel:  # nobody can read any more where it belongs
        raise Refused(texts.no_answer())
    now = clock(session)
    place = {"direct": is_direct(last.channel_name), "group": is_group(last.channel_name)}
    visit = Visit(settings, last.bot, last.person_id, last.channel_id, **place)
    door.require_open(session, visit, now)
    worker = bool(waiting.warm_models(session, now))
    entry.refuse_when_full(last.person_id, waiting.open_requests(session, now), worker=worker)
    choice.lapse(session, last.person_id, last.bot)
    asked_at = round(now.timestamp() * 1000)
    answer = session.scalars(select(Message).where(Message.question_id == request_id)).one()
    again = model or str(answer.provenance["model"])
    begun: dict[str, Any] = {
        "asked_by": "",
        "asked_in": "",
        "tried": (),
        "instead_of": "",
        "take": 0,
        "rereads": 0,
        "changes": {},
        "unsteady": (),
        "until": 0,
        "answer_id": "",
        "sentence": "",
    }
    if last.digest:  # the rest of one that was broken off is the next one's
        told_until = session.get_one(DigestRun, request_id).until
        begun["sources"] = tuple(replace(one, until=min(one.until, told_until)) for one in last.sources)
    payload = last.but(rewrite=way, model=again, once=again, asked_at=asked_at, **begun)
    queue.enqueue(session, "admit", "admit", payload, request_id=request_id, now=now, estimate=before.model_seconds)
    session.execute(update(Message).where(Message.question_id == request_id).values(rewriting="wanted"))
