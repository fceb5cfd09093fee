"""Summarising: everything is read, part by part. Each part is a checkpoint, and between two of them a question goes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
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
from mmapp.jobs import (
    digests,
    engines,
    handover,
    material,
    noted,
    notify,
    outcome,
    queue,
    recheck,
    rewrite,
    standin,
    telling,
    waiting,
)
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.making import Making
from mmapp.jobs.noted import Noted
from mmapp.jobs.watch import Interrupted, watched
from mmapp.models import OPEN, Job, Message, ModelRecord
from mmapp.texts import digest_run as digest_texts
from mmapp.texts import more as more_texts
from mmapp.texts import summarize as texts
from mmapp.wanted import Wanted

log = structlog.get_logger()

CLEARED_EVERY = 5.0  # seconds
# Seconds that one summary keeps its lane while another waits; a question waits for one part, and so does all that people
# want while a machine's is made.
PATIENCE = 120.0


class _GivenWay(Exception):
    """Somebody waits, and goes first."""


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Write one summary. Raises Refused, a MattermostError or LeaseLost."""
    model = standin.model(worker, claimed)
    if model is None:
        return
    worker.just_read[model.name] = claimed.thread
    making: Making | None = None
    try:
        making = _making(worker, claimed, lease, model)
        cut = _written(worker, claimed, lease, making)
        _deliver(worker, claimed, model.name, making, cut)
    except _GivenWay:
        _give_way(worker, claimed, making)
    except Interrupted as interrupted:
        if interrupted.leaving:
            queue.release(worker.database, claimed)
        else:
            _cancel(worker, claimed)
    except ModelError as error:
        _failed(worker, claimed, model.name, making, error)
    finally:
        if making is not None and worker.aside.get(claimed.id) is not making:
            making.close()


def _making(worker: Worker, claimed: Claim, lease: Lease, model: Model) -> Making:
    """The one that gave way, where nothing of it has changed; else everything is read."""
    aside = worker.aside.pop(claimed.id, None)
    if aside and aside.summary.model is model and not recheck.changed(worker, claimed, aside.posts):
        aside.turn()
        return aside
    if aside:
        aside.close()
    return _begun(worker, claimed, lease, model)


def _begun(worker: Worker, claimed: Claim, lease: Lease, model: Model) -> Making:
    wanted = Wanted.of(claimed.payload.wanted)
    see = partial(watched, worker, lease, heeds_stop=not claimed.keeps_parts)
    found, posts = material.gathered(worker, claimed, see, wanted)
    quotes_only = _quotes_only(worker, model.name)
    leaf = engines.LEAST_LEAF if quotes_only else engines.leaf_tokens(worker, model, see)
    summary = Summary(
        posts=found.posts,
        brief=_brief(worker, claimed, model.name, wanted),
        model=None if quotes_only else model,
        identity=lambda: f"{model.name} {worker.registry.sha256(model.name)}",
        budget=Budget(leaf),
        noted=Noted(worker.database),
        secret=worker.settings.secret_key.get_secret_value(),
        marks_of=_marks(worker),
        breaks=digests.breaks(worker, claimed.payload) if claimed.payload.digest else (),
    )
    return Making(summary, found, posts)


def _brief(worker: Worker, claimed: Claim, model: str, wanted: Wanted) -> Brief:
    """What is wanted; of one that is written anew, a shorter one than it is now, or by the same model another one. Raises
    Refused where none is shorter."""
    if not claimed.payload.rewrite:
        return Brief.of(wanted)
    with worker.database.read() as session:
        before = session.scalars(select(Message).where(Message.question_id == claimed.request_id)).one()
    if claimed.payload.rewrite == "shorter":
        made = before.provenance["summary"]
        return _shorter(replace(Brief.of(wanted), kind=made["kind"], length=made["length"]))
    return Brief.of(wanted, take=(claimed.payload.take or claimed.id) if before.provenance["model"] == model else 0)


def _shorter(brief: Brief) -> Brief:
    """Raises Refused for the shortest: a list of tasks, decisions or questions that were shorter would leave some out."""
    if brief.kind != "brief" and brief.length != "short":
        return replace(brief, length="short")
    if brief.kind == "summary":
        return replace(brief, kind="brief")
    raise Refused(more_texts.shortest())


def _quotes_only(worker: Worker, name: str) -> bool:
    info = worker.models.get(name)
    return info is not None and info.engine == "extractive"


def _marks(worker: Worker) -> Callable[[str], Marks]:
    """The day's marks of each part."""
    with worker.database.read() as session:
        today = clock(session).date()
    secret = worker.settings.secret_key.get_secret_value()
    return lambda key: context.marks(secret, key, today)


# Part by part


def _written(worker: Worker, claimed: Claim, lease: Lease, making: Making) -> str:
    """Read to the end, or until somebody stops it: then what is known of it is taken, and no model is asked any more.

    Why it was cut; empty where it is whole. Raises _GivenWay, Interrupted where nothing was read, and Refused where nothing
    is left of it.
    """
    try:
        _read_on(worker, claimed, lease, making)
    except Interrupted as interrupted:
        keeps = claimed.keeps_parts or (making.summary.done and not claimed.payload.rewrite)
        if interrupted.leaving or not keeps:
            raise
        making.close()
    else:
        return ""
    for _ in watched(worker, lease, making.summary.run(write=False), heeds_stop=False):
        pass
    if not making.summary.done:  # what was noted has gone, and what was at hand was another worker's, or was read anew
        raise Refused(texts.nothing_left())
    return texts.stopped()


