"""Summarising: everything is read, part by part. Each part is a checkpoint, and between two of them a question goes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm.base import Model, ModelError
from mmapp import logs
from mmapp.chat import context, files, read
from mmapp.chat.brief import Brief
from mmapp.chat.context import Marks
from mmapp.chat.notes import Notes
from mmapp.chat.numbered import local
from mmapp.chat.privacy import Privacy
from mmapp.chat.prompts import SUMMARY_VERSION
from mmapp.chat.summary import Budget, Part, Summary
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import allowed, compose, engines, known, minutes, notify, outcome, queue, sought, telling
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.known import Known
from mmapp.jobs.lease import Lease
from mmapp.jobs.minutes import Links, Read
from mmapp.jobs.outcome import Kept
from mmapp.jobs.watch import Interrupted, watched
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.models import Job, Message, ModelRecord
from mmapp.texts import engine as engine_texts
from mmapp.texts import files as file_texts
from mmapp.texts import summarize as texts
from mmapp.texts.plain import label
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
    brief: Brief
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
    brief = Brief.of(wanted)
    found = _read(worker, claimed, lease, wanted)
    quotes_only = _quotes_only(worker, model.name)
    see = partial(watched, worker, lease)
    leaf = engines.LEAST_LEAF if quotes_only else engines.leaf_tokens(worker, model, see)
    summary = Summary(
        posts=found.posts,
        brief=brief,
        model=None if quotes_only else model,
        identity=lambda: f"{model.name} {worker.registry.sha256(model.name)}",
        budget=Budget(leaf),
        known=Known(worker.database),
        secret=worker.settings.secret_key.get_secret_value(),
        marks_of=_marks(worker),
    )
    return _Making(summary, found, brief)


def _quotes_only(worker: Worker, name: str) -> bool:
    info = worker.models.get(name)
    return info is not None and info.engine == "extractive"


def _marks(worker: Worker) -> Callable[[str], Marks]:
    """The day's marks of each part."""
    with worker.database.read() as session:
        today = clock(session).date()
    secret = worker.settings.secret_key.get_secret_value()
    return lambda key: context.marks(secret, key, today)


# What is read


def _read(worker: Worker, claimed: Claim, lease: Lease, wanted: Wanted) -> Read:
    """Everything. Rights are asked for again: meanwhile they may be lost. Raises Refused where there is nothing to read."""
    payload = claimed.payload
    member = allowed.require_place(worker, payload)
    with worker.database.read() as session:
        privacy = Privacy.of(session)
        asked_by = session.get_one(Message, claimed.request_id).post_id
    found = sought.posts(worker, payload, member, privacy)
    posts = [post for post in found.posts if post.id != asked_by]
    _require_something(payload.wanted, wanted, len(posts), found)
    said = read.noted(worker.people, posts, threads=not payload.thread_read)
    names = worker.people.names(post.user_id for post in posts if post.files)
    steps = files.read(worker.client, posts, names) if any(post.files for post in posts) else iter(())
    contents = [one for one in watched(worker, lease, steps) if one is not None]
    told = files.among(said, contents)
    notes = [file_texts.foot(files.told(contents, told), label)] if contents else []
    if found.withheld:
        authors = {post.user_id for post in posts}
        notes.append(texts.withheld(found.withheld if len(authors) >= minutes.FEW else None))
    return Read(told, len(posts), found.withheld, tuple(filter(None, notes)))


def _require_something(typed: dict[str, Any], wanted: Wanted, posts: int, found: sought.Sought) -> None:
    if posts > 1:
        return
    if found.closed:
        raise Refused(texts.closed())
    if found.withheld:
        raise Refused(texts.nobody_wants())
    if posts:
        raise Refused(texts.only_one())
    if wanted.since == "unread":
        raise Refused(texts.nothing_unread())
    if wanted.author:
        raise Refused(texts.nothing_by_them(typed["author"]))
    raise Refused(texts.nothing_there())


# Between two parts


def _checkpoint(worker: Worker, claimed: Claim, making: _Making, part: Part) -> None:
    """Keep a part in the transaction that says how far we are. Raises LeaseLost, and _GivenWay where somebody waits."""
    making.computed += part.node is not None
    seconds = making.seconds_left(part, _usual(worker, claimed.payload.model, making))
    with worker.database.write() as session:
        if part.node is not None:
            posts = making.summary.posts[part.node.start : part.node.end]
            known.keep(session, part.node, posts)
            engines.learnt(session, claimed.payload.model, part.finish)
        queue.checkpoint(session, claimed, part.done, part.of, seconds or 0.0)
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
    if making is None or not making.summary.done:
        with worker.database.write() as session:
            queue.finish(session, claimed, "cancelled")
        return
    _deliver(worker, claimed, model, making, texts.stopped())


