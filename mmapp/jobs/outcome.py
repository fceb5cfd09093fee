"""What becomes of an answer: it is delivered, kept as far as it came, tried again, or the asker is told why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm.base import EmptyAnswer, Model, ModelDied, ModelError
from mmapp import items, logs
from mmapp.chat import delivery, history
from mmapp.db import clock
from mmapp.jobs import before, compose, digests, engines, erase, notify, posts, queue, standin
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.waiting import ANSWERING
from mmapp.jobs.work import Work
from mmapp.models import Conversation, DigestItem, Job, Message
from mmapp.texts import ask as texts
from mmapp.texts import more as more_texts

log = structlog.get_logger()


def answered(worker: Worker, claimed: Claim, model: Model, work: Work) -> None:
    """The model came to an end by itself. Raises EmptyAnswer where nothing of it can be seen."""
    reason = work.finish.reason if work.finish else "length"
    if work.finish and work.finish.keep is not None:
        work.words = work.words[: work.finish.keep]  # it ends before the first repetition
    if work.blank:
        raise EmptyAnswer
    full = texts.cut_off(texts.filled(tells_root=claimed.payload.tells_root))
    below = {"repeat": texts.repeated(), "length": full}.get(reason, "")
    with worker.database.write() as session:
        if session.scalar(select(Job.stop).where(Job.id == claimed.id).with_for_update()):
            below = texts.stopped()  # pressed since the last heartbeat, and acknowledged
        _deliver(session, worker, claimed, model.name, work, below)
        engines.worked(session, model.name, work.finish)


def stopped(worker: Worker, claimed: Claim, work: Work) -> None:
    """A person stopped it. Words that were written stay; where there are none, nothing is posted. Where it was deleted, whoever
    deletes it must know all that was."""
    if work.unsure and _is_deleted(worker, claimed):
        posts.recall_if_seen(worker, claimed)
    with worker.database.write() as session:
        if not work.blank and not session.get_one(Message, claimed.request_id).deleted:
            _deliver(session, worker, claimed, claimed.payload.model, work, texts.stopped())
        else:
            queue.finish(session, claimed, "cancelled")


def cannot_go_on(worker: Worker, claimed: Claim, work: Work) -> None:
    """The words that were written before are all that there will be: the model goes on from none."""
    with worker.database.write() as session:
        _deliver(session, worker, claimed, claimed.payload.model, work, texts.cut_off(texts.restarted()))


def handed_back(worker: Worker, claimed: Claim, work: Work) -> None:
    """The worker goes. Its attempts start anew, unless whoever goes on must look for a post that may be there."""
    if work.unsure:
        queue.retry(worker.database, claimed, queue.SETTLE.total_seconds(), words=work.words or None, excused=True)
    else:
        queue.release(worker.database, claimed, work.words or None)


def failed(worker: Worker, claimed: Claim, model: str, error: ModelError, work: Work) -> None:
    """The model could not go on. One more try where that may help; then the words so far, or a sentence."""
    error_id = logs.new_error_id()
    if tried_again(worker, claimed, model, error, work, error_id):
        return
    if work.blank and standin.fails_over(worker, claimed, error):
        return
    with worker.database.write() as session:
        if not work.blank:
            _deliver(session, worker, claimed, model, work, texts.cut_off(engines.reason(error)))
        else:
            notify.refuse(session, claimed, engines.sentence(model, error, error_id))
            queue.finish(session, claimed, "failed")


def tried_again(
    worker: Worker, claimed: Claim, model: str, error: ModelError, work: Work | None, error_id: str = ""
) -> bool:
    """Whether a model that could not go on gets the job once more; what it did is logged and counted."""
    log.warning(
        "a model failed",
        error_id=error_id,
        job=claimed.id,
        model=model,
        fault=type(error).__name__,
        detail=str(error),
    )
    resting = engines.note_failure(worker, model, error)
    if resting or not _worth_another_try(claimed, error):
        return False
    words = work.words or None if work else None
    queue.retry(worker.database, claimed, 1.0, words=words, died=isinstance(error, ModelDied))
    return True


def give_up(session: Session, worker: Worker, claimed: Claim, words: str, state: str) -> None:
    """End a job that will not be done. An answer's words so far are posted all the same, unless an old answer is there."""
    work = Work.left_behind(claimed, words)
    if claimed.kind == "answer" and not claimed.payload.rewrite and not work.blank:
        _deliver(session, worker, claimed, claimed.payload.model, work, texts.cut_off(texts.unfinished()))
        return
    queue.finish(session, claimed, state)
    if claimed.payload.makes_digest and claimed.kind in ANSWERING:
        items.drop_run(session, claimed.request_id)
    if claimed.kind == "post":
        _unposted(session, claimed)
    elif claimed.kind == "notify" and claimed.payload.answer_id:
        erase.untold(session, claimed.request_id)  # nobody was told it where it was to go, nor alone


