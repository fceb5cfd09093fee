"""`/ai ask`: the question and its job are saved together; what is in front of it is said."""

from __future__ import annotations

import difflib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.commands.invocation import Button, Invocation, Reply
from mmapp.commands.parse import take_flags
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.models import Conversation, Message, ModelRecord, WorkerRecord, new_id
from mmapp.texts import ask as texts
from mmapp.texts import help as help_texts
from mmapp.texts import stop as stop_texts

FLAGS = {"private": False, "model": True, "thread": True}
MAX_CHARACTERS = 100_000  # more than any window that fits a machine without graphics cards
ALIVE = timedelta(seconds=10)
SOON = 3.0  # an answer expected within so many seconds needs no place in the queue: nothing is said
USUAL_ANSWER = 150.0  # tokens, until this model has answered here
USUAL_THREAD = 1000  # tokens of a thread that nobody has asked about yet
CHARACTERS_A_TOKEN = 3.5


def run(invocation: Invocation) -> Reply:
    typed = invocation.parsed.words
    if len(typed) > MAX_CHARACTERS:
        raise Refused(texts.too_long(len(typed), MAX_CHARACTERS))
    words, flags = take_flags(typed, FLAGS)
    if not words:
        raise Refused(texts.empty())
    with invocation.database.write() as session:
        return _ask(session, invocation, words, flags)


def _ask(session: Session, invocation: Invocation, words: str, flags: dict[str, str]) -> Reply:
    record = find_model(session, flags.get("model", ""), invocation.settings.default_model)
    model = record.name if record else flags.get("model", "").casefold()
    before = queue.standing(session, model)
    own = _estimate(record, words, _unread(session, invocation, flags))
    now = clock(session)
    request_id = new_id()
    session.add(_question(request_id, invocation, words, now))
    session.flush()
    payload = Payload(
        person_id=invocation.person_id,
        person_name=invocation.person_name,
        team_id=invocation.team_id,
        channel_id=invocation.channel_id,
        channel_name=invocation.channel_name,
        root_id=invocation.root_id,
        response_url=invocation.response_url,
        asked_at=round(now.timestamp() * 1000),
        thread=flags.get("thread", ""),
        private="private" in flags,
        model=model,
        flags=" ".join(f"--{name} {value}" if FLAGS[name] else f"--{name}" for name, value in flags.items()),
    )
    queue.enqueue(session, "admit", "admit", payload, request_id=request_id, estimate=own or 0.0)
    return _reply(session, record, before, own, now, request_id)


def _question(request_id: str, invocation: Invocation, words: str, now: datetime) -> Message:
    return Message(
        id=request_id,
        role="question",
        person_id=invocation.person_id,
        person_name=invocation.person_name,
        text=words,
        created_at=now,
    )


def find_model(session: Session, wanted: str, default: str) -> ModelRecord | None:
    """The model that is asked for, or the default one; None where no worker has listed any yet. Raises Refused."""
    records = {record.name: record for record in session.scalars(select(ModelRecord))}
    if not records:
        return None
    if wanted:
        if wanted.casefold() not in records:
            near = difflib.get_close_matches(wanted.casefold(), records, 3)
            raise Refused(help_texts.unknown_model(wanted, near))
        return _usable(records[wanted.casefold()], clock(session))
    usual = next((record for record in records.values() if record.is_default), None)
    return records.get(default.casefold()) or usual


def _usable(record: ModelRecord, now: datetime) -> ModelRecord:
    """A model that is known not to work is said so at once; one that rests is tried again when its time has come."""
    if record.fault and (record.retry_at is None or record.retry_at > now):
        raise Refused(help_texts.unusable_model(record.name, record.fault))
    return record


def _unread(session: Session, invocation: Invocation, flags: dict[str, str]) -> int:
    """Tokens of a thread that are still to be read, guessed: nothing was fetched yet. One that was asked about is known."""
    if not (invocation.root_id or "thread" in flags):
        return 0
    here = (Conversation.channel_id == invocation.channel_id, Conversation.root_id == invocation.root_id)
    known = session.scalar(select(Conversation.id).where(*here, Conversation.root_id != "").limit(1))
    return 0 if known else USUAL_THREAD


def _estimate(record: ModelRecord | None, words: str, unread: int) -> float | None:
    if record is None or not record.prefill or not record.decode:
        return None
    reading = (len(words) / CHARACTERS_A_TOKEN + unread) / record.prefill
    return reading + (record.answer_tokens or USUAL_ANSWER) / record.decode


def _reply(
    session: Session,
    record: ModelRecord | None,
    before: queue.Standing,
    own: float | None,
    now: datetime,
    request_id: str,
) -> Reply:
    alive = list(session.scalars(select(WorkerRecord).where(WorkerRecord.seen_at > now - ALIVE)))
    instant = record is not None and record.engine == "extractive"
    warm = instant or any(record is not None and record.name in worker.warm for worker in alive)
    seconds = 0.0 if instant else own
    if alive and warm and before.ahead == 0 and seconds is not None and seconds < SOON:
        return Reply()
    if seconds is not None:
        seconds += before.seconds + (0 if warm or record is None else record.load_seconds)
    title = record.title if record else texts.default_model()
    text = texts.acknowledged(before.ahead, seconds, title, loading=bool(alive) and not warm, worker=bool(alive))
    return Reply(text, (Button(stop_texts.button(), "stop", request_id),))
