"""The queue: a table beside the data, so that a message and its job commit together. Lease and fencing.

Every write to a running job matches its lease token: a worker that was thought dead, and lives, changes nothing.
Why not a library: see docs/QUEUE.md; those that were tried lose the task of a killed worker, or run it twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, insert, select, update
from sqlalchemy.orm import Session, defer

from mmapp.db import Database, clock, inserting
from mmapp.errors import LeaseLost
from mmapp.jobs import fairness, waiting
from mmapp.jobs.claim import Claim, claim_of
from mmapp.jobs.fairness import NOTHING, AtHand
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import STOPPABLE, WRITING
from mmapp.models import OPEN, Job, Message

PERSON, BACKGROUND, EVALUATION = fairness.PERSON, fairness.BACKGROUND, fairness.EVALUATION
MAX_ATTEMPTS = 5
ORPHANS = "orphans"
MODEL = "model:"
KEPT = "kept"  # how a job ends whose wish is to be fulfilled later
# Nobody has asked for these: how they end stands in the log.
UNTOLD = ("done", "notify", "examine", "invited", "leave", "restore")
# A worker that was paused, not killed, may still have a create under way; its request times out before this.
SETTLE = timedelta(seconds=5)
# Built once: built anew for each acknowledgement it took 0.3 ms of its 3, and takes 0.06.
_JOBS = Job.metadata.tables["job"]
_INSERT = insert(_JOBS)


def model_queue(model: str) -> str:
    return f"{MODEL}{model}"


def enqueue(
    session: Session,
    kind: str,
    queue: str,
    payload: Payload,
    *,
    request_id: str,
    dedupe_key: str | None = None,
    now: datetime | None = None,
    run_at: datetime | None = None,
    class_: int = PERSON,
    estimate: float = 0.0,
    thread: str = "",
) -> bool:
    """Put a job into the caller's transaction. False where `dedupe_key` is there already: nothing is added.

    `thread` is what its prompt begins with: the root post's id, or the conversation's.
    """
    now = now or clock(session)
    values: dict[str, Any] = {
        "kind": kind,
        "queue": queue,
        "class": class_,
        "model": payload.model,
        "person_id": payload.asker,
        "channel_id": payload.asked_in or payload.channel_id,
        "thread": thread,
        "request_id": request_id,
        "payload": payload.to_json(),
        "run_at": run_at or now,
        "created_at": now,
        "estimate": estimate,
        "dedupe_key": dedupe_key,
        "max_attempts": MAX_ATTEMPTS,
        "parts": 0,
        "parts_done": 0,
    }
    if dedupe_key is None:
        session.execute(_INSERT, values)
        return True
    once = inserting(session, _JOBS).values(values).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return session.scalar(once.returning(_JOBS.c.id)) is not None


def tell(
    session: Session,
    request_id: str,
    sentence: str,
    *,
    pressed: bool = False,
    directly: bool = False,
) -> None:
    """Have the asker told something, alone, in the caller's transaction: with the effect that it tells of, or not at all.

    `pressed`: the asker has just pressed a button there, and looks at it as one who has just asked. `directly`: by a
    direct message, for who has gone on to other things.
    """
    first = session.scalars(_jobs().where(Job.request_id == request_id).order_by(Job.id).limit(1)).one()
    payload = Payload.of(first).telling(sentence).but(asked_by="", asked_in="")
    if pressed:
        payload = payload.but(asked_at=round(clock(session).timestamp() * 1000))
    if directly:
        payload = payload.but(response_url="", tells_root=False)
    enqueue(session, "notify", "notify", payload, request_id=request_id)


def withhold(session: Session, request_id: str, person_id: str) -> None:
    """Take back what this person is still to be told of a request."""
    untold = (Job.kind == "notify", Job.request_id == request_id, Job.person_id == person_id, Job.state == "queued")
    session.execute(update(Job).where(*untold).values(state="cancelled", ended_at=clock(session)))


def due(database: Database) -> frozenset[str]:
    """The queues that have something to be done now. Looking takes no lock."""
    with database.read() as session:
        queues = select(Job.queue).where(*waiting.due(clock(session))).distinct()
        return frozenset(session.scalars(queues))


def claim(database: Database, queues: list[str], lease_seconds: float, at_hand: AtHand = NOTHING) -> Claim | None:
    """Take the job of these queues whose turn it is, if there is one; jobs/fairness.py has the order. Takes the lock."""
    with database.write() as session:
        now = clock(session)
        open_ones = waiting.next_requests(session, now, Job.queue.in_(queues), *waiting.due(now))
        if not open_ones:
            return None
        shares = _shares(session, now, queues) if len(open_ones) > 1 else {}
        chosen = fairness.next_of(open_ones, shares, at_hand)
        job = session.scalars(_jobs().where(Job.id == chosen.id)).one()
        quiet_until = job.lease_until + SETTLE if job.lease_until else None
        job.state, job.lease_token, job.started_at = "running", uuid.uuid4().hex, now
        job.lease_until = now + timedelta(seconds=lease_seconds)
        job.attempts += 1
        return replace(claim_of(job), quiet_until=quiet_until)


def heartbeat(database: Database, claimed: Claim, lease_seconds: float, words: str | None = None) -> bool:
    """Keep the lease and save the words so far. True: somebody asked to stop. Raises LeaseLost: it is ours no more."""
    kept = {} if words is None else {"words": words}
    with database.write() as session:
        values = kept | {"lease_until": clock(session) + timedelta(seconds=lease_seconds)}
        stop = session.scalar(update(Job).where(*_ours(claimed)).values(values).returning(Job.stop))
    if stop is None:
        raise LeaseLost
    return bool(stop)


def finish(session: Session, claimed: Claim, state: str = "done") -> None:
    """End a job inside the caller's transaction, which holds its effects. However a delivery ends, nobody needs any more what
    was seen for it and what was there before. Raises LeaseLost: roll everything back."""
    now, payload, kept = clock(session), claimed.payload, {}
    if payload.seen or payload.before:
        kept["payload"] = payload.but(seen={}, before={}).to_json()
    _let_go(session, claimed, now, state=state, ended_at=now, words=None, **kept)


def release(database: Database, claimed: Claim, words: str | None = None) -> None:
    """Hand a job back that did nothing wrong: the worker is going. Its attempts start anew; its words stay."""
    kept = {} if words is None else {"words": words}
    with database.write() as session:
        _let_go(session, claimed, clock(session), state="queued", attempts=0, **kept)


def checkpoint(session: Session, claimed: Claim, done: int, of: int, seconds: float, *, written: bool) -> bool:
    """So many parts are done and kept: whoever goes on goes on from here. One that was `written` just now gives all attempts
    back; one that was known does not, or a part that kills its worker would be tried for ever. `seconds` of the model are
    left. True: somebody asked to stop. Raises LeaseLost: roll everything back."""
    kept: dict[str, Any] = {"parts_done": done, "parts": of, "estimate": seconds}
    kept |= {"attempts": 1, "deaths": 0} if written else {}
    stop = session.scalar(update(Job).where(*_ours(claimed)).values(kept).returning(Job.stop))
    if stop is None:
        raise LeaseLost
    return bool(stop)


def counted(session: Session, claimed: Claim, posts: int, *, brought: int = 0) -> None:
    """So many posts are what a delivery brings, and so many of them it has `brought`: all, or else none is counted. Raises
    LeaseLost: roll everything back."""
    ours = update(Job).where(*_ours(claimed)).values(parts=posts, parts_done=brought).returning(Job.id)
    if session.scalar(ours) is None:
        raise LeaseLost


def give_way(database: Database, claimed: Claim, payload: Payload | None = None) -> None:
    """Put a job behind those that wait; it has done nothing wrong, this attempt does not count, and its parts are kept. With
    another `payload`, that is what it goes on with. What a machine asks for keeps its place: the next of its like would only
    be begun, and broken off in its turn."""
    kept: dict[str, Any] = {"payload": payload.to_json()} if payload else {}
    with database.write() as session:
        now = clock(session)
        kept |= {"run_at": now} if claimed.class_ == PERSON else {}
        _let_go(session, claimed, now, state="queued", attempts=Job.attempts - 1, **kept)


def move(session: Session, claimed: Claim, model: str, payload: Payload) -> None:
    """Have another model do a job, in the turn that it had; nothing of it was written. Raises LeaseLost."""
    values: dict[str, Any] = {"queue": model_queue(model), "model": model, "payload": payload.to_json()}
    values |= {"state": "queued", "attempts": 0, "deaths": 0, "words": None, "parts": 0, "parts_done": 0}
    _let_go(session, claimed, clock(session), **values)


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
        now = clock(session)
        kept |= {"deaths": claimed.deaths + died, "max_attempts": claimed.max_attempts + excused}
        _let_go(session, claimed, now, state="queued", run_at=now + timedelta(seconds=seconds), **kept)


def stop(session: Session, request_id: str, *, keep: bool = True) -> bool:
    """Stop a request: a waiting job ends at once, a running one as soon as its worker hears of it. False: too late.

    Words that exist are still to be posted, and parts of a summary unless nobody is to `keep` them.
    """
    mine = (Job.request_id == request_id, Job.kind.in_(STOPPABLE), Job.stop.is_(False))
    untouched = [*mine, Job.state == "queued", Job.words.is_(None), *([Job.parts_done == 0] if keep else [])]
    ended = {"state": "cancelled", "stop": True, "ended_at": clock(session)}
    if _rows(session.execute(update(Job).where(*untouched).values(ended))):
        return True
    return _rows(session.execute(update(Job).where(*mine, Job.state.in_(OPEN)).values(stop=True))) > 0


def reap(database: Database, on_dead: Callable[[Session, Claim], None]) -> int:
    """Return expired leases to the queue; those out of attempts end as `dead`, and `on_dead` tells their people in the
    same transaction. The number of expired leases. A worker's death is not charged to its person's share."""
    with database.read() as session:
        if session.scalar(select(Job.id).where(*_expired(clock(session))).limit(1)) is None:
            return 0
    with database.write() as session:
        now = clock(session)
        expired = list(session.scalars(_jobs().where(*_expired(now))))
        for job in expired:
            if job.attempts >= job.max_attempts:
                # While it is ours: its words may still be posted.
                on_dead(session, replace(claim_of(job), started_at=now, quiet_until=now + SETTLE))
                job.state, job.ended_at = "dead", now
            else:
                job.state, job.run_at = "queued", _again_at(job, now)
            job.lease_token = None
        return len(expired)


def settle(
    session: Session, kind: str, channel_id: str, *, of: str = "queued", person_id: str = "", bot: str = ""
) -> bool:
    """End the jobs of a channel, or of one person or bot there, that have become pointless. False where there are none.

    `of`: those that wait, or those that ended as KEPT.
    """
    which = [Job.kind == kind, Job.channel_id == channel_id, Job.state == of]
    which += [Job.person_id == person_id] if person_id else []
    which += [Job.request_id.in_(select(Message.id).where(Message.bot == bot))] if bot else []
    ended = {"state": "cancelled", "ended_at": clock(session)}
    return _rows(session.execute(update(Job).where(*which).values(ended))) > 0


def adopt(session: Session, models: list[str]) -> None:
    """Move waiting answers of models that no worker has any more to where any worker tells their askers so."""
    lost = (Job.kind.in_(WRITING), Job.state == "queued", Job.model.not_in(models), Job.queue != ORPHANS)
    session.execute(update(Job).where(*lost).values(queue=ORPHANS))


def require_ours(session: Session, claimed: Claim) -> None:
    """Nobody can take the job before the end of the caller's transaction. Raises LeaseLost."""
    if session.scalar(select(Job.id).where(*_ours(claimed))) is None:
        raise LeaseLost


