"""A digest that people change, pause and let go on at random moments; and whether all that they were told of it comes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from mmapp.db import clock
from mmapp.jobs import ahead, tick
from mmapp.models import Digest, DigestRun, Job
from tests.time_machine import DAY, ZONES, Machine, days, reckoned

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