def stood_already(session: Session, claimed: Claim, state: str) -> bool:
    """Whether this is the delivery of what stands there whole, that nobody could look at again: it ends so, and nobody is told
    what they read there."""
    if claimed.kind != "post" or not _stands(session, claimed):
        return False
    log.warning("an answer stands there, and its delivery could not be ended", request=claimed.request_id)
    if claimed.payload.makes_digest:
        digests.posted(session, claimed)
    queue.finish(session, claimed, state)
    return True


def undelivered(session: Session, claimed: Claim, why: str, state: str) -> None:
    """The end of a delivery that cannot be posted where it was to go: its asker is told it alone, once it was looked at again
    (notify.py), and what stands there of it goes. One that was to be shared they have, and of one that is written anew the old
    one."""
    payload, request_id = claimed.payload, claimed.request_id
    queue.finish(session, claimed, state)
    if payload.shared or payload.rewrite:
        why = more_texts.share_failed() if payload.shared else more_texts.stays(why)
        queue.tell(session, request_id, why, directly=bool(payload.rewrite))
        _unposted(session, claimed)
    else:
        alone = payload.but(sentence=why, to_channel="", to_root="")
        queue.enqueue(session, "notify", "notify", alone, request_id=request_id)
        posts.no_answer(session, request_id)  # its first words would stand under a Stop for ever


def _unposted(session: Session, claimed: Claim) -> None:
    """What nobody has read, or half of it, is in reach of no later prompt; and the old answer, where there is one, is the one
    again: at once here, and in its posts as soon as nothing that was sent before can still arrive (restore.py)."""
    if claimed.payload.rewrite:
        before.put_back(session, claimed)
        payload, request_id = claimed.payload.but(seen={}, sentence=""), claimed.request_id
        queue.enqueue(session, "restore", "post", payload, request_id=request_id, run_at=claimed.quiet_until)
    else:
        erase.untold(session, claimed.request_id)


def unread(session: Session, claimed: Claim) -> None:
    """The end of a delivery of which nothing may be posted."""
    queue.finish(session, claimed, "failed")
    erase.untold(session, claimed.request_id)


def cancelled(worker: Worker, claimed: Claim) -> None:
    """The end of a delivery of what was deleted, or taken back. What an earlier attempt may have made of it is found, so that it
    goes (begun.py). Raises a MattermostError or LeaseLost."""
    if claimed.attempts > 1 or claimed.payload.unsure:
        posts.recall_if_seen(worker, claimed)
    with worker.database.write() as session:
        queue.finish(session, claimed, "cancelled")
        if claimed.payload.makes_digest and not _stands(session, claimed):
            erase.untold(session, claimed.request_id)  # who changes a digest deletes nothing, as `delete` does


def left_by_its_bot(worker: Worker, claimed: Claim, words: str, sentence: str) -> None:
    """Its bot is none of ours any more: the main one tells its person so, or gives them what was written all the same."""
    with worker.database.write() as session:
        if session.get_one(Message, claimed.request_id).deleted:
            queue.finish(session, claimed, "cancelled")
            return
        if stood_already(session, claimed, "failed"):
            return
        if claimed.payload.makes_digest:
            digests.without_its_bot(session, claimed)
        elif claimed.kind == "post":
            undelivered(session, claimed, texts.answer_of_gone(claimed.payload.bot), "failed")
            return
        elif claimed.kind in queue.UNTOLD:
            log.warning("a job ended without its bot, and nobody is told")
        elif claimed.kind != "answer" or Work.left_behind(claimed, words).blank:
            notify.refuse(session, claimed, sentence)
        give_up(session, worker, claimed, words, "failed")


