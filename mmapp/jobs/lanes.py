"""Lanes: threads that claim and do jobs, one at a time each. And the one place where a job's error becomes a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from mmapp import logs
from mmapp.errors import BotGone, BotRefused, LeaseLost, Refused, WrongKey
from mmapp.jobs import (
    admit,
    answer,
    choose,
    delete,
    digest,
    digests,
    done,
    invited,
    notify,
    outcome,
    post,
    prepare,
    queue,
    restore,
    share,
    summarize,
    switch,
)
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.news import AT_MOST
from mmapp.jobs.waiting import ANSWERING
from mmapp.mattermost.errors import MattermostError, RateLimited
from mmapp.texts import admin
from mmapp.texts import digest_run as digest_texts
from mmapp.texts import engine as texts

log = structlog.get_logger()

KINDS: dict[str, Callable[[Worker, Claim, Lease], None]] = {
    "admit": admit.run,
    "answer": answer.run,
    "choose": choose.run,
    "delete": delete.run,
    "done": done.run,
    "digest": digest.run,
    "examine": prepare.examine,
    "invited": invited.run,
    "leave": invited.leave,
    "make": digest.run,
    "notify": notify.run,
    "off": switch.run,
    "on": switch.run,
    "post": post.run,
    "prepare": prepare.run,
    "restore": restore.run,
    "share": share.run,
    "summarize": summarize.run,
}
IO_QUEUES = ("admit", "notify", "post")
WITHOUT_ITS_BOT = ("delete", "notify")
PAUSE = 2.0  # seconds before a database that failed is asked again
BACK_OFF = (2.0, 5.0, 15.0, 60.0)  # seconds before the next attempt, while something outside is down
LONGEST_PAUSE = 300.0  # seconds, whatever a server asks for
OUTAGES = 1000  # attempts: most of a day
KEYS = 20  # attempts, a quarter of an hour: a worker with the right key, or this one started anew with it, takes it up


def start(
    name: str,
    worker: Worker,
    queues: Callable[[], list[str]],
    turn: AbstractContextManager[object] = nullcontext(),  # noqa: B008 - it holds nothing
) -> threading.Thread:
    """A lane over these queues, which are asked for at each look: models come and go.

    Of the lanes that share a `turn` one looks at a time: a question would wake them all, each to ask the database for it.
    """
    thread = threading.Thread(target=_lane, args=(worker, queues, turn), name=name, daemon=True)
    thread.start()
    return thread


def _lane(worker: Worker, queues: Callable[[], list[str]], turn: AbstractContextManager[object]) -> None:
    while not worker.stopping.is_set():
        claimed = _next(worker, queues, turn)
        if claimed is not None:
            do(worker, claimed)
            worker.news.stale()  # admitted, answered: the next step is often another lane's


def _next(worker: Worker, queues: Callable[[], list[str]], turn: AbstractContextManager[object]) -> Claim | None:
    """The next job of these queues, if one comes within a second."""
    if not queues():
        worker.stopping.wait(AT_MOST)  # and nobody else is kept from looking
        return None
    with turn:
        mine = queues()
        if worker.stopping.is_set() or not worker.news.wait(mine):
            return None
        try:
            claimed = queue.claim(worker.database, mine, worker.settings.lease_seconds, worker.at_hand())
        except Exception as error:
            log.error("no job could be claimed", exc_info=error)
            worker.stopping.wait(PAUSE)
            return None
        if claimed is None:
            worker.news.nothing(mine)
        return claimed


def watch(worker: Worker) -> threading.Thread:
    """The thread that looks what is due, for all lanes."""
    thread = threading.Thread(target=_watch, args=(worker,), name="watch", daemon=True)
    thread.start()
    return thread


def _watch(worker: Worker) -> None:
    while not worker.stopping.is_set():
        try:
            worker.news.watch(lambda: queue.due(worker.database))
        except Exception as error:
            log.error("the queue could not be looked into", exc_info=error)
            worker.stopping.wait(PAUSE)


def do(worker: Worker, claimed: Claim) -> None:
    """Do one job; whatever it raises ends here."""
    structlog.contextvars.bind_contextvars(job=claimed.id, request=claimed.request_id, kind=claimed.kind)
    try:
        _do(worker, claimed)
    except LeaseLost:
        log.warning("the lease was lost; somebody else goes on")
    except Exception as error:
        # The lease runs out by itself and the job is taken up again; saying more would need the database, and its keys.
        log.error("the end of a job could not be written", exc_info=error)
    finally:
        structlog.contextvars.clear_contextvars()


def _do(worker: Worker, claimed: Claim) -> None:
    lease = Lease(worker.database, claimed, worker.settings.lease_seconds)
    try:
        _work(worker, claimed, lease)
    except BotGone as error:
        log.warning("its bot is gone", bot=claimed.payload.bot)
        outcome.left_by_its_bot(worker, claimed, lease.words, error.sentence)
    except BotRefused as error:
        log.warning("its bot cannot act yet; trying again", bot=claimed.payload.bot, why=error.sentence)
        _wait(worker, claimed, "")
    except Refused as error:
        _end(worker, claimed, lease.words, error.sentence, give_back=error.words is None)
    except LeaseLost:
        raise
    except SQLAlchemyError as error:
        if not _passes(error):
            raise
        log.warning("the database did not take it; trying again", attempt=claimed.attempts, exc_info=error)
        _wait(worker, claimed, "")  # heartbeats have saved its words; a full disk has no room for more, but for this
    except Exception as error:
        if isinstance(error, MattermostError) and error.passes:
            _outage(worker, claimed, lease.words, error)
            return
        if isinstance(error, WrongKey) and claimed.attempts < KEYS:
            log.error("not readable with this worker's keys; it waits for one that has them", why=error.sentence)
            _wait(worker, claimed, "")
            return
        error_id = logs.new_error_id()
        log.error("a job failed", error_id=error_id, why=_why(error), exc_info=error)
        _end(worker, claimed, lease.words, _unexpected(claimed, error_id))


def _work(worker: Worker, claimed: Claim, lease: Lease) -> None:
    if not claimed.readable:
        raise WrongKey(admin.wrong_key())
    with lease:
        acting = _as_its_bot(worker, claimed)
        try:
            KINDS[claimed.kind](acting, claimed, lease)
        except Refused as error:
            if not _is_digest(claimed) or isinstance(error, BotGone):
                raise
            digests.refused(acting, claimed, error, partial(queue.finish, state="failed"))


def _is_digest(claimed: Claim) -> bool:
    """Whether it is a step of a digest's making: nobody waits for it, and its refusals are its person's to mend."""
    return claimed.payload.makes_digest and claimed.kind in ANSWERING


def _as_its_bot(worker: Worker, claimed: Claim) -> Worker:
    """Each job is done in its bot's name. Where that is gone, the main one still tells its person, and deletes what it can."""
    try:
        return worker.as_bot(claimed.payload.bot)
    except BotGone:
        if claimed.kind not in WITHOUT_ITS_BOT:
            raise
        return worker


