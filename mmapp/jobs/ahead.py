"""What is planned of a digest, or being made: seen, taken back where it is to be otherwise, and planned anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import items
from mmapp.db import clock
from mmapp.jobs import owners, queue
from mmapp.jobs.waiting import ANSWERING
from mmapp.models import OPEN, AnswerPost, Digest, DigestRun, Job, Message
from mmapp.plan import PAUSED
from mmapp.schedule import NoSchedule, Occurrence, Schedule

# By so much a clock may be set back, and what has come has come, also what was made up for. Where it is more, it had run
# ahead before, and what was planned by it and has not come holds no longer.
SET_BACK = timedelta(hours=3)


class BeingPosted(Exception):
    """One of it is being posted at this moment, which takes seconds and cannot be taken back."""


def key(at: datetime) -> str:
    """Of one that is planned for then. A time of another zone is another one, also where its wall shows the same."""
    return f"{at:%Y-%m-%dT%H:%MZ}"


# Seen


def being_made(session: Session, digest: Digest) -> list[DigestRun]:
    """Those that somebody works on, or that wait for their time."""
    open_ones = select(Job.request_id).where(Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    mine = (DigestRun.digest_id == digest.id, DigestRun.state == "planned", DigestRun.request_id.in_(open_ones))
    return list(session.scalars(select(DigestRun).where(*mine).order_by(DigestRun.due_at)))


def planned(session: Session, digest: Digest) -> list[DigestRun]:
    """Those that nobody has asked for, and of which nothing is posted, or just being posted; also such as are late."""
    return [one for one in unposted(session, digest) if not one.typed]


def unposted(session: Session, digest: Digest) -> list[DigestRun]:
    """Those of which nothing is posted, or just being posted: they can be taken back."""
    found = being_made(session, digest)
    ids = [one.request_id for one in found]
    shown = select(AnswerPost.request_id).where(AnswerPost.request_id.in_(ids), AnswerPost.state == "")
    there = {*session.scalars(shown), *_being_posted(session, ids)}
    return [one for one in found if one.request_id not in there]


def dues(session: Session, digest: Digest, now: datetime, count: int) -> list[datetime]:
    """When the next ones come, in order, planned already or not; before them those that are late."""
    waiting = {digest.next_at, *(one.due_at for one in planned(session, digest))}
    following = Schedule(digest.line, digest.zone).upcoming(max(digest.next_at, now), count)
    late = [at for at in sorted(waiting) if at <= now]
    return [*late, *sorted(waiting.difference(late) | {one.at for one in following})[:count]]


def require_at_rest(session: Session, digest: Digest) -> None:
    """Raises BeingPosted: in the caller's transaction nothing of it can be posted by what is changed in that."""
    if _being_posted(session, [one.request_id for one in being_made(session, digest)]):
        raise BeingPosted


# Taken back, and planned anew


def take_back(session: Session, runs: Iterable[DigestRun]) -> None:
    """Nothing of them is posted. Their time is free to be planned for again."""
    for run in runs:
        queue.stop(session, run.request_id, keep=False)
        items.drop_run(session, run.request_id)
        session.get_one(Message, run.request_id).deleted = True
        run.state, run.ended_at = "stopped", clock(session)
        _free(run)
    session.flush()


def call_off(session: Session, digest: Digest, sentence: str, *, but: Collection[str] = ()) -> None:
    """What somebody has typed for does not come any more: they are told the `sentence`, `but` those who know."""
    asked_for = [one for one in unposted(session, digest) if one.typed and not one.preview]
    take_back(session, asked_for)
    for run in asked_for:
        first = select(Job.person_id).where(Job.request_id == run.request_id).order_by(Job.id).limit(1)
        owners.tell(session, digest, run.request_id, sentence, set(session.scalars(first)).difference(but))


def plan_anew(session: Session, digest: Digest, now: datetime) -> None:
    """From now on by what is set now, also a time that was planned for already. One that was missed, or that is late, and
    still is one of its times, is planned at once; of a paused one only what was late then, and no other has come since."""
    late_since = digest.planned_at if digest.state == PAUSED else now
    first_at = digest.first_at or digest.next_at
    waiting = [(digest.next_at, digest.folds, first_at)] if digest.next_at <= late_since else []
    taken = planned(session, digest)
    take_back(session, taken)
    waiting += [(run.due_at, run.folds, run.first_at) for run in taken if run.due_at <= now + SET_BACK]
    kept_until = _kept_until(session, digest, now)
    try:
        found = _still_due(digest, waiting, now)
        coming = (Schedule(digest.line, digest.zone).after(kept_until), 0, None)
        due, digest.folds, digest.first_at = min(found, default=coming)
        digest.next_at, digest.next_key = due.at, due.key
    except NoSchedule:
        digest.next_at = now  # who plans it pauses it (tick.py)
    digest.planned_at = now


def fold(session: Session, run: DigestRun, now: datetime) -> bool:
    """Of those whose time has come, and this one, the newest is made, and makes up for the others that nobody has begun.
    Whether this one is made up for."""
    if run.until:
        return False  # it was begun by a worker that has died since
    waiting = planned(session, session.get_one(Digest, run.digest_id))
    *older, newest = [one for one in waiting if one.until == 0 and (one.due_at <= now or one is run)]
    for one in older:
        newest.folds, newest.first_at = newest.folds + one.folds + 1, min(newest.first_at, one.first_at)
        one.state, one.ended_at = "folded", now
        if one is not run:
            queue.stop(session, one.request_id, keep=False)
    return newest is not run


def _still_due(
    digest: Digest, waiting: Iterable[tuple[datetime, int, datetime]], now: datetime
) -> list[tuple[Occurrence, int, datetime]]:
    """Those of the waiting times that it still has, each with how many before it are made up for, and when the first of them was
    due. Raises NoSchedule."""
    schedule = Schedule(digest.line, digest.zone)
    found = [(due, folds, first_at) for at, folds, first_at in waiting if (due := schedule.at(at))]
    if digest.state == PAUSED:
        return [each for each in found if schedule.after(each[0].at).at > now]
    return found


def _kept_until(session: Session, digest: Digest, now: datetime) -> datetime:
    """Until when its times were kept: now, or later where the clock was set back since. What has ended after that without a
    post, before its time, may be planned for again."""
    later = select(DigestRun).where(DigestRun.digest_id == digest.id, DigestRun.due_at > now, ~DigestRun.preview)
    ahead = [one for one in session.scalars(later.where(DigestRun.state != "planned")) if not one.typed]
    kept = [one.due_at for one in ahead if one.state in ("posted", "folded") and one.due_at <= now + SET_BACK]
    until = max([now, *kept])
    for one in ahead:
        if one.state not in ("posted", "folded") and one.due_at > until:
            _free(one)
    session.flush()
    return until


def _free(run: DigestRun) -> None:
    run.key = f"back {run.request_id}"


def _being_posted(session: Session, ids: list[str]) -> list[str]:
    running = (Job.request_id.in_(ids), Job.kind == "post", Job.state == "running")
    return list(session.scalars(select(Job.request_id).where(*running)))
