"""The queue: a table beside the data, so that a message and its job commit together. Lease and fencing.

Every write to a running job matches its lease token: a worker that was thought dead, and lives, changes nothing.
Why not a library: see docs/QUEUE.md; those that were tried lose the task of a killed worker, or run it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, defer

from mmapp.db import Database, clock
from mmapp.errors import LeaseLost, WrongKey
from mmapp.jobs.payload import Payload
from mmapp.models import Job

PERSON, BACKGROUND, EVALUATION = 0, 1, 2
MAX_ATTEMPTS = 5
OPEN = ("queued", "running")
ORPHANS = "orphans"
STOPPABLE = ("admit", "answer")
# A worker that was paused, not killed, may still have a create under way; its request times out before this.
SETTLE = timedelta(seconds=5)


@dataclass(frozen=True)
class Claim:
    """A job that is ours until `lease_until`, as long as we keep it up."""

    id: int
    kind: str
    queue: str
    request_id: str
    payload: Payload
    token: str
    lease_until: datetime
    attempts: int = 1
    max_attempts: int = MAX_ATTEMPTS
    deaths: int = 0
    words: str = ""
    stop: bool = False

    @property
    def last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts


@dataclass(frozen=True)
class Standing:
    """What is in front of a request: how many others, and how many seconds of the model they will take."""

    ahead: int
    seconds: float


def model_queue(model: str) -> str:
    return f"model:{model}"


def enqueue(
    session: Session,
    kind: str,
    queue: str,
    payload: Payload,
    *,
    request_id: str,
    dedupe_key: str | None = None,
    run_at: datetime | None = None,
    class_: int = PERSON,
    estimate: float = 0.0,
) -> bool:
    """Put a job into the caller's transaction. False where `dedupe_key` is there already: nothing is added."""
    now = clock(session)
    values: dict[str, Any] = {
        "kind": kind,
        "queue": queue,
        "class_": class_,
        "model": payload.model,
        "person_id": payload.person_id,
        "channel_id": payload.channel_id,
        "request_id": request_id,
        "payload": payload.to_json(),
        "run_at": run_at or now,
        "created_at": now,
        "estimate": estimate,
        "dedupe_key": dedupe_key,
        "max_attempts": MAX_ATTEMPTS,
    }
    if dedupe_key is None:
        session.execute(insert(Job).values(values))
        return True
    new = sqlite.insert(Job) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(Job)
    added = session.execute(new.values(values).on_conflict_do_nothing(index_elements=["dedupe_key"]))
    return _rows(added) == 1


def tell(session: Session, request_id: str, sentence: str) -> None:
    """Have the asker told something, alone, in the caller's transaction: with the effect that it tells of, or not at all."""
    first = session.scalars(_jobs().where(Job.request_id == request_id).order_by(Job.id).limit(1)).one()
    enqueue(session, "notify", "notify", payload_of(first).but(sentence=sentence), request_id=request_id)


def payload_of(job: Job) -> Payload:
    """A job's payload; where its key is gone or it is garbled, the little that stands beside it."""
    try:
        return Payload.from_json(job.payload)
    except (WrongKey, ValueError, AttributeError):
        return Payload(person_id=job.person_id, channel_id=job.channel_id, model=job.model)


def claim(database: Database, queues: list[str], lease_seconds: float) -> Claim | None:
    """Take the next job of these queues, if there is one: a person's before a machine's, then the longest waiting."""
    with database.read() as session:  # most looks find nothing, and looking takes no lock
        if session.scalar(select(Job.id).where(*_due(queues, clock(session))).limit(1)) is None:
            return None
    with database.write() as session:
        now = clock(session)
        order = (Job.class_, Job.run_at, Job.id)
        job = session.scalar(_jobs().where(*_due(queues, now)).order_by(*order).limit(1))
        if job is None:
            return None
        job.state, job.lease_token = "running", uuid.uuid4().hex
        job.lease_until = now + timedelta(seconds=lease_seconds)
        job.attempts += 1
        return _claim(job)


def heartbeat(database: Database, claimed: Claim, lease_seconds: float, words: str | None = None) -> bool:
    """Keep the lease and save the words so far. True: somebody asked to stop. Raises LeaseLost: it is ours no more."""
    with database.write() as session:
        values: dict[str, Any] = {"lease_until": clock(session) + timedelta(seconds=lease_seconds)}
        if words is not None:
            values["words"] = words
        stop = session.scalar(update(Job).where(*_ours(claimed)).values(values).returning(Job.stop))
    if stop is None:
        raise LeaseLost
    return bool(stop)


def finish(session: Session, claimed: Claim, state: str = "done") -> None:
    """End a job inside the caller's transaction, which holds its effects. Raises LeaseLost: roll everything back."""
    _change(session, claimed, state=state, ended_at=clock(session), lease_token=None, lease_until=None, words=None)


def release(database: Database, claimed: Claim, words: str | None = None) -> None:
    """Hand a job back that did nothing wrong: the worker is going. Its attempts start anew; its words stay."""
    kept = {} if words is None else {"words": words}
    with database.write() as session:
        _change(session, claimed, state="queued", lease_token=None, lease_until=None, attempts=0, **kept)