def _unexpected(claimed: Claim, error_id: str) -> str:
    if _is_digest(claimed):
        return digest_texts.unexpected(error_id)
    asked = claimed.kind in ANSWERING and not claimed.payload.shared
    return texts.unexpected(error_id) if asked else texts.not_done(error_id)


def _passes(error: SQLAlchemyError) -> bool:
    """Down, locked, full, or cut off: the last transaction has happened, or nothing of it."""
    cut_off = isinstance(error, DBAPIError) and error.connection_invalidated
    return cut_off or isinstance(error, OperationalError)


def _why(error: Exception) -> str:
    """Mattermost's errors hold no person's words and no secret; of others only the kind is logged."""
    return str(error) if isinstance(error, MattermostError) else type(error).__name__


def _end(worker: Worker, claimed: Claim, words: str, sentence: str, *, give_back: bool = True) -> None:
    """End a job that cannot be done, and tell its person in the same transaction. Words that were written stay."""
    with worker.database.write() as session:
        if outcome.stood_already(session, claimed, "failed"):
            return
        if claimed.kind in queue.UNTOLD:  # telling why telling failed would never end
            log.warning("a job ended without success, and nobody is told")
        elif give_back:
            notify.refuse(session, claimed, sentence)
        else:
            notify.tell(session, claimed, sentence)
        outcome.give_up(session, worker, claimed, words, "failed")


def _outage(worker: Worker, claimed: Claim, words: str, error: MattermostError) -> None:
    """Mattermost is down or busy, refuses our token, or something in between answers in its place: the job waits."""
    log.warning("Mattermost did not take it; trying again", why=str(error), attempt=claimed.attempts)
    _wait(worker, claimed, words, min(error.wait, LONGEST_PAUSE) if isinstance(error, RateLimited) else None)


def _wait(worker: Worker, claimed: Claim, words: str, pause: float | None = None) -> None:
    """Try again later; what is down is not the job's fault, so the attempt does not count towards the last one."""
    if pause is None:
        pause = BACK_OFF[min(claimed.attempts, len(BACK_OFF)) - 1]
    queue.retry(worker.database, claimed, pause, words=words or None, excused=claimed.attempts < OUTAGES)