def _read_on(worker: Worker, claimed: Claim, lease: Lease, making: Making) -> None:
    if lease.stop:
        raise Interrupted(leaving=False)
    for step in watched(worker, lease, making.steps()):
        if isinstance(step, Part):
            _checkpoint(worker, claimed, making, step)


def _checkpoint(worker: Worker, claimed: Claim, making: Making, part: Part) -> None:
    """Keep a part in the transaction that says how far we are. Raises LeaseLost, Interrupted where somebody stops it, and
    _GivenWay where somebody waits."""
    making.computed += part.node is not None
    seconds = making.seconds_left(part, _usual(worker, claimed.payload.model, making))
    with worker.database.write() as session:
        if part.node is not None:
            posts = making.summary.posts[part.node.start : part.node.end]
            noted.keep(session, part.node, posts)
            engines.learnt(session, claimed.payload.model, part.finish)
        stop = queue.checkpoint(session, claimed, part.done, part.of, seconds or 0.0, written=part.node is not None)
    if stop and part.done < part.of:
        raise Interrupted(leaving=False)
    telling.progress(worker, claimed, part.done, part.of, seconds)
    if part.node is not None and part.done < part.of and _must_give_way(worker, claimed, making):
        raise _GivenWay


def _must_give_way(worker: Worker, claimed: Claim, making: Making) -> bool:
    lane = worker.lane_of(claimed.payload.model)
    patient = claimed.class_ == queue.PERSON and time.monotonic() - making.began <= PATIENCE
    kinds = ("answer",) if patient else waiting.WRITING
    with worker.database.read() as session:
        now = clock(session)
        taken = claimed.spent(now) - claimed.model_seconds
        return waiting.is_waited_for(session, now, claimed.id, taken, lane, kinds)


def _give_way(worker: Worker, claimed: Claim, making: Making | None) -> None:
    """What was read stays at hand for its next turn; of one at a time, since it may be much."""
    worker.aside.clear()
    if making is not None:
        worker.aside[claimed.id] = making
    queue.give_way(worker.database, claimed)


def clear_ended(worker: Worker) -> None:
    """Keep nothing of a summary that is not gone on with: it was deleted or stopped, or another worker has done it."""
    for job_id in list(worker.aside):
        with worker.database.read() as session:
            waits = session.scalar(select(Job.id).where(Job.id == job_id, Job.state.in_(OPEN)))
        if waits is None and (ended := worker.aside.pop(job_id, None)):
            ended.close()


def _usual(worker: Worker, name: str, making: Making) -> float | None:
    """Seconds that a part takes this model, as far as it was measured."""
    with worker.database.read() as session:
        record = session.get(ModelRecord, name)
    if record is None or not record.prefill or not record.decode:
        return None
    budget = making.summary.budget
    return budget.reads / record.prefill + budget.writes / record.decode


# Its end


def _cancel(worker: Worker, claimed: Claim) -> None:
    with worker.database.write() as session:
        queue.finish(session, claimed, "cancelled")


def _failed(worker: Worker, claimed: Claim, model: str, making: Making | None, error: ModelError) -> None:
    """The model could not go on: one more try where that may help, then what is there, or a sentence."""
    error_id = logs.new_error_id()
    if outcome.tried_again(worker, claimed, model, error, None, error_id):
        return
    is_done = making is not None and making.summary.done
    if not is_done and standin.fails_over(worker, claimed, error):
        return
    if claimed.payload.rewrite:
        rewrite.keep(worker, claimed, more_texts.failed())
    elif making is not None and making.summary.done:
        _deliver(worker, claimed, model, making, texts.broken_off(engines.reason(error)))
    else:
        sentence = engines.sentence(model, error, error_id)
        if claimed.payload.makes_digest:
            sentence = digest_texts.model_failed(engines.reason(error), error_id)
        with worker.database.write() as session:
            notify.refuse(session, claimed, sentence)
            queue.finish(session, claimed, "failed")


def _deliver(worker: Worker, claimed: Claim, model: str, making: Making, cut: str) -> None:
    """The summary, where it comes from, and its delivery: one transaction. Where posts have changed since they were read,
    they are read again instead: nobody is told words that are gone."""
    if changed := recheck.changed(worker, claimed, making.posts):
        queue.give_way(worker.database, claimed, recheck.once_more(claimed.payload, making.posts, changed))
        return
    kept = handover.kept(worker, claimed, model, making, cut)
    if claimed.payload.rewrite:
        rewrite.replace(worker, claimed, kept)
        return
    with worker.database.write() as session:
        if session.get_one(Message, claimed.request_id).deleted:
            queue.finish(session, claimed, "cancelled")
            return
        if claimed.payload.makes_digest:
            digests.cut_back(session, claimed, making.summary)
        outcome.keep(session, worker, claimed, kept, unsure=claimed.payload.unsure or claimed.attempts > 1)
