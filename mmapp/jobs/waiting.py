"""What waits and what runs, read from the queue's table as jobs/fairness.py weighs it. Nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from mmapp.jobs.fairness import BACKGROUND, PERSON, RUNNING, SHARE_OF, Request, next_of
from mmapp.models import OPEN, DigestRun, Job, Message, WorkerRecord

WRITING = ("answer", "summarize")  # what a model works on
STOPPABLE = ("admit", "prepare", *WRITING)
ANSWERING = (*STOPPABLE, "post", "restore")
ERRANDS = (
    "choose",
    "delete",
    "done",
    "digest",
    "invited",
    "make",
    "notify",
    "off",
    "on",
    "share",
)  # what else is done for a person, without a model
MOST = 1000  # open jobs that are weighed at once; in a claim, the next of so many people
ALIVE = timedelta(seconds=10)  # a worker that was not heard of for longer is gone
# Every acknowledgement asks these. Built once, and over the table itself, they cost a third.
_JOBS = Job.metadata.tables["job"].c
_NAMES = (
    "id",
    "kind",
    "state",
    "person_id",
    "model",
    "thread",
    "run_at",
    "estimate",
    "started_at",
    "parts",
    "parts_done",
)
_COLUMNS = (_JOBS["class"].label("class_"), *(_JOBS[name] for name in _NAMES))
_BY_AGE = (_JOBS["class"], _JOBS.run_at, _JOBS.id)
_ASKED = (*STOPPABLE, "make")
_OPEN = select(*_COLUMNS).where(_JOBS.kind.in_(_ASKED), _JOBS.state.in_(OPEN)).order_by(*_BY_AGE).limit(MOST)
_IN_LINE = (*STOPPABLE, *ERRANDS)
_WAITED_FOR = _JOBS["class"] == PERSON
_A_PERSON_S = and_(_JOBS.kind.in_(_IN_LINE), _JOBS.person_id != "", _WAITED_FOR)
_LINE = case((_A_PERSON_S, _JOBS.person_id), else_=cast(_JOBS.id, String(26)))
_PLACE = func.row_number().over(partition_by=_LINE, order_by=_BY_AGE).label("place")
_LATELY = or_(_JOBS.ended_at > bindparam("since"), _JOBS.state.in_(OPEN))
_RUNS = DigestRun.metadata.tables["digest_run"].c
# Not what is written anew of it, which is a wish like others.
_MAKES_DIGEST = exists().where(
    _RUNS.request_id == _JOBS.request_id, or_(_RUNS.ended_at.is_(None), _RUNS.ended_at >= _JOBS.created_at)
)
_USED = (
    select(_JOBS.person_id, func.sum(_JOBS.model_seconds))
    .where(_LATELY, _JOBS.kind.in_(WRITING), _WAITED_FOR, ~_MAKES_DIGEST)
    .group_by(_JOBS.person_id)
)
_SERVED = (
    select(_JOBS.person_id, func.max(_JOBS.started_at))
    .where(_LATELY, _JOBS.kind.in_(("admit", *ERRANDS)), _JOBS.started_at.is_not(None))
    .group_by(_JOBS.person_id)
)
_WORKERS = WorkerRecord.metadata.tables["worker"].c
_WARM = select(_WORKERS.warm).where(_WORKERS.seen_at > bindparam("since"))


def open_requests(session: Session, now: datetime) -> list[Request]:
    """Every question that waits or is being answered."""
    return _requests(session, now, _OPEN)


def used(session: Session, now: datetime) -> dict[str, float]:
    """Model seconds of each person in the last ten minutes: what their next question is weighed by. What machines did for
    them counts against nobody, nor do digests that somebody has typed for."""
    rows = session.execute(_USED, {"since": now - SHARE_OF})
    return {person: float(seconds) for person, seconds in rows}


def served(session: Session, now: datetime) -> dict[str, float]:
    """When each person had a turn last (s), of those without a model in the last ten minutes: the next one is weighed by
    it. Such turns are too short to be weighed by what they take, so they go round."""
    rows = session.execute(_SERVED, {"since": now - SHARE_OF})
    return {person: began.timestamp() for person, began in rows}


def warm_models(session: Session, now: datetime) -> list[list[str]]:
    """The models that each living worker has loaded."""
    return list(session.scalars(_WARM, {"since": now - ALIVE}))


def newest_of(session: Session, person_id: str, channel_id: str, bot: str = "") -> list[str]:
    """What the person waits for in this channel, of this bot or of any, and can still be stopped, newest first."""
    jobs = select(Job.request_id).where(
        Job.person_id == person_id,
        Job.channel_id == channel_id,
        Job.kind.in_(STOPPABLE),
        Job.state.in_(OPEN),
        Job.stop.is_(False),
        Job.class_ == PERSON,
    )
    if bot:
        jobs = jobs.join(Message, Message.id == Job.request_id).where(Message.bot == bot)
    return list(session.scalars(jobs.order_by(Job.id.desc())))


def parts(session: Session, request_id: str) -> tuple[int, int] | None:
    """How many parts of a summary are written, of about how many; None where that is not known."""
    mine = (Job.request_id == request_id, Job.kind == "summarize", Job.state.in_(OPEN), Job.parts > 0)
    found = session.execute(select(Job.parts_done, Job.parts).where(*mine)).first()
    return (found.parts_done, found.parts) if found else None


def due(now: datetime, *, without: int = 0) -> tuple[ColumnElement[bool], ...]:
    """What may begin: what a model works on only while its person has fewer of these running than allowed; `without` one
    running job, as if that had given way. What machines ask for neither waits for its person's nor keeps it waiting."""
    running = (Job.state == "running", Job.kind.in_(WRITING), Job.class_ == PERSON, Job.id != without)
    theirs = select(Job.person_id).where(*running, Job.person_id != "")
    busy = theirs.group_by(Job.person_id).having(func.count() >= RUNNING)
    may_run = or_(Job.kind.not_in(WRITING), Job.class_ != PERSON, Job.person_id.not_in(busy))
    return Job.state == "queued", Job.run_at <= now, may_run


