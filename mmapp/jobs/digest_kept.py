"""A digest as it is kept: its first row, and how many there can be. The database alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from mmapp import plan
from mmapp.errors import Refused
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.models import Digest
from mmapp.plan import Plan
from mmapp.schedule import Schedule
from mmapp.texts import digest as texts
from mmapp.texts import digest_faults as faults

BEFORE = 3  # of its next times, between which the shortest span is what the first one tells of


def made(session: Session, worker: Worker, payload: Payload, wanted: Plan, now: datetime) -> Digest:
    """A new one of this person's, with its number."""
    schedule = Schedule(wanted.line, wanted.zone)
    first = schedule.after(now)
    digest = Digest(
        bot=worker.bot,
        person_id=payload.person_id,
        person_name=payload.person_name,
        team_id=payload.team_id,
        team_name=payload.team_name,
        read_until=round(min(now, first.at - _span(schedule, now)).timestamp() * 1000),
        next_at=first.at,
        next_key=first.key,
        planned_at=now,
        created_at=now,
        **wanted.columns(),
    )
    session.add(digest)
    session.flush()
    return digest


def _span(schedule: Schedule, now: datetime) -> timedelta:
    """How long it is from one to the next: so far back the first one goes, as if there had been one before."""
    times = [one.at for one in schedule.upcoming(now, BEFORE + 1)]
    return min(later - earlier for earlier, later in pairwise(times))


def require_room(session: Session, person_id: str, wanted: Plan, but: int = 0) -> None:
    """Raises Refused where there are too many, or that very one already."""
    mine = [one for one in plan.of_person(session, person_id) if one.id != but]
    if len(mine) >= plan.MOST:
        raise Refused(faults.too_many_of_yours(plan.MOST))
    there = [one for one in plan.in_channel(session, wanted.to) if one.id != but] if wanted.to else []
    if len(there) >= plan.MOST:
        raise Refused(faults.too_many_there(plan.MOST))
    twin = next((one.id for one in mine if Plan.of(one) == wanted), 0)
    if twin:
        raise Refused(texts.there_already(twin), words="")