def _is_deleted(worker: Worker, claimed: Claim) -> bool:
    with worker.database.read() as session:
        return session.get_one(Message, claimed.request_id).deleted


def _stands(session: Session, claimed: Claim) -> bool:
    """Whether all posts of a delivery stand there: first words, or half of them, are no answer that anybody has. Those of what is
    written anew are whole from the beginning, with the old answer."""
    brought = (Job.parts_done > 0,) if claimed.payload.rewrite else ()
    return bool(session.scalar(select(delivery.whole(Job)).where(Job.id == claimed.id, *brought)))


def _worth_another_try(claimed: Claim, error: ModelError) -> bool:
    """A death can be another process's fault; the second over the same job is the job's. Load failures are tried twice."""
    if claimed.last_attempt:
        return False
    if isinstance(error, ModelDied):
        return claimed.deaths == 0
    return isinstance(error, engines.LOADING) and claimed.attempts == 1


def _deliver(session: Session, worker: Worker, claimed: Claim, model: str, work: Work, below: str) -> None:
    """The answer, where it comes from, and its delivery: one transaction, ours only while the lease is. Raises LeaseLost."""
    question = session.get_one(Message, claimed.request_id)
    raw = work.marks.strike(work.words)
    conversation = session.get_one(Conversation, question.conversation_id)
    provenance = compose.provenance(worker, claimed.payload, model, work, history.heard(session, conversation))
    keep(
        session,
        worker,
        claimed,
        Kept(raw, compose.text(worker, question, raw, provenance, below), provenance, work.read_until, whole=not below),
        run_at=_quiet(clock(session), claimed, work),
        unsure=work.unsure or claimed.attempts > 1,
    )


@dataclass(frozen=True)
class Kept:
    """An answer as it is kept: as the model wrote it, as it is posted, and where it comes from. `items`: what a digest tells
    first, and the next ones again; `seen`: the posts that a summary was made from, as its delivery carries them (seen.py)."""

    raw: str
    text: str
    provenance: dict[str, Any]
    read_until: int
    whole: bool
    items: tuple[DigestItem, ...] = ()
    seen: dict[str, Any] = field(default_factory=dict)


def keep(
    session: Session, worker: Worker, claimed: Claim, kept: Kept, *, run_at: datetime | None = None, unsure: bool
) -> None:
    """Save an answer and queue its delivery: the end of a job. Raises LeaseLost."""
    question = session.get_one(Message, claimed.request_id)
    author = worker.bots.find(claimed.payload.bot) or worker.me
    answer = Message(
        conversation_id=question.conversation_id,
        question_id=question.id,
        role="answer",
        person_id=author.id,
        person_name=author.name,
        raw=kept.raw,
        text=kept.text,
        manner=claimed.payload.manner_told,
        read_until=kept.read_until,
        provenance=kept.provenance,
        created_at=clock(session),
    )
    session.add(answer)
    session.flush()
    payload = claimed.payload.but(answer_id=answer.id, unsure=unsure, seen=kept.seen)
    if payload.makes_digest:
        run_at = digests.due(session, question.id)
        items.keep(session, question.id, kept.items)
    key, class_ = delivery.key(answer.id), claimed.class_
    queue.enqueue(
        session, "post", "post", payload, request_id=question.id, dedupe_key=key, run_at=run_at, class_=class_
    )
    queue.finish(session, claimed)
    shown = {key: value for key, value in kept.provenance.items() if isinstance(value, int | float)}
    shown["messages_read"] = shown.pop("posts")
    log.info("answered", request=question.id, job=claimed.id, model=kept.provenance["model"], whole=kept.whole, **shown)


def _quiet(now: datetime, claimed: Claim, work: Work) -> datetime:
    """When nothing that was sent before can still arrive at Mattermost, and come after the last words."""
    sent = now + queue.SETTLE if work.unsure else now
    return max(sent, claimed.quiet_until or now)
