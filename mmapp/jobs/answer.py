"""Answering: read the thread, ask the model, hand over what came of it. The model's own lane; no transaction is open."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from functools import partial

from llm.base import Model, ModelError, Options, Prompt, Size
from mmapp.chat import context, files, history, read, reading
from mmapp.chat.context import Marks
from mmapp.chat.files import FileRead
from mmapp.chat.privacy import Privacy
from mmapp.chat.reading import Asked
from mmapp.chat.source import Origin
from mmapp.db import clock
from mmapp.jobs import allowed, before, engines, outcome, readers, rewrite, sought, standin
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.stream import Stream
from mmapp.jobs.watch import Interrupted, watched
from mmapp.jobs.work import Receipt, Work
from mmapp.mattermost.pages import in_time
from mmapp.mattermost.payloads import Post
from mmapp.models import Conversation, Message

OPTIONS = Options(max_tokens=800, temperature=0.2)
SHORT = 300  # tokens of an answer that is to be short


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Answer one admitted request. Raises Refused, a MattermostError or LeaseLost."""
    end = rewrite if claimed.payload.rewrite else outcome
    if claimed.stop:
        end.stopped(worker, claimed, Work.left_behind(claimed))
        return
    model = standin.model(worker, claimed)
    if model is None:
        return
    work = Work.left_behind(claimed)
    try:
        asked = _asked(worker, claimed, lease)
        work = Work.left_behind(claimed, marks=asked.marks)
        worker.just_read[model.name] = claimed.thread
        work = _prepare(worker, claimed, lease, model, asked)
        if work.words and not model.continues:
            end.cannot_go_on(worker, claimed, work)
            return
        with _shown(worker, claimed, lease, work, asked):
            _write(worker, lease, model, work, _options(claimed.payload))
        end.answered(worker, claimed, model, work)
    except Interrupted as interrupted:
        if interrupted.leaving:
            outcome.handed_back(worker, claimed, work)
        else:
            end.stopped(worker, claimed, work)
    except ModelError as error:
        end.failed(worker, claimed, model.name, error, work)


def _options(payload: Payload) -> Options:
    """As its person has set it, and where it is written anew, so that it comes out otherwise."""
    if payload.rewrite:
        return rewrite.options(payload)
    most = SHORT if payload.manner.get("length") == "short" else OPTIONS.max_tokens
    return Options(max_tokens=most, temperature=payload.manner.get("temperature", OPTIONS.temperature))


def _shown(worker: Worker, claimed: Claim, lease: Lease, work: Work, asked: Asked) -> AbstractContextManager[object]:
    """While it is written; not where an old answer stands, which stays until the new one is done."""
    return nullcontext() if claimed.payload.rewrite else Stream(worker, claimed, lease, work, asked.question)


def _asked(worker: Worker, claimed: Claim, lease: Lease) -> Asked:
    """The question and all that could be told with it. Rights are asked for again: meanwhile they may be lost."""
    payload = claimed.payload
    member = allowed.require_place(worker, payload)
    with worker.database.read() as session:
        question = session.get_one(Message, claimed.request_id)
        conversation = session.get_one(Conversation, question.conversation_id)
        instead = before.standing(session, conversation)
        exchanges = history.exchanges(session, conversation, payload.person_id, instead)
        thread = payload.thread_read.root_id if payload.thread_read else conversation.id
        marks = _marks(worker, thread, clock(session).date())
        privacy = Privacy.of(session)
        read_until = sought.read_until(session, claimed)
    questions = {question.post_id, *(exchange.post_id for exchange in exchanges)}
    words = question.text
    if payload.rewrite:
        exchanges, words = rewrite.told(payload, question.id, exchanges, words)
    made_from = Origin.joined(each.origin for each in exchanges).channels
    # What is read now is looked at by itself.
    readers.require(worker, payload, made_from - {source.channel_id for source in payload.sources})
    # A shorter answer is shortened from one that was written so already.
    manner = "" if payload.rewrite == "shorter" else payload.manner_told
    asked = Asked(worker.bot, words, payload.person_name, (), exchanges, marks, manner=manner)
    if not payload.sources:
        return asked
    found = sought.posts(worker, payload, member, privacy)
    posts = [post for post in found.posts if post.create_at <= read_until or post.id == question.post_id]
    if len(payload.sources) > 1:
        posts.sort(key=in_time)
    said = read.said(worker.people, posts, questions)
    contents, zone = _files(worker, lease, posts), worker.people.zone(payload.person_id)
    return replace(asked, posts=files.among(said, contents), files=contents, left_out=found.left_out, zone=zone)


def _files(worker: Worker, lease: Lease, posts: list[Post]) -> list[FileRead]:
    """What hangs on the posts, the question's own among them."""
    if not any(post.files for post in posts):
        return []
    names = worker.people.names(post.user_id for post in posts if post.files)
    return [found for found in watched(worker, lease, files.read(worker.client, posts, names)) if found is not None]


def _prepare(worker: Worker, claimed: Claim, lease: Lease, model: Model, asked: Asked) -> Work:
    """Everything that the model is told. Raises a ModelError: what is told depends on what the model can read."""

    def size_of(prompt: Prompt) -> Size:
        steps = watched(worker, lease, model.size(prompt, _options(claimed.payload)))
        *_, size = (step for step in steps if isinstance(step, Size))
        return size

    def budget() -> int:
        return worker.settings.tokens_to_read(engines.prefill(worker, model, partial(watched, worker, lease)))

    selected = reading.select(asked, size_of, budget)
    people = [claimed.payload.person_id, *(post.person_id for post in asked.posts)]
    return Work(
        prompt=replace(asked.prompt(selected), begun=claimed.words),
        marks=asked.marks,
        people=tuple(sorted(worker.people.notifying(people))),
        receipt=Receipt.of_selection(selected, asked),
        chosen=selected.chosen,
        read_until=max((post.at for post in asked.posts), default=0),
        authors=frozenset(post.person_id for post in selected.posts),
        words=claimed.words,
    )


def _marks(worker: Worker, thread_id: str, today: date) -> Marks:
    return context.marks(worker.settings.secret_key.get_secret_value(), thread_id, today)


def _write(worker: Worker, lease: Lease, model: Model, work: Work, options: Options) -> None:
    """Let the model write into `work`."""
    for chunk in watched(worker, lease, model.generate(work.prompt, options)):
        work.take(chunk)
        lease.words = work.words