def _shares(session: Session, now: datetime, queues: list[str]) -> dict[str, float]:
    """What each person's next job is weighed by: seconds of models in their lanes, the last turn in those without one."""
    models = any(name == ORPHANS or name.startswith(MODEL) for name in queues)
    return waiting.used(session, now) if models else waiting.served(session, now)


def _again_at(job: Job, now: datetime) -> datetime:
    """A question whose worker died keeps its place once; the next time it may be the reason, and others go first."""
    if job.kind in ("post", "restore"):
        return now + SETTLE
    return job.run_at if job.attempts == 1 else now


def _jobs() -> Select[Job]:
    """Jobs without their encrypted columns, which are read one by one: a job whose key is gone must not stop the others."""
    return select(Job).options(defer(Job.payload), defer(Job.words))


def _expired(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.state == "running", Job.lease_until < now


def _ours(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    return Job.id == claimed.id, Job.lease_token == claimed.token, Job.state == "running"


def _let_go(session: Session, claimed: Claim, now: datetime, **values: Any) -> None:
    """The end of our lease, and what it cost the model."""
    values |= {"lease_token": None, "lease_until": None, "model_seconds": claimed.spent(now)}
    if _rows(session.execute(update(Job).where(*_ours(claimed)).values(values))) != 1:
        raise LeaseLost


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
