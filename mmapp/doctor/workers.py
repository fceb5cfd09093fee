"""Who answers: a worker that lives, and a model that writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from llm.lock import NOT_APPROVED
from llm.registry import Registry
from mmapp import services
from mmapp.db import clock
from mmapp.doctor.base import Case, Finding, fault, ok, warning
from mmapp.jobs.waiting import ALIVE
from mmapp.models import Digest, Installation, ModelRecord, WorkerRecord
from mmapp.texts import doctor as texts

TICKS = timedelta(minutes=1)  # a scheduler that has not looked for so long looks no more


@dataclass(frozen=True)
class Known:
    """A model, as a worker or this machine's folder lists it."""

    name: str
    writes: bool
    fault: str
    is_default: bool


def alive(case: Case) -> Iterator[Finding]:
    """A sign of life within the last seconds, by the database's clock."""
    with case.database.read() as session:
        since = clock(session) - ALIVE
        hosts = list(session.scalars(select(WorkerRecord.host).where(WorkerRecord.seen_at > since)))
    yield ok(texts.workers(hosts)) if hosts else fault(texts.no_worker())


def scheduler(case: Case) -> Iterator[Finding]:
    """Whether somebody has looked in the last minute what is due; without digests nobody has to."""
    with case.database.read() as session:
        digests = session.scalar(select(func.count()).select_from(Digest).where(Digest.state == "active")) or 0
        ticked_at = session.scalars(select(Installation.ticked_at)).one()
        # abs: where the clock was set back, it looked at a time that is still to come, and perhaps not since.
        alive = ticked_at is not None and abs(clock(session) - ticked_at) < TICKS
    if alive or not digests:
        yield ok(texts.digests(digests))
    else:
        yield fault(texts.no_scheduler(digests))


def models(case: Case) -> Iterator[Finding]:
    """Each model that cannot be used, and whether the one that answers where nobody names one can write."""
    found = _of_workers(case) or _of_this_machine(case)
    for model in found:
        if model.fault:
            told = texts.not_approved if model.fault.startswith(NOT_APPROVED) else texts.model_fault
            yield warning(told(model.name, model.fault))
    wanted = case.settings.default_model
    if wanted and wanted.lower() not in (model.name.lower() for model in found):
        yield warning(texts.default_missing(wanted))
    default = next((model for model in found if model.is_default), None)
    if default is None or not default.writes:
        yield warning(texts.only_quotes())
    elif not default.fault:
        yield ok(texts.default_model(default.name, len(found)))


def _of_workers(case: Case) -> list[Known]:
    """Those that a living worker has listed."""
    with case.database.read() as session:
        since = clock(session) - ALIVE
        if session.scalar(select(WorkerRecord.id).where(WorkerRecord.seen_at > since).limit(1)) is None:
            return []
        records = session.scalars(select(ModelRecord).order_by(ModelRecord.name))
        return [Known(one.name, one.engine != "extractive", one.fault, one.is_default) for one in records]


def _of_this_machine(case: Case) -> list[Known]:
    """Those of this machine's folder, by their headers."""
    settings = case.settings
    registry = Registry(
        settings.models_dir,
        threads=settings.threads,
        window=settings.window,
        states_mb=0,
        default=settings.default_model,
        network=services.network(settings.ca_file, settings.proxy),
        memory_mb=settings.memory_mb,
    )
    default = registry.default_name()
    return [Known(one.name, one.engine != "extractive", one.fault, one.name == default) for one in registry.infos()]
