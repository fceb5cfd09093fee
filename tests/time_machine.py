"""A year of digests in minutes: schedulers that look at random moments, race and die; and when each time is, reckoned anew."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from mmapp import db
from mmapp.db import Database
from mmapp.jobs import tick
from mmapp.models import Digest, DigestRun, Job
from mmapp.schedule import Occurrence, Schedule

# Two nights of other dates in each; half an hour in Lord Howe, 45 minutes beside the others in Kathmandu, which has none of
# them, and Chatham; and UTC.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "UTC")
SCHEDULERS = 4
DEATHS, DOWN, BACK = 0.15, 0.05, 0.03  # how often a look ends in a death, nobody looks, and the clock is an hour behind
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Killed(BaseException):
    """kill -9: nothing of it runs on."""


# When each time is, without APScheduler


def reckoned(clocks: list[tuple[int, int]], days: list[date], zone: ZoneInfo) -> list[Occurrence]:
    """One at each of these hours and minutes of each of these days, in order. Of two at one moment there is the later alone."""
    walls = [datetime(day.year, day.month, day.day, *clock) for day in days for clock in clocks]  # noqa: DTZ001
    found = sorted((_moment(wall, zone), wall) for wall in walls)
    last = [list(same)[-1] for _, same in groupby(found, key=lambda each: each[0])]
    return [Occurrence(at, f"{wall:%Y-%m-%dT%H:%M}") for at, wall in last]


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock on the wall shows that first; where it never does, when one that nobody has changed would."""
    near = wall.replace(tzinfo=UTC)
    before = _offset(near - DAY, zone)
    offsets = {before, _offset(near + DAY, zone)}
    shown = [near - each for each in offsets if (near - each).astimezone(zone).replace(tzinfo=None) == wall]
    return min(shown) if shown else near - before


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def days(first: date, count: int) -> list[date]:
    return [first + number * DAY for number in range(count)]


# Schedulers


