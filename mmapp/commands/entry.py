"""A request enters: the door, a model, room in the line; saved with its job in one transaction, and its place is told."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.choice import Chosen, Settled, Spot
from mmapp.commands import door, place
from mmapp.commands.door import Visit
from mmapp.commands.invocation import Invocation
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import fairness, queue, waiting
from mmapp.jobs.fairness import Request, Standing
from mmapp.models import MODEL_NAME, Message, ModelRecord, new_id
from mmapp.texts import ask as texts
from mmapp.texts import model as model_texts

# Built once: building a statement takes longer than running it.
_INSERT = insert(Message.metadata.tables["message"])
_MODELS = select(ModelRecord)


@dataclass(frozen=True)
class Entered:
    """A request that waits: its model (None: no worker has listed any), what is in front of it, how long it will take, the
    models that each living worker has loaded, and the one that its model stands in for, if any. `is_guess`: another model may
    answer, by the thread that was named."""

    request_id: str
    record: ModelRecord | None
    before: Standing
    seconds: float | None
    warm_models: list[list[str]]
    instead_of: str = ""
    is_guess: bool = False

    @property
    def told(self) -> str:
        """What its person reads at once; nothing where the answer will be there as soon."""
        if self.is_guess and self.warm_models:
            return texts.by_its_thread()
        return self._and_why(place.told(self.record, self.before, self.seconds, self.warm_models))

    def told_of_summary(self, comes: str) -> str:
        """The same for one that `comes` elsewhere. How long it takes, nobody knows before it was seen how much there is."""
        if self.is_guess and self.warm_models:
            return texts.by_its_thread(comes)
        return self._and_why(place.told(self.record, self.before, None, self.warm_models, comes))

    def _and_why(self, told: str) -> str:
        """Where another model stands in for the one that was chosen, its person knows before it answers."""
        return f"{told} {model_texts.not_available(self.instead_of)}" if told and self.instead_of else told


def enter(
    session: Session,
    invocation: Invocation,
    words: str,
    *,
    model: str,
    unread: int,
    is_quotable: Callable[[], bool],
    thread: str = "",
    linked: str = "",
    **payload: Any,
) -> Entered:
    """Save a request and its job. `unread`: tokens that are to be read for it, as far as they can be guessed; `is_quotable`,
    asked where nothing can write: whether there is something to quote for it; `thread`: the one that its person has named to be
    answered about, `linked`: to be summed up.

    Raises Refused.
    """
    now = clock(session)
    door.require_open(session, _visit(invocation), now)
    choice.lapse(session, invocation.person_id, invocation.bot)
    records = {record.name: record for record in session.scalars(_MODELS)}
    spot, is_known = place.spot(session, invocation, thread or linked)
    chosen = _chosen(session, invocation, spot, records, model, now, is_quotable)
    record = chosen.record if chosen else None
    name = record.name if record else model.casefold()
    others = waiting.open_requests(session, now)
    warm_models = waiting.warm_models(session, now)
    refuse_when_full(invocation.person_id, others, worker=bool(warm_models))
    seconds = place.estimate(record, words, unread)
    request_id = new_id()
    structlog.contextvars.bind_contextvars(request=request_id)  # in what the web side logs of this command
    session.execute(_INSERT, _question(request_id, invocation, words, now))
    carried = invocation.payload(now, model=name, once=model.casefold(), thread=thread, **payload)
    queue.enqueue(
        session,
        "admit",
        "admit",
        carried,
        request_id=request_id,
        dedupe_key=invocation.heard_key,
        now=now,
        estimate=seconds or 0.0,
    )
    before = Standing(0, 0.0)
    if not invocation.post_id:
        mine = Request(0, queue.PERSON, invocation.person_id, name, "", now, seconds or 0.0)
        if rivals := place.rivals(mine, others, records):
            at_a_time = record.concurrency if record else 1
            before = place.before(mine, rivals, waiting.used(session, now), at_a_time)
    instead_of = chosen.instead_of if chosen else ""
    return Entered(request_id, record, before, seconds, warm_models, instead_of, is_guess=not (is_known or model))


def require_open(session: Session, invocation: Invocation) -> None:
    """Raises Refused where Chorus is off, or this person has asked enough for a day."""
    door.require_open(session, _visit(invocation), clock(session))


def require_room(session: Session, invocation: Invocation) -> None:
    """The same, and where too much waits already."""
    require_open(session, invocation)
    now = clock(session)
    worker = bool(waiting.warm_models(session, now))
    refuse_when_full(invocation.person_id, waiting.open_requests(session, now), worker=worker)


def require_on(session: Session, invocation: Invocation) -> None:
    """Raises Refused where Chorus is off."""
    door.require_on(session, _visit(invocation))


def _visit(invocation: Invocation) -> Visit:
    return Visit(
        invocation.settings,
        invocation.bot,
        invocation.person_id,
        invocation.channel_id,
        direct=invocation.in_direct_message,
        group=invocation.in_group_message,
    )


def refuse_when_full(person_id: str, others: list[Request], *, worker: bool) -> None:
    """No time is named where nobody works, or what is in front was never measured here."""
    full = fairness.room(person_id, others)
    if full is not None:
        raise Refused(texts.busy(full.waiting, full.seconds or None, own=full.own, worker=worker))


def _question(request_id: str, invocation: Invocation, words: str, now: datetime) -> dict[str, object]:
    return {
        "id": request_id,
        "role": "question",
        "bot": invocation.bot,
        "person_id": invocation.person_id,
        "person_name": invocation.person_name,
        "text": words,
        "post_id": invocation.post_id,
        "marked": bool(invocation.post_id),
        "deleted": False,
        "created_at": now,
    }


def _chosen(
    session: Session,
    invocation: Invocation,
    spot: Spot,
    records: dict[str, ModelRecord],
    once: str,
    now: datetime,
    is_quotable: Callable[[], bool],
) -> Chosen | None:
    """The model that is asked for this once, or the one that is set here; None where no worker has listed any yet.

    Raises Refused.
    """
    if len(once.casefold()) > MODEL_NAME:
        raise Refused(model_texts.unknown(once, []))
    if not records:
        return None
    here = choice.settled(session, spot)
    if once:
        require_usable(here, records, once, now)
    wish = {"once": once.casefold(), "default": invocation.settings.default_model}
    chosen = choice.choose(here, records, now, quoting=False, **wish)
    if chosen is None and is_quotable():
        chosen = choice.choose(here, records, now, quoting=True, **wish)
    if chosen is None:
        raise Refused(choice.why_none(here, records, now, **wish))
    return chosen


def require_usable(here: Settled, records: Mapping[str, ModelRecord], wanted: str, now: datetime) -> ModelRecord:
    """A model by the name that somebody has typed. Raises Refused where there is none, it fails, or may not answer here."""
    record = records.get(wanted.casefold())
    if record is None:
        raise Refused(model_texts.unknown(wanted, near(wanted, records)))
    if not here.rules.allow(record.name):
        raise Refused(model_texts.not_allowed(record.name))
    if not choice.is_usable(record, now):
        raise Refused(model_texts.unusable(record.name, record.fault))
    return record


def near(wanted: str, names: Iterable[str]) -> list[str]:
    """The names of models most like a word that is none."""
    return difflib.get_close_matches(wanted.casefold(), names, 3)
