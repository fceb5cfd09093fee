"""What is due becomes jobs: each time of each digest exactly once, however many schedulers look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Exists, exists, select, update
from sqlalchemy.orm import Session

from mmapp.db import Database, clock
from mmapp.jobs import ahead, owners, queue
from mmapp.jobs.owners import Trouble
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING
from mmapp.models import OPEN, Digest, DigestRun, Installation, Job, Message, new_id
from mmapp.schedule import NoSchedule, Occurrence, Schedule
from mmapp.texts import digest_obstacles as texts
from mmapp.texts.digest_obstacles import About
from mmapp.wanted import Wanted

AHEAD = timedelta(minutes=30)  # that a time is planned before it comes, and that it may be prepared
SPARE = timedelta(seconds=60)  # that one is to be ready before its time
SLACK = 2  # times as long as it took last


@dataclass(frozen=True)
class Planned:
    """A time that a digest is due, as its row was read: it makes up for `folds` before it, the first of which was due at
    `first_at`, and `following` is the next one, None where its times are not understood any more."""

    digest: Digest
    due: Occurrence
    folds: int
    first_at: datetime
    following: Occurrence | None


def tick(database: Database) -> None:
    """Plan what is due within half an hour, end what has ended by itself, and say that somebody has looked.

    In transactions of milliseconds, one a digest: who dies in between has done some of it, and the next look does the rest.
    """
    _set_right(database)
    found, begins = _due(database)
    for planned in found:
        _plan(database, planned, begins[planned.due.at, planned.digest.id])
    _sweep(database)
    with database.write() as session:
        session.execute(update(Installation).values(ticked_at=clock(session)))


def _set_right(database: Database) -> None:
    """What was planned by a clock that had run ahead is planned anew: until that date nothing else would come."""
    with database.read() as session:
        later = Digest.planned_at > clock(session) + ahead.SET_BACK
        numbers = list(session.scalars(select(Digest.id).where(Digest.state == "active", later)))
    for number in numbers:
        with database.write() as session:
            digest, now = session.get_one(Digest, number, with_for_update=True), clock(session)
            if digest.state == "active" and digest.planned_at > now + ahead.SET_BACK:
                ahead.plan_anew(session, digest, now)


def _due(database: Database) -> tuple[list[Planned], dict[tuple[datetime, int], datetime]]:
    """What is to be planned, in order of time and then of number, and when each is begun."""
    with database.read() as session:
        soon = clock(session) + AHEAD
        digests = list(session.scalars(select(Digest).where(Digest.state == "active", Digest.next_at <= soon)))
        waiting = _waiting(session)
    found = sorted((_next(each, soon) for each in digests), key=lambda one: (one.due.at, one.digest.id))
    mine = [(one.due.at, one.digest.id, one.digest.seconds) for one in found]
    return found, begins_at([*waiting, *mine])


def _waiting(session: Session) -> list[tuple[datetime, int, float]]:
    """What is planned already: when it is due, its digest's number, and how many seconds of a model are left to it."""
    left = select(DigestRun.due_at, Digest.id, Digest.seconds).join(Digest, Digest.id == DigestRun.digest_id)
    left = left.where(DigestRun.state == "planned")
    begun = left.join(Job, Job.request_id == DigestRun.request_id).add_columns(Job.model_seconds)
    begun = begun.where(Job.kind == "summarize", Job.state.in_(OPEN))
    return [
        *((due_at, number, seconds) for due_at, number, seconds in session.execute(left.where(DigestRun.until == 0))),
        *((due_at, number, max(0.0, seconds - spent)) for due_at, number, seconds, spent in session.execute(begun)),
    ]


def _next(digest: Digest, soon: datetime) -> Planned:
    """The newest time until then, for those before it too that nobody was there to keep."""
    due, folds = Occurrence(digest.next_at, digest.next_key), digest.folds
    first_at = digest.first_at or due.at
    try:
        # Where the rules of its zone have changed since, the wall may show later what it was planned for.
        times = (each for each in Schedule(digest.line, digest.zone).times(due.at) if each.key > due.key)
        following = next(times)
        while following.at <= soon:
            due, folds, following = following, folds + 1, next(times)
    except NoSchedule:
        return Planned(digest, due, folds, first_at, None)
    return Planned(digest, due, folds, first_at, following)


def begins_at(work: Iterable[tuple[datetime, int, float]]) -> dict[tuple[datetime, int], datetime]:
    """When each is begun, of what is due then, by number, and takes so many seconds: as late as it can be so that all are
    ready, done one after the other in order of time, then of number; half an hour before at the most."""
    found: dict[tuple[datetime, int], datetime] = {}
    ready = datetime.max.replace(tzinfo=UTC)
    for due_at, number, seconds in sorted(work, reverse=True):
        ready = min(ready, due_at) - SLACK * timedelta(seconds=seconds)
        found[due_at, number] = max(ready - SPARE, due_at - AHEAD)
    return found