def retry(
    database: Database,
    claimed: Claim,
    seconds: float,
    *,
    words: str | None = None,
    died: bool = False,
    excused: bool = False,
) -> None:
    """Try a job again in so many seconds. `died`: it took its engine with it; `excused`: something outside is down,
    and the attempt does not count towards the last one."""
    kept: dict[str, Any] = {} if words is None else {"words": words}
    with database.write() as session:
        run_at = clock(session) + timedelta(seconds=seconds)
        kept |= {"deaths": claimed.deaths + died, "max_attempts": claimed.max_attempts + excused}
        _change(session, claimed, state="queued", lease_token=None, lease_until=None, run_at=run_at, **kept)


def stop(session: Session, request_id: str) -> bool:
    """Stop a request: a waiting job ends at once, a running one as soon as its worker hears of it. False: too late."""
    mine = (Job.request_id == request_id, Job.kind.in_(STOPPABLE), Job.stop.is_(False))
    untouched = (*mine, Job.state == "queued", Job.words.is_(None))  # words that exist are still to be posted
    ended = {"state": "cancelled", "stop": True, "ended_at": clock(session)}
    if _rows(session.execute(update(Job).where(*untouched).values(ended))):
        return True
    return _rows(session.execute(update(Job).where(*mine, Job.state.in_(OPEN)).values(stop=True))) > 0


def reap(database: Database, on_dead: Callable[[Session, Claim], None]) -> int:
    """Return expired leases to the queue; those out of attempts end as `dead`, and `on_dead` tells their people in the
    same transaction. The number of expired leases."""
    with database.read() as session:
        if session.scalar(select(Job.id).where(*_expired(clock(session))).limit(1)) is None:
            return 0
    with database.write() as session:
        now = clock(session)
        expired = list(session.scalars(_jobs().where(*_expired(now))))
        for job in expired:
            if job.attempts >= job.max_attempts:
                on_dead(session, _claim(job))  # while it is ours: what it left may still be posted
                job.state, job.ended_at = "dead", now
            else:
                job.state, job.run_at = "queued", _again_at(job, now)
            job.lease_token = None
        return len(expired)


def adopt(session: Session, models: list[str]) -> None:
    """Move waiting answers of models that no worker has any more to where any worker tells their askers so."""
    lost = (Job.kind == "answer", Job.state == "queued", Job.model.not_in(models), Job.queue != ORPHANS)
    session.execute(update(Job).where(*lost).values(queue=ORPHANS))


def standing(session: Session, model: str) -> Standing:
    """What a new request to this model would have in front of it."""
    count, seconds = session.execute(
        select(func.count(), func.coalesce(func.sum(Job.estimate), 0.0)).where(*_waiting_for(model))
    ).one()
    return Standing(count, float(seconds))


def newest_of(session: Session, person_id: str, channel_id: str) -> list[str]:
    """The person's requests in this channel that can still be stopped, newest first."""
    jobs = select(Job.request_id).where(
        Job.person_id == person_id,
        Job.channel_id == channel_id,
        Job.kind.in_(STOPPABLE),
        Job.state.in_(OPEN),
        Job.stop.is_(False),
    )
    return list(session.scalars(jobs.order_by(Job.id.desc())))


def running(session: Session) -> list[Job]:
    """Every admitted request that waits for its answer or is being answered."""
    return list(session.scalars(_jobs().where(Job.kind == "answer", Job.state.in_(OPEN)).order_by(Job.id)))


def _again_at(job: Job, now: datetime) -> datetime:
    """A question whose worker died keeps its place once; the next time it may be the reason, and others go first."""
    if job.kind == "post":
        return now + SETTLE
    return job.run_at if job.attempts == 1 else now


def _jobs() -> Select[Job]:
    """Jobs without their encrypted columns, which are read one by one: a job whose key is gone must not stop the others."""
    return select(Job).options(defer(Job.payload), defer(Job.words))


def _due(queues: list[str], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.state == "queued", Job.queue.in_(queues), Job.run_at <= now


def _expired(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.state == "running", Job.lease_until < now


def _ours(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    return Job.id == claimed.id, Job.lease_token == claimed.token, Job.state == "running"


def _waiting_for(model: str) -> tuple[ColumnElement[bool], ...]:
    return Job.model == model, Job.kind.in_(STOPPABLE), Job.state.in_(OPEN)


def _change(session: Session, claimed: Claim, **values: Any) -> None:
    if _rows(session.execute(update(Job).where(*_ours(claimed)).values(values))) != 1:
        raise LeaseLost


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _words_of(job: Job) -> str:
    try:
        return job.words or ""
    except WrongKey:
        return ""


def _claim(job: Job) -> Claim:
    return Claim(
        id=job.id,
        kind=job.kind,
        queue=job.queue,
        request_id=job.request_id,
        payload=payload_of(job),
        token=job.lease_token or "",
        lease_until=job.lease_until or job.run_at,
        attempts=job.attempts,
        max_attempts=job.max_attempts,
        deaths=job.deaths,
        words=_words_of(job),
        stop=job.stop,
    )
