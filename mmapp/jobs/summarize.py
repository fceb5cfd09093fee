"""Summarising: everything is read, part by part. Each part is a checkpoint, and between two of them a question goes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from sqlalchemy import select

from llm.base import Model, ModelError
from mmapp import logs
from mmapp.chat import context
from mmapp.chat.brief import Brief
from mmapp.chat.context import Marks
from mmapp.chat.summary import Budget, Part, Summary
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import engines, handover, known, material, notify, outcome, queue, rewrite, telling
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.known import Known
from mmapp.jobs.lease import Lease
from mmapp.jobs.minutes import Read
from mmapp.jobs.watch import Interrupted, watched
from mmapp.models import Message, ModelRecord
from mmapp.texts import engine as engine_texts
from mmapp.texts import more as more_texts
from mmapp.texts import summarize as texts
from mmapp.wanted import Wanted

log = structlog.get_logger()

PATIENCE = 120.0  # seconds that one summary keeps its lane while another waits; a question waits for one part


class _GivenWay(Exception):
    """Somebody waits, and goes first."""


@dataclass
class _Making:
    """One summary in the making. `began` and `spent` on nodes: time.monotonic() and seconds."""

    summary: Summary
    read: Read
    began: float = field(default_factory=time.monotonic)
    computed: int = 0

    def seconds_left(self, part: Part, usual: float | None) -> float | None:
        """As long as the parts have taken so far; before the first one, as the model's speed lets expect."""
        left = max(0, part.of - part.done)
        if self.computed:
            return left * (time.monotonic() - self.began) / self.computed
        return left * usual if usual is not None else None


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Write one summary. Raises Refused, a MattermostError or LeaseLost."""
    if claimed.queue == queue.ORPHANS:
        raise Refused(engine_texts.missing(claimed.payload.model))
    model = engines.resolve(worker, claimed.payload.model)
    worker.just_read[model.name] = claimed.thread
    making: _Making | None = None
    try:
        making = _making(worker, claimed, lease, model)
        for step in watched(worker, lease, making.summary.run()):
            if isinstance(step, Part):
                _checkpoint(worker, claimed, making, step)
        _deliver(worker, claimed, model.name, making, "")
    except _GivenWay:
        queue.give_way(worker.database, claimed)
    except Interrupted as interrupted:
        if interrupted.leaving:
            queue.release(worker.database, claimed)
        else:
            _stopped(worker, claimed, model.name, making)
    except ModelError as error:
        _failed(worker, claimed, model.name, making, error)


def _making(worker: Worker, claimed: Claim, lease: Lease, model: Model) -> _Making:
    wanted = Wanted.of(claimed.payload.wanted)
    found = material.gathered(worker, claimed, lease, wanted)
    quotes_only = _quotes_only(worker, model.name)
    see = partial(watched, worker, lease)
    leaf = engines.LEAST_LEAF if quotes_only else engines.leaf_tokens(worker, model, see)
    summary = Summary(
        posts=found.posts,
        brief=_brief(worker, claimed, model.name, wanted),
        model=None if quotes_only else model,
        identity=lambda: f"{model.name} {worker.registry.sha256(model.name)}",
        budget=Budget(leaf),
        known=Known(worker.database),
        secret=worker.settings.secret_key.get_secret_value(),
        marks_of=_marks(worker),
    )
    return _Making(summary, found)


def _brief(worker: Worker, claimed: Claim, model: str, wanted: Wanted) -> Brief:
    """What is wanted; of one that is written anew, a shorter one, or by the same model another one."""
    if claimed.payload.rewrite == "shorter":
        brief = Brief.of(wanted)
        return replace(brief, kind="brief") if brief.length == "short" else replace(brief, length="short")
    if not claimed.payload.rewrite:
        return Brief.of(wanted)
    with worker.database.read() as session:
        before = session.scalars(select(Message).where(Message.question_id == claimed.request_id)).one()
    return Brief.of(wanted, take=claimed.id if before.provenance.get("model") == model else 0)


def _quotes_only(worker: Worker, name: str) -> bool:
    info = worker.models.get(name)
    return info is not None and info.engine == "extractive"


def _marks(worker: Worker) -> Callable[[str], Marks]:
    """The day's marks of each part."""
    with worker.database.read() as session:
        today = clock(session).date()
    secret = worker.settings.secret_key.get_secret_value()
    return lambda key: context.marks(secret, key, today)


# Between two parts


def _checkpoint(worker: Worker, claimed: Claim, making: _Making, part: Part) -> None:
    """Keep a part in the transaction that says how far we are. Raises LeaseLost, Interrupted where somebody stops it, and
    _GivenWay where somebody waits."""
    making.computed += part.node is not None
    seconds = making.seconds_left(part, _usual(worker, claimed.payload.model, making))
    with worker.database.write() as session:
        if part.node is not None:
            posts = making.summary.posts[part.node.start : part.node.end]
            known.keep(session, part.node, posts)
            engines.learnt(session, claimed.payload.model, part.finish)
        stop = queue.checkpoint(session, claimed, part.done, part.of, seconds or 0.0)
    if stop and part.done < part.of:
        raise Interrupted(leaving=False)
    telling.progress(worker, claimed, part.done, part.of, seconds)
    if part.node is not None and part.done < part.of and _must_give_way(worker, claimed, making):
        raise _GivenWay


def _must_give_way(worker: Worker, claimed: Claim, making: _Making) -> bool:
    lane = worker.lane_of(claimed.payload.model)
    kinds = ("answer", "summarize") if time.monotonic() - making.began > PATIENCE else ("answer",)
    return queue.is_waited_for(worker.database, claimed, lane, kinds)


def _usual(worker: Worker, name: str, making: _Making) -> float | None:
    """Seconds that a part takes this model, as far as it was measured."""
    with worker.database.read() as session:
        record = session.get(ModelRecord, name)
    if record is None or not record.prefill or not record.decode:
        return None
    budget = making.summary.budget
    return budget.reads / record.prefill + budget.writes / record.decode


# Its end


def _stopped(worker: Worker, claimed: Claim, model: str, making: _Making | None) -> None:
    if making is None or not making.summary.done or claimed.payload.rewrite:
        with worker.database.write() as session:
            queue.finish(session, claimed, "cancelled")
        return
    _deliver(worker, claimed, model, making, texts.stopped())


def _failed(worker: Worker, claimed: Claim, model: str, making: _Making | None, error: ModelError) -> None:
    """The model could not go on: one more try where that may help, then what is there, or a sentence."""
    error_id = logs.new_error_id()
    if outcome.tried_again(worker, claimed, model, error, None, error_id):
        return
    if claimed.payload.rewrite:
        rewrite.keep(worker, claimed, more_texts.failed())
    elif making is not None and making.summary.done:
        _deliver(worker, claimed, model, making, texts.broken_off(engines.reason(error)))
    else:
        with worker.database.write() as session:
            notify.refuse(session, claimed, engines.sentence(model, error, error_id))
            queue.finish(session, claimed, "failed")


def _deliver(worker: Worker, claimed: Claim, model: str, making: _Making, cut: str) -> None:
    """The summary, where it comes from, and its delivery: one transaction."""
    kept = handover.kept(worker, claimed, model, making.summary, making.read, cut)
    if claimed.payload.rewrite:
        rewrite.replace(worker, claimed, kept)
        return
    with worker.database.write() as session:
        if session.get_one(Message, claimed.request_id).deleted:
            queue.finish(session, claimed, "cancelled")
            return
        outcome.keep(session, worker, claimed, kept, unsure=claimed.attempts > 1)
