"""Which model does a job: the one that it waits for, or the next where that is gone, fails, or may not answer there any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm import base
from llm.base import Model, ModelError
from mmapp import choice
from mmapp.choice import Chosen, Spot
from mmapp.db import clock
from mmapp.errors import NoModel
from mmapp.jobs import engines, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.mattermost.channel_names import is_direct
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.models import ModelRecord
from mmapp.texts import engine as engine_texts
from mmapp.texts import model as texts

log = structlog.get_logger()

# What another model may do better; a death or a silence may be the question's own fault.
FAULTS = (
    base.ModelMissing, base.ModelUnsupported, base.ModelBroken, base.EngineMissing, base.OutOfMemory, base.EndpointDown,
    base.KeyRefused, base.NotApproved,
)  # fmt: skip


def spot(worker: Worker, payload: Payload) -> Spot:
    """Where an admitted request belongs: whose settings count. In a thread, to that in which it is answered; of what is
    answered elsewhere, to that which it is about; else to where it was typed, as its person was told there. A summary that
    is asked for in a direct message, two people's too, is heard there, whatever it reads."""
    here = Spot(payload.person_id, payload.channel_id, payload.team_id)
    if is_direct(payload.channel_name) and (payload.direct or payload.is_summary):
        return replace(here, bot=worker.bot)
    return replace(here, thread=_thread(payload))


def _thread(payload: Payload) -> str:
    """Its key; empty where none is named."""
    if payload.to_root:
        return choice.thread_key(payload.to_channel, payload.to_root)
    if payload.sources and payload.sources[0].root_id and not payload.direct:
        return choice.thread_key(payload.sources[0].channel_id, payload.sources[0].root_id)
    return choice.thread_key(payload.channel_id, payload.root_id) if payload.root_id != payload.post_id else ""


def channels_read(payload: Payload) -> frozenset[str]:
    """The channels that it reads beside its own."""
    return frozenset(source.channel_id for source in payload.sources) - {payload.channel_id}


def choose(
    session: Session, worker: Worker, payload: Payload, read: Collection[str], without: tuple[str, ...] = ()
) -> Chosen | None:
    """The model for a request, by what holds now, there and where what it `read`s is from. Where there is nothing to quote,
    nothing is quoted instead."""
    return choice.choose(
        choice.settled(session, spot(worker, payload), read),
        _records(session),
        clock(session),
        once=payload.once,
        default=worker.settings.default_model,
        without=without,
        quoting=bool(payload.sources),
    )


def unlisted(session: Session, worker: Worker, payload: Payload) -> str:
    """The model for a request while nobody has listed any, as after the database was put back; empty where they are."""
    if session.scalar(select(ModelRecord.name).limit(1)) is not None:
        return ""
    return payload.model or worker.registry.default_name()


def why_none(session: Session, worker: Worker, payload: Payload) -> str:
    """What keeps the model that is meant from answering, where no other can."""
    here = choice.settled(session, spot(worker, payload), channels_read(payload))
    default = worker.settings.default_model
    return choice.why_none(here, _records(session), clock(session), once=payload.once, default=default)


def _records(session: Session) -> dict[str, ModelRecord]:
    return {record.name: record for record in session.scalars(select(ModelRecord))}


def model(worker: Worker, claimed: Claim) -> Model | None:
    """The one to ask; None where the job has gone to the next one. Raises NoModel where there is none."""
    try:
        return _meant(worker, claimed)
    except NoModel:
        if not _moved(worker, claimed):
            raise
        return None


def _meant(worker: Worker, claimed: Claim) -> Model:
    payload = claimed.payload
    if claimed.queue == queue.ORPHANS:
        raise NoModel(engine_texts.missing(payload.model))
    require_allowed(worker, payload)
    return engines.resolve(worker, payload.model)


def require_allowed(worker: Worker, payload: Payload) -> None:
    """Whether its model may answer there, and of what it reads. Raises NoModel."""
    read = _read(worker, payload)
    with worker.database.read() as session:
        here = choice.settled(session, spot(worker, payload), read)
    if not here.rules.allow(payload.model):
        raise NoModel(texts.not_allowed(payload.model))


def _read(worker: Worker, payload: Payload) -> frozenset[str]:
    """The channels that it reads beside its own, and their teams. Asks Mattermost: no transaction may be open."""
    channels = channels_read(payload)
    return channels | {team for each in channels if (team := _team(worker, each))}


def _team(worker: Worker, channel_id: str) -> str:
    """Empty for direct and group messages, and for a channel that the bot cannot see any more: whoever reads it says so."""
    try:
        return worker.client.channel(channel_id).team_id
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return ""


def fails_over(worker: Worker, claimed: Claim, error: ModelError) -> bool:
    """Whether the next model takes over what this one could not begin. A fault of an engine may be the question's own, but then
    another engine may have none with it; and an endpoint's is that it refuses, whatever for."""
    return isinstance(error, (*FAULTS, base.EngineFault)) and _moved(worker, claimed)


def _moved(worker: Worker, claimed: Claim) -> bool:
    """Give the job to the next model; False where there is none. What is written anew has an answer, which stays."""
    payload = claimed.payload
    if payload.rewrite:
        return False
    tried, read = (*payload.tried, payload.model), _read(worker, payload)
    with worker.database.write() as session:
        chosen = choose(session, worker, payload, read, tried)
        if chosen is None:
            return False
        name = chosen.record.name
        further = payload.but(model=name, tried=tried, instead_of=chosen.instead_of)
        queue.move(session, claimed, name, further)
    log.warning("another model stands in", model=payload.model, other=name)
    return True
