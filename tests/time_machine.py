"""A year of digests in minutes: schedulers that look at random moments, race and die, people who change them meanwhile; and
when each time is, reckoned anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from mmapp import db
from mmapp.db import Database, clock
from mmapp.jobs import ahead, tick
from mmapp.models import Digest, DigestRun, Job
from mmapp.schedule import Occurrence, Schedule

# Two nights of other dates in each; half an hour in Lord Howe, 45 minutes beside the others in Kathmandu, which has none of
# them, and Chatham; and UTC.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "UTC")
SCHEDULERS = 4
DEATHS, DOWN, BACK = 0.15, 0.05, 0.03  # how often a look ends in a death, nobody looks, and the clock is an hour behind
DAY = timedelta(days=1)


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
            self._look()
            if count % 100 == 0:
                self._worked()
        self._worked()
        tick.tick(self.database)

    def _look(self) -> None:
        """One looks and then sleeps, while others look and plan; then it wakes, and knows nothing of that."""
        asleep = tick._due(self.database) if self.chance.random() < 1 / SCHEDULERS else None
        for _ in range(self.chance.randint(1, SCHEDULERS - 1)):
            self._until_death(lambda: tick.tick(self.database))
        for planned in asleep[0] if asleep else ():
            self._until_death(lambda one=planned: tick._plan(self.database, one, one.due.at))  # type: ignore[misc]

    def _until_death(self, act: object) -> None:
        with self.patch.context() as patch:
            if self.chance.random() < DEATHS:
                self._dies(patch, after=self.chance.randint(0, 3), early=self.chance.random() < 0.5)
            try:
                act()  # type: ignore[operator]
            except Killed:
                return

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
        """Every time was kept once, by itself or by the next one that somebody was there for, in order, and no other up to the
        last of them."""
        left = list(expected)
        for run, count in self.kept(number, expected[-1].at):
            mine, left = left[:count], left[count:]
            assert run.due_at == mine[-1].at, (self.zones[number], run.key, mine)
        assert left == [], (self.zones[number], left[:3])


# People who change them


LINES = {"30 2 * * *": [(2, 30)], "0 9 * * *": [(9, 0)], "0 * * * *": [(hour, 0) for hour in range(24)]}
CHANGES = ("line", "zone", "quiet", "pause")
# How often somebody changes one, a worker does what is due, and somebody looks. Gaps are longer here, and more clocks behind.
CHANGED, WORKED, LOOKED, SET_BACK = 0.1, 0.4, 0.6, 0.1
STEP = timedelta(minutes=20)
LATE = timedelta(hours=3)  # after the end somebody looks and works


@dataclass
class Announced:
    """What somebody was told of a digest when they changed it, `now`: it comes then, `at`, makes up for `folds` before, and goes
    on as its line says; nothing comes of one that is `paused`. `seen`: what was posted before."""

    now: datetime
    at: datetime
    folds: int
    line: str
    zone: str
    paused: bool = False
    seen: frozenset[str] = frozenset()


class Changing:
    """One digest of a machine, which is changed, paused and goes on at random moments; and whether all that is announced of it
    comes, once, and nothing else."""

    def __init__(self, machine: Machine, first: date, count: int) -> None:
        self.machine, self.chance, self.database = machine, machine.chance, machine.database
        self.days = days(first - 3 * DAY, count + 6)
        self.begin = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
        self.end = self.begin + count * DAY
        machine.show(self.begin)
        line, zone = self.chance.choice(list(LINES)), self.chance.choice(ZONES)
        self.number = machine.digest(line, zone, self.begin)
        self.told = Announced(self.begin, self._times(line, zone, self.begin)[0], 0, line, zone)

    def live(self) -> None:
        """To the end, and a little longer, so that what is late comes."""
        moment = self.begin
        while moment < self.end:
            moment += self.chance.uniform(0.2, 1.8) * STEP
            behind = timedelta(hours=1) if self.chance.random() < SET_BACK else timedelta(0)
            self.machine.show(moment - behind)
            if self.chance.random() < LOOKED:
                self.machine._look()
            if self.chance.random() < WORKED:
                self._work()
            if self.chance.random() < CHANGED:
                self._change()
        self.machine.show(self.end + LATE)
        tick.tick(self.database)
        self.machine.show(self.end + LATE + tick.AHEAD)
        self._work()
        left, _ = self._left()
        assert self.told.paused or left[0] > self.end + LATE, (self.told, left[:3])

    def _work(self) -> None:
        """A worker prepares what is due, so that the newest makes up for those before it, and posts that."""
        with self.database.write() as session:
            now = clock(session)
            waiting = ahead.planned(session, session.get_one(Digest, self.number))
            due = [run for run in waiting if run.due_at <= now]
            if due:
                assert not ahead.fold(session, due[-1], now)
                due[-1].state, due[-1].ended_at = "posted", now
            ended = select(DigestRun.request_id).where(DigestRun.state.in_(("posted", "folded", "stopped")))
            session.execute(update(Job).where(Job.request_id.in_(ended)).values(state="done"))

    def _change(self) -> None:
        """Somebody changes it, or lets it go on."""
        how = "resume" if self.told.paused else self.chance.choice(CHANGES)
        left, owed = self._left()
        with self.database.write() as session:
            digest, now = session.get_one(Digest, self.number), clock(session)
            late = {run.due_at for run in ahead.planned(session, digest)}
            late |= {digest.next_at} if digest.next_at <= now else set()
            if how in ("line", "zone"):
                setattr(digest, how, self.chance.choice(list(LINES) if how == "line" else ZONES))
            ahead.plan_anew(session, digest, now)
            digest.state = "paused" if how == "pause" else "active"
            at, seen = ahead.dues(session, digest, now, 1)[0], frozenset(self._posted())
            told = Announced(now, at, digest.folds, digest.line, digest.zone, how == "pause", seen)
        if how in ("pause", "quiet") and now >= self.told.now:
            assert at == left[told.folds - owed], (how, told, left[:3])
        elif how == "resume":
            assert at == self._goes_on(now), (how, told, self.told)
        else:  # or its clock was set back, and there may be times before those that were announced
            assert at == self._first(told, late, now), (how, told, late)
        self.told = told

    def _first(self, told: Announced, late: Set[datetime], now: datetime) -> datetime:
        """Of one that has other times now: what was late and still is one of them, else the next one that has not come."""
        still = late & set(self._times(told.line, told.zone, self.begin))
        come = [run.due_at for run in self._posted().values()]
        return min(still) if still else self._times(told.line, told.zone, max([now, *come]))[0]

    def _goes_on(self, now: datetime) -> datetime:
        """Of one that was paused: what was late then, where no other time has come since; else the next one."""
        paused, following = self.told, self._times(self.told.line, self.told.zone, self.told.at)
        if paused.at <= paused.now < following[0] and now < following[0]:
            return paused.at
        return self._first(paused, set(), now)

    def _left(self) -> tuple[list[datetime], int]:
        """What is still to come of what was announced, in order, once what has come since is taken from it; and how many before
        that are still to be made up for."""
        if self.told.paused:
            assert self._posted().keys() == self.told.seen
        left = self._times(self.told.line, self.told.zone, self.told.at - timedelta(microseconds=1))
        owed = self.told.folds
        new = [run for request_id, run in self._posted().items() if request_id not in self.told.seen]
        for run in sorted(new, key=lambda one: one.due_at):
            count, owed = run.folds + 1 - owed, 0
            assert count > 0
            assert left[count - 1] == run.due_at, (self.told, run.due_at, run.folds, left[:3])
            left = left[count:]
        return left, owed

    def _posted(self) -> dict[str, DigestRun]:
        return {run.request_id: run for run, _ in self.machine.kept(self.number, self.end + DAY)}

    def _times(self, line: str, zone: str, after: datetime) -> list[datetime]:
        return [one.at for one in reckoned(LINES[line], self.days, ZoneInfo(zone)) if one.at > after]