def _plan(database: Database, planned: Planned, run_at: datetime) -> None:
    """Plan it, unless its digest is another by now, as where another scheduler was faster."""
    with database.write() as session:
        digest = session.get(Digest, planned.digest.id, with_for_update=True)
        if digest is None or digest.state != "active" or _times(digest) != _times(planned.digest):
            return
        if planned.following is None:
            _pause(session, digest)
            return
        due, now, key = planned.due, clock(session), ahead.key(planned.due.at)
        if not session.scalar(select(_is_known(digest.id, key))):  # times that were changed, and changed back
            folds, first_at = planned.folds, planned.first_at
            enqueue(session, digest, key, due.at, now=now, run_at=run_at, folds=folds, first_at=first_at)
        digest.next_at, digest.next_key = planned.following.at, planned.following.key
        digest.planned_at, digest.folds, digest.first_at = now, 0, None


def _times(digest: Digest) -> tuple[str, str, datetime, int]:
    return digest.line, digest.zone, digest.next_at, digest.folds


def _is_known(number: int, key: str) -> Exists:
    return exists().where(DigestRun.digest_id == number, DigestRun.key == key)


def _pause(session: Session, digest: Digest) -> None:
    request = _request(digest, new_id(), clock(session))
    session.add(request)
    session.flush()
    owners.pause(
        session, digest, request.id, Trouble("times", texts.paused("times", About(digest.id, window=digest.window)))
    )


def _sweep(database: Database) -> None:
    """A run whose jobs have all ended has ended too: whoever stopped or deleted it need not know that it is a digest's."""
    mine = (Job.request_id == DigestRun.request_id, Job.kind.in_(ANSWERING))
    over = select(DigestRun).where(DigestRun.state == "planned", ~exists().where(*mine, Job.state.in_(OPEN)))
    with database.read() as session:
        if session.scalar(over.limit(1)) is None:
            return
    with database.write() as session:
        for run in session.scalars(over):
            states = select(Job.state).where(Job.request_id == run.request_id, Job.kind.in_(ANSWERING))
            last = session.scalars(states.order_by(Job.id.desc()).limit(1)).first()
            run.state = "failed" if last in ("dead", "failed") else "stopped"
            run.ended_at = clock(session)


def examine(session: Session, digest: Digest) -> None:
    """Have it looked at once whether it may still be made: somebody has left, or was taken out. In the caller's transaction."""
    now = clock(session)
    request = _request(digest, new_id(), now)
    session.add(request)
    session.flush()
    carried = payload(digest, round(now.timestamp() * 1000), alone=not digest.to_channel)
    queue.enqueue(session, "examine", "admit", carried, request_id=request.id, class_=queue.BACKGROUND, now=now)


def enqueue(
    session: Session,
    digest: Digest,
    key: str,
    due_at: datetime,
    *,
    now: datetime,
    run_at: datetime | None = None,
    folds: int = 0,
    first_at: datetime | None = None,
    preview: bool = False,
    class_: int = queue.BACKGROUND,
    asked: Payload | None = None,
) -> str:
    """Have a digest made for that time, in the caller's transaction, which holds the digest's row; `asked`: the command that
    somebody has typed for it. The id of its request."""
    request_id = new_id()
    session.add(_request(digest, request_id, now))
    session.flush()
    session.add(
        DigestRun(
            request_id=request_id,
            digest_id=digest.id,
            key=key,
            due_at=due_at,
            folds=folds,
            first_at=first_at or due_at,
            preview=preview,
            state="planned",
        )
    )
    queue.enqueue(
        session,
        "prepare",
        "admit",
        payload(digest, round(now.timestamp() * 1000), alone=preview or not digest.to_channel, asked=asked),
        request_id=request_id,
        now=now,
        run_at=run_at,
        class_=class_,
    )
    return request_id


def _request(digest: Digest, request_id: str, now: datetime) -> Message:
    """It is its person's, as if they had typed it."""
    return Message(
        id=request_id,
        role="question",
        bot=digest.bot,
        person_id=digest.person_id,
        person_name=digest.person_name,
        text=f"digest {digest.id}",
        created_at=now,
    )


def payload(digest: Digest, asked_at: int, *, alone: bool, asked: Payload | None = None) -> Payload:
    """What its job carries: `alone`: it comes to its person alone; `asked_at` in ms of the database's clock; `asked`: the
    command that somebody has typed for it."""
    wanted = Wanted(scope="channel", kind=digest.kind, length=digest.length, language=digest.language, zone=digest.zone)
    return Payload(
        bot=digest.bot,
        person_id=digest.person_id,
        person_name=digest.person_name,
        team_id=digest.team_id,
        team_name=digest.team_name,
        channel_id="" if alone else digest.to_channel,
        asked_at=asked_at,
        private=alone,
        model=digest.model,
        once=digest.model,
        verb="digest",
        digest=digest.id,
        asked_by=asked.person_id if asked else "",
        asked_in=asked.channel_id if asked else "",
        wanted=wanted.to_json(),
    )
