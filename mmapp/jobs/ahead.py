"""What is planned ahead of a digest's time, or being made: seen, and taken back where it is to be otherwise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.jobs import queue
from mmapp.jobs.waiting import ANSWERING, OPEN
from mmapp.models import Digest, DigestRun, Job, Message
from mmapp.schedule import Schedule

KEY = 40  # characters that a run's key can have


def being_made(session: Session, digest: Digest) -> list[DigestRun]:
    """Those that somebody works on, or that wait for their time."""
    open_ones = select(Job.request_id).where(Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    mine = (DigestRun.digest_id == digest.id, DigestRun.state == "planned", DigestRun.request_id.in_(open_ones))
    return list(session.scalars(select(DigestRun).where(*mine).order_by(DigestRun.due_at)))


def planned(session: Session, digest: Digest) -> list[DigestRun]:
    """Those that were planned ahead, and that nobody has asked for."""
    now = clock(session)
    return [one for one in being_made(session, digest) if one.due_at > now and one.key[:1].isdigit()]


def plan_anew(session: Session, digest: Digest, now: datetime) -> None:
    """From now on by what is set now, also a time that was planned for already."""
    take_back(session, digest, planned(session, digest))
    following = Schedule(digest.line, digest.zone).after(now)
    digest.next_at, digest.next_key = following.at, following.key


def take_back(session: Session, digest: Digest, runs: list[DigestRun]) -> None:
    """Nothing of them is posted. Their time is free to be planned for again, so their keys go."""
    for run in runs:
        queue.stop(session, run.request_id, keep=False)
        session.get_one(Message, run.request_id).deleted = True
        key = f"digest:{digest.id}:{run.key}"
        session.execute(update(Job).where(Job.dedupe_key == key).values(dedupe_key=None))
        run.state, run.ended_at = "stopped", clock(session)
        run.key = f"{run.key} {run.request_id}"[:KEY]
    session.flush()