def is_waited_for(
    session: Session, now: datetime, job_id: int, seconds: float, queues: Collection[str], kinds: Collection[str]
) -> bool:
    """Whether a lane over these queues would go on with another job, of these kinds, if the running one gave way after so
    many seconds of the model. Its own person's count too; what could not begin, or has a later turn than the rest of this
    one, is nothing to give way for: this one would only be claimed again. Of what machines ask for, nothing gives way to its
    like."""
    mine = next_requests(session, now, _JOBS.id == job_id)
    if not mine:
        return False
    before = _JOBS["class"] < max(mine[0].class_, BACKGROUND)
    others = (_JOBS.queue.in_(queues), _JOBS.kind.in_(kinds), before, *due(now, without=job_id))
    open_ones = next_requests(session, now, *others)
    if not open_ones:
        return False
    shares, person = used(session, now), mine[0].person
    shares[person] = shares.get(person, 0.0) + seconds
    behind = replace(mine[0], run_at=now, running=False)
    return next_of([*open_ones, behind], shares).id != job_id


def is_known(session: Session, dedupe_key: str | None) -> bool:
    """Whether there is, or was, a job with this key."""
    return dedupe_key is not None and session.scalar(select(Job.id).where(Job.dedupe_key == dedupe_key)) is not None


def is_underway(session: Session, request_id: str) -> bool:
    """Whether something is still to be done until its answer stands there, or the old one again: what the database says of it
    meanwhile may be what nobody has looked at yet."""
    mine = (Job.request_id == request_id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    return bool(session.scalar(select(exists().where(*mine))))


def next_requests(session: Session, now: datetime, *which: ColumnElement[bool]) -> list[Request]:
    """Among these jobs each person's next one, as fairness sees it, without what is encrypted.

    No more of a person's are looked at, however many wait: a thousand of one must not hide another's only one.
    Deliveries are nobody's turn: they go by age.
    """
    lines = select(*_COLUMNS, _PLACE).where(*which).subquery()
    firsts = select(lines).where(lines.c.place == 1).order_by(lines.c.class_, lines.c.run_at).limit(MOST)
    return _requests(session, now, firsts)


def _requests(session: Session, now: datetime, which: Select[Any]) -> list[Request]:
    return [
        Request(
            id=row.id,
            class_=row.class_,
            person=row.person_id if row.kind in _IN_LINE and row.class_ == PERSON else "",
            model=row.model,
            thread=row.thread,
            run_at=row.run_at,
            estimate=_to_come(row, now),
            running=row.kind in WRITING and row.state == "running",
        )
        for row in session.execute(which)
    ]


def _to_come(row: Any, now: datetime) -> float:
    """Seconds of the model: of what gives way to people at its next part, those of a part, which may have just begun."""
    if row.class_ != PERSON:
        return float(row.estimate / max(1, row.parts - row.parts_done))
    writing = row.state == "running" and row.kind in WRITING
    elapsed = (now - row.started_at).total_seconds() if writing else 0.0
    return max(0.0, float(row.estimate) - elapsed)