def _failed(worker: Worker, claimed: Claim, model: str, making: _Making | None, error: ModelError) -> None:
    """The model could not go on: one more try where that may help, then what is there, or a sentence."""
    error_id = logs.new_error_id()
    if outcome.tried_again(worker, claimed, model, error, None, error_id):
        return
    if making is not None and making.summary.done:
        _deliver(worker, claimed, model, making, texts.broken_off(engines.reason(error)))
        return
    with worker.database.write() as session:
        notify.refuse(session, claimed, engines.sentence(model, error, error_id))
        queue.finish(session, claimed, "failed")


def _deliver(worker: Worker, claimed: Claim, model: str, making: _Making, cut: str) -> None:
    """The summary, where it comes from, and its delivery: one transaction."""
    links = _links(worker, claimed, making)  # Mattermost is asked before the transaction
    with worker.database.write() as session:
        if session.get_one(Message, claimed.request_id).deleted:
            queue.finish(session, claimed, "cancelled")
            return
        stopped = session.scalar(select(Job.stop).where(Job.id == claimed.id).with_for_update())
        cut = cut or (texts.stopped() if stopped and len(making.summary.done) > 1 else "")
        _hand_over(session, worker, claimed, model, making, links, cut)


def _hand_over(
    session: Session, worker: Worker, claimed: Claim, model: str, making: _Making, links: Links, cut: str
) -> None:
    notes, brief, found = making.summary.root, making.brief, making.read
    seen = making.summary.posts_read
    seconds = claimed.spent(clock(session))
    own_posts = [post for post in found.posts if not files.file_of(post)]
    told = [post for post in own_posts if post.post_id in seen]
    when = Read(told or own_posts, found.of).when(
        brief.zone, local(round(clock(session).timestamp() * 1000), brief.zone)
    )
    receipt = texts.receipt(len({post.post_id for post in told}), found.of, when, found.people)
    foot = texts.foot(worker.title(model), seconds, _foot(worker, model, making, notes, cut))
    provenance = _provenance(worker, claimed, model, making, seconds, len(told), when)
    kept = Kept(
        raw=minutes.plain(notes),
        text=minutes.text(notes, brief.kind, receipt, links, foot),
        provenance=provenance,
        read_until=max(post.at for post in found.posts),
        whole=not cut,
    )
    outcome.keep(session, worker, claimed, kept, unsure=claimed.attempts > 1)


def _foot(worker: Worker, model: str, making: _Making, notes: Notes, cut: str) -> list[str]:
    holding = sum(len(line.posts) for line in notes.all_lines if line.support == "supported")
    of = sum(len(line.posts) for line in notes.all_lines) + notes.removed
    unchecked = sum(line.support == "unchecked" for line in notes.all_lines)
    floor = notes.quoted and making.summary.model is not None
    return [
        *([cut] if cut else []),
        *(
            [texts.floor(worker.title(model))]
            if floor
            else [texts.checked(holding, of)]
            if of and not notes.quoted
            else []
        ),
        *([texts.unchecked(unchecked)] if unchecked else []),
        *making.read.notes,
    ]


def _provenance(
    worker: Worker, claimed: Claim, model: str, making: _Making, seconds: float, told: int, when: str
) -> dict[str, Any]:
    finishes = making.summary.finishes
    return {
        "model": model,
        "title": worker.title(model),
        "sha256": worker.registry.sha256(model),
        "prompt": SUMMARY_VERSION,
        "posts": told,
        "of": making.read.of,
        "cut": 0,
        "forgotten": 0,
        "first": True,
        "newest": True,
        "people": sorted(worker.people.notifying({post.person_id for post in making.read.posts})),
        "sources": compose.source_channels(claimed.payload),
        "read": sum(one.read for one in finishes),
        "reused": sum(one.reused for one in finishes),
        "written": sum(one.written for one in finishes),
        "seconds": round(seconds, 2),
        "summary": {
            "when": when,
            "kind": making.brief.kind,
            "parts": making.summary.parts,
            "quoted": making.summary.quoted_parts,
            "removed": making.summary.root.removed,
        },
    }


def _links(worker: Worker, claimed: Claim, making: _Making) -> Links:
    """Links only into channels that every reader has joined: who follows one into another joins it, for all to see.

    In a direct message that is the asker; elsewhere the audience guard has seen to it (scope.py).
    """
    payload = claimed.payload
    channels = {source.channel_id for source in payload.sources}
    joined = {one for one in channels if one == payload.to_channel or _has_joined(worker, one, payload.person_id)}
    names = {one: _name(worker, one) for one in channels - joined}
    posts = {post.post_id: post for post in making.summary.posts}
    return Links(worker.settings.mattermost_url, payload.team_name, posts, joined, names, {})


def _has_joined(worker: Worker, channel_id: str, person_id: str) -> bool:
    try:
        return worker.client.member(channel_id, person_id) is not None
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False


def _name(worker: Worker, channel_id: str) -> str:
    return label(worker.client.channel(channel_id).display_name)
