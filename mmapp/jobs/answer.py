"""Answering: read the thread, ask the model, hand over what came of it. The model's own lane; no transaction is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from llm.base import Chunk, Model, ModelError, Options
from mmapp.chat import audience, context, history, read
from mmapp.chat.context import Marks
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import engines, outcome, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.lease import Lease
from mmapp.jobs.queue import Claim
from mmapp.jobs.work import Work
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.models import Conversation, Message
from mmapp.texts import ask as texts
from mmapp.texts import engine as engine_texts

OPTIONS = Options(max_tokens=800, temperature=0.2)


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Answer one admitted request. Raises Refused, a MattermostError or LeaseLost."""
    if claimed.queue == queue.ORPHANS:
        raise Refused(engine_texts.missing(claimed.payload.model))
    work = Work.left_behind(claimed) if claimed.stop else _prepare(worker, claimed)
    if claimed.stop or lease.stop:
        outcome.stopped(worker, claimed, work)
        return
    model = engines.resolve(worker, claimed.payload.model)
    try:
        ended = _write(worker, lease, model, work)
        if ended == "leaving":
            queue.release(worker.database, claimed, work.words or None)
        elif ended == "stopped":
            outcome.stopped(worker, claimed, work)
        else:
            outcome.answered(worker, claimed, model, work)
    except ModelError as error:
        outcome.failed(worker, claimed, model.name, error, work)


def _prepare(worker: Worker, claimed: Claim) -> Work:
    """Everything that the model is told. The right to read is checked again: between asking and now it may be lost."""
    payload = claimed.payload
    posts = []
    if payload.source_root:
        posts = _thread(worker, payload.source_channel, payload.source_root, payload.person_id)
    with worker.database.read() as session:
        question = session.get_one(Message, claimed.request_id)
        conversation = session.get_one(Conversation, question.conversation_id)
        exchanges = history.exchanges(session, conversation)
        marks = _marks(worker, payload.source_root or conversation.id, clock(session).date())
    prompt = context.build(worker.bot, posts, exchanges, question.text, payload.person_name, marks)
    return Work(
        prompt=replace(prompt, begun=claimed.words),
        marks=marks,
        people=tuple(sorted(worker.people.notifying([payload.person_id, *(post.person_id for post in posts)]))),
        posts=len(posts),
        read_until=max((post.at for post in posts), default=0),
        words=claimed.words,
    )


def _thread(worker: Worker, channel_id: str, root_id: str, person_id: str) -> list[read.Said]:
    try:
        if not audience.may_read(worker.client, channel_id, person_id, worker.bot_id):
            raise Refused(texts.not_a_member())
        return read.thread(worker.client, worker.people, channel_id, root_id, worker.bot_id)
    except (NotFound, Forbidden) as error:
        if not error.own:
            raise
        raise Refused(texts.thread_gone()) from None


def _marks(worker: Worker, thread_id: str, today: date) -> Marks:
    return context.marks(worker.settings.secret_key.get_secret_value(), thread_id, today)


def _write(worker: Worker, lease: Lease, model: Model, work: Work) -> str:
    """Let the model write into `work`: "ended", "stopped" by a person, or "leaving" because the worker goes."""
    chunks = model.generate(work.prompt, OPTIONS)
    try:
        for chunk in chunks:
            lease.check()
            if lease.stop:
                return "stopped"
            work.take(chunk)
            lease.words = work.words
            if worker.stopping.is_set() and not chunk.finish:
                return "leaving"
    finally:
        _close(chunks)
    return "ended"


def _close(chunks: Iterator[Chunk]) -> None:
    """Closing the generator is what stops the engine."""
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