class Machine:
    """Digests of one line in all zones, and who plans them. `chance` decides all that is random."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch, seed: int) -> None:
        self.database, self.patch, self.chance = database, patch, random.Random(seed)
        self.zones: dict[int, str] = {}
        self.looks: list[datetime] = []  # to their end, by a clock that is right

    def show(self, moment: datetime) -> None:
        """The database's clock stands there."""
        now = f"{moment.astimezone(UTC):%Y-%m-%d %H\\:%M\\:%S.%f}"
        self.patch.setitem(db.CLOCK, "sqlite", text(f"select '{now[:-3]}'"))
        self.patch.setitem(db.CLOCK, "postgresql", text(f"select timestamptz '{now}+00'"))

    def digest(self, line: str, zone: str, since: datetime) -> int:
        """One that begins then; its number."""
        first = Schedule.of(line, zone).after(since)
        with self.database.write() as session:
            made = Digest(
                bot="ai",
                person_id="p" * 26,
                person_name="ann",
                channels=["c" * 26],
                line=Schedule.of(line, zone).line,
                zone=zone,
                read_until=0,
                next_at=first.at,
                next_key=first.key,
                planned_at=since,
                created_at=since,
            )
            session.add(made)
            session.flush()
            self.zones[made.id] = zone
            return made.id

    def live_through(self, line: str, clocks: list[tuple[int, int]], first: date, count: int) -> None:
        """From that day's noon on a digest of that line in each zone, whose times are these `clocks`, for so many days; each of
        these times was kept once."""
        begin = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
        self.show(begin)
        wanted = {}
        for zone in ZONES:
            near = reckoned(clocks, days(first, count + 1), ZoneInfo(zone))
            wanted[self.digest(line, zone, begin)] = [each for each in near if each.at > begin]
        end = min(times[-1].at for times in wanted.values())
        wanted = {number: [each for each in times if each.at <= end] for number, times in wanted.items()}
        self.live(sorted({each.at for times in wanted.values() for each in times}))
        for number, times in wanted.items():
            self.require_each_once(number, times)
        self.require_one_job_each()
        self.forget()

    def live(self, moments: list[datetime]) -> None:
        """Somebody looks in the half hour before each of these, perhaps several times, and perhaps nobody does."""
        looks = [
            moment - timedelta(seconds=self.chance.uniform(0, 1799))
            for moment in moments
            for _ in range(self.chance.choice((1, 1, 2)))
            if self.chance.random() > DOWN
        ]
        for count, moment in enumerate(sorted([*looks, max(moments)])):
            behind = timedelta(hours=1) if self.chance.random() < BACK else timedelta(0)
            self.show(moment - behind)
            if self._look() and not behind:
                self.looks.append(moment)
            if count % 100 == 0:
                self._worked()
        self._worked()
        tick.tick(self.database)

    def _look(self) -> bool:
        """One looks and then sleeps, while others look and plan; then it wakes, and knows nothing of that. Whether one of them
        has looked to the end."""
        asleep = tick._due(self.database) if self.chance.random() < 1 / SCHEDULERS else None
        looks = [
            self._until_death(lambda: tick.tick(self.database)) for _ in range(self.chance.randint(1, SCHEDULERS - 1))
        ]
        for planned in asleep[0] if asleep else ():
            self._until_death(lambda one=planned: tick._plan(self.database, one, one.due.at))  # type: ignore[misc]
        return any(looks)

    def _until_death(self, act: Callable[[], object]) -> bool:
        """Whether it has lived to the end."""
        with self.patch.context() as patch:
            if self.chance.random() < DEATHS:
                self._dies(patch, after=self.chance.randint(0, 3), early=self.chance.random() < 0.5)
            try:
                act()
            except Killed:
                return False
            return True

    def _dies(self, patch: pytest.MonkeyPatch, *, after: int, early: bool) -> None:
        """In the transaction of one of the next plans, before or after it has queued the job: nothing of that one is left."""
        original, left = tick.enqueue, [after]

        def enqueue(*given: object, **more: object) -> str:
            left[0] -= 1
            if left[0] < 0 and early:
                raise Killed
            made = original(*given, **more)  # type: ignore[arg-type]
            if left[0] < 0:
                raise Killed
            return made

        patch.setattr(tick, "enqueue", enqueue)

    def _worked(self) -> None:
        """What was planned is done, so that no more of it has to be looked at."""
        with self.database.write() as session:
            session.execute(update(DigestRun).where(DigestRun.state == "planned").values(state="posted"))
            session.execute(update(Job).where(Job.state == "queued").values(state="done"))

    def _was_looked_for(self, time: Occurrence) -> bool:
        """Whether somebody looked when it was to be planned, and none after it was."""
        place = bisect_left(self.looks, time.at - tick.AHEAD + SECOND)
        return place < len(self.looks) and self.looks[place] <= time.at

    def require_one_job_each(self) -> None:
        """Nothing is queued twice, or for no digest; and no digest waits for a job that is not there."""
        with self.database.read() as session:
            runs, jobs = (list(session.scalars(select(one))) for one in (DigestRun.request_id, Job.request_id))
        assert sorted(runs) == sorted(jobs)

    def forget(self) -> None:
        """None of these digests is planned any more."""
        with self.database.write() as session:
            session.execute(update(Digest).values(state="removed"))

    def kept(self, number: int, until: datetime) -> Iterator[tuple[DigestRun, int]]:
        """The runs of one digest that were due by then, in order, each with how many times it stands for."""
        with self.database.read() as session:
            wanted = select(DigestRun).where(DigestRun.digest_id == number, DigestRun.due_at <= until)
            wanted = wanted.where(DigestRun.state == "posted").order_by(DigestRun.due_at)
            for run in session.scalars(wanted):
                yield run, run.folds + 1

    def require_each_once(self, number: int, expected: list[Occurrence]) -> None:
        """Every time was kept once, in order, and no other up to the last of them: by itself where somebody looked in the half
        hour before it, else perhaps by the next one."""
        left = list(expected)
        for run, count in self.kept(number, expected[-1].at):
            mine, left = left[:count], left[count:]
            assert run.due_at == mine[-1].at, (self.zones[number], run.key, mine)
            assert not any(map(self._was_looked_for, mine[:-1])), (self.zones[number], run.key, mine)
        assert left == [], (self.zones[number], left[:3])
