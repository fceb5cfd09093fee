"""`/ai ask`: the question and its job are saved together; what is in front of it is said."""

from __future__ import annotations

import difflib
from datetime import datetime

import structlog
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mmapp.buttons import Button
from mmapp.commands import door, place
from mmapp.commands.door import Visit
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import take_flags
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import fairness, queue, waiting
from mmapp.jobs.fairness import Request, Standing
from mmapp.models import MODEL_NAME, Message, ModelRecord, PersonSettings, new_id
from mmapp.texts import ask as texts
from mmapp.texts import help as help_texts
from mmapp.texts import stop as stop_texts

FLAGS = {"private": False, "public": False, "model": True, "thread": True}
MAX_CHARACTERS = 100_000  # more than any window that fits a machine without graphics cards
# Built once: building a statement takes longer than running it.
_INSERT = insert(Message.metadata.tables["message"])
_MODELS = select(ModelRecord)
_PRIVATELY = select(PersonSettings.private)


def run(invocation: Invocation) -> Reply:
    typed = invocation.parsed.words
    if len(typed) > MAX_CHARACTERS:
        raise Refused(texts.too_long(len(typed), MAX_CHARACTERS))
    words, flags = take_flags(typed, FLAGS)
    if not words:
        raise Refused(texts.empty(), words="")
    if {"private", "public"} <= flags.keys():
        raise Refused(texts.both_ways())
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap
        return _ask(session, invocation, words, flags)


def _ask(session: Session, invocation: Invocation, words: str, flags: dict[str, str]) -> Reply:
    now = clock(session)
    door.require_open(session, _visit(invocation), now)
    records = {record.name: record for record in session.scalars(_MODELS)}
    record = _model(records, flags.get("model", ""), invocation.settings.default_model, now)
    model = record.name if record else flags.get("model", "").casefold()
    others = waiting.open_requests(session, now)
    warm_models = waiting.warm_models(session, now)
    refuse_when_full(invocation.person_id, others, worker=bool(warm_models))
    seconds = place.estimate(record, words, place.unread(session, invocation, flags))
    request_id = new_id()
    structlog.contextvars.bind_contextvars(request=request_id)  # in what the web side logs of this command
    session.execute(_INSERT, _question(request_id, invocation, words, now))
    payload = invocation.payload(
        now,
        thread=flags.get("thread", ""),
        private=_is_private(session, invocation, flags),
        model=model,
        verb="ask",
        flags=" ".join(f"--{name} {value}" if FLAGS[name] else f"--{name}" for name, value in flags.items()),
    )
    key = invocation.heard_key
    queue.enqueue(
        session, "admit", "admit", payload, request_id=request_id, dedupe_key=key, now=now, estimate=seconds or 0.0
    )
    if invocation.post_id:  # an hourglass under it says the rest
        return Reply("" if warm_models else texts.acknowledged(0, None, "", loading=False, worker=False))
    mine = Request(0, queue.PERSON, invocation.person_id, model, "", now, seconds or 0.0)
    before = Standing(0, 0.0)
    if rivals := place.rivals(mine, others, records):
        before = fairness.standing(mine, rivals, waiting.used(session, now))
    told = place.told(record, before, seconds, warm_models)
    if not (invocation.tells_root or invocation.in_direct_message or {"thread", "private"} & flags.keys()):
        # It may have been typed in a thread, and nobody told us: then its person reads where the answer goes.
        told = " ".join(filter(None, (told, texts.outside_threads())))
    return Reply(told, (Button(stop_texts.button(), "stop", request_id),) if told else ())


def _visit(invocation: Invocation) -> Visit:
    return Visit(
        invocation.settings,
        invocation.bot,
        invocation.person_id,
        invocation.channel_id,
        direct=invocation.in_direct_message,
        group=invocation.in_group_message,
    )


def _is_private(session: Session, invocation: Invocation, flags: dict[str, str]) -> bool:
    """As typed; else a command is answered as its person has set it, and a post, which others have read, where it stands."""
    if {"private", "public"} & flags.keys() or invocation.post_id:
        return "private" in flags
    return bool(session.scalar(_PRIVATELY.where(PersonSettings.person_id == invocation.person_id)))


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


def _model(records: dict[str, ModelRecord], wanted: str, default: str, now: datetime) -> ModelRecord | None:
    """The model that is asked for, or the default one; None where no worker has listed any yet. Raises Refused."""
    if len(wanted.casefold()) > MODEL_NAME:
        raise Refused(help_texts.unknown_model(wanted, []))
    if not records:
        return None
    if wanted:
        if wanted.casefold() not in records:
            near = difflib.get_close_matches(wanted.casefold(), records, 3)
            raise Refused(help_texts.unknown_model(wanted, near))
        return _usable(records[wanted.casefold()], now)
    usual = next((record for record in records.values() if record.is_default), None)
    return records.get(default.casefold()) or usual


def _usable(record: ModelRecord, now: datetime) -> ModelRecord:
    """A model that is known not to work is said so at once; one that rests is tried again when its time has come."""
    if record.fault and (record.retry_at is None or record.retry_at > now):
        raise Refused(help_texts.unusable_model(record.name, record.fault))
    return record
