"""Weeks of one digest in which people talk, ask for it by hand and let it rest, and Mattermost, the model and the scheduler are
away at random moments; and whether everything that was said is told."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from llm.base import ModelDied
from llm.scripted import Step
from mmapp.jobs import tick
from mmapp.models import DigestRun
from tests.line import Line
from tests.scenarios.digesting import WORDS, at, change, known
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import WRITTEN
from tests.scenarios.test_digest_window import Days

WINDOWS = ("last", "day", "week")
# At nine, in the hour that the clocks leave out or have twice, every sixth hour.
TIMES = ("0 9 * * *", "30 2 * * *", "0 0,6,12,18 * * *")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
BEGIN = ("2026-10-23 12:00", "2027-03-12 12:00", "2027-03-27 12:00")  # before nights on which clocks are changed
SOON, STEP = timedelta(minutes=12), timedelta(hours=7)  # at the most, from one event to the next
AHEAD = timedelta(minutes=10)  # less than one is begun before its time
SECONDS = 600.0  # of a model, that it took last: it is begun some twenty minutes before
COUNT = 25  # of them


class Story:
    """What happens to one digest, as `seed` draws it. `told` says it in order, for who reads of a fault."""

    def __init__(self, line: Line, days: Days, seed: int) -> None:
        self.line, self.days, self.chance = line, days, random.Random(seed)
        self.now = at(self.chance.choice(BEGIN))
        self.told: list[str] = []
        self.said: list[int] = []  # when, by Mattermost's clock (ms)
        self._pass(timedelta(0))
        self._skew = (
            timedelta(milliseconds=line.playground.server.clock.now()) + datetime.fromtimestamp(0, UTC) - self.now
        )
        self.window = self.chance.choice(WINDOWS)
        self.number = self._order()

    def live(self) -> None:
        """All of it, and then good days in which the rest is told."""
        events = [self._talk, self._talk, self._all_look, self._all_look, self._only_look, self._mattermost_is_down]
        events += [self._runs, self._previews, self._rewords, self._is_made]
        if self.window == "last":  # one of a day tells of its day alone, also where that of the day before was not made
            events += [self._model_dies, self._rests, self._changes]
        for _ in range(COUNT):
            self._pass(self.chance.choice((SOON, STEP)) * self.chance.uniform(0.05, 1))
            self.chance.choice(events)()
        self._pass(STEP)
        self._talk(5)  # enough for one that is not posted where little is said
        for _ in range(10):
            self._pass(STEP / 2)
            self._all_look()

    def require_all_told(self) -> None:
        """What was said lies in the window of one that was posted; of those that go on from each other in one alone."""
        windows = self._windows()
        for moment in self.said:
            found = [window for window in windows if window[0] <= moment <= window[1]]
            assert found, self._tale(moment)
            assert len(found) == 1 or self.window != "last", self._tale(moment)

    def _windows(self) -> list[tuple[int, int]]:
        with self.line.worker.database.read() as session:
            posted = select(DigestRun).where(DigestRun.digest_id == self.number, DigestRun.state == "posted")
            return [(run.since, run.until) for run in session.scalars(posted) if not run.preview]

    def _tale(self, said: int) -> str:
        """What has happened, and what was read: for who looks for a fault."""
        skew = self._skew
        read = [f"read from {_shown(since, skew)} to {_shown(until, skew)}" for since, until in self._windows()]
        return "\n".join(["", *self.told, *read, f"what was said at {_shown(said, skew)} was not told once"])

    def _order(self) -> int:
        times, zone = self.chance.choice(TIMES), self.chance.choice(ZONES)
        quiet = self.chance.choice((0, 3)) if self.window == "last" else 0
        self._type(f'~town --cron "{times}" --zone {zone} --window {self.window} --quiet {quiet}')
        return 1

    # What people do

    def _talk(self, count: int = 0) -> None:
        count = count or self.chance.randint(1, 4)
        posts = [
            self.line.playground.post_as(self.line.bob, self.line.town, WORDS.format(n, 1, 2)) for n in range(count)
        ]
        self.said += [int(post["create_at"]) for post in posts]
        self._note(f"bob says {count} things")

    def _runs(self) -> None:
        self._type(f"run {self.number}")

    def _previews(self) -> None:
        self._type(f"preview {self.number}")

    def _rewords(self) -> None:
        self._type(f"edit {self.number} --length {self.chance.choice(('short', 'medium', 'long'))}")

    def _changes(self) -> None:
        self._type(f'edit {self.number} --cron "{self.chance.choice(TIMES)}" --zone {self.chance.choice(ZONES)}')

    def _rests(self) -> None:
        self._type(f"pause {self.number}")
        self._pass(self.chance.uniform(0.05, 5) * STEP)
        self._type(f"resume {self.number}")

    def _type(self, words: str) -> None:
        self._note(f"ann types /ai digest {words}: {typed(self.line, self.line.ann, words).splitlines()[-1]}")

    # What happens to machines

    def _all_look(self) -> None:
        self._only_look()
        self._note("a worker works")
        self.line.settle()

    def _is_made(self) -> None:
        """Shortly before its time, and people go on talking."""
        due = known(self.line, self.number).next_at
        if due - AHEAD > self.now:
            self._pass(due - AHEAD - self.now)
        self._all_look()
        self._pass(AHEAD / 3)
        self._talk()
        self.chance.choice((self._rewords, self._runs, self._all_look))()
        self._pass(AHEAD * self.chance.uniform(0.5, 2))
        self._all_look()

    def _only_look(self) -> None:
        self._note("a scheduler looks")
        change(self.line, self.number, seconds=SECONDS)
        tick.tick(self.line.worker.database)

    def _mattermost_is_down(self) -> None:
        down = self.line.playground.faults.add("/api/v4/", status=503, times=10_000)
        self._all_look()
        down.times = 0
        self._note("Mattermost was down meanwhile")

    def _model_dies(self) -> None:
        self.line.model.steps = [Step(error=ModelDied("gone"))]
        self._all_look()
        self.line.model.steps = [Step(WRITTEN)]
        self._note("the model died of it, if it was asked")

    def _pass(self, time: timedelta) -> None:
        self.now += time
        self.days.show(f"{self.now:%Y-%m-%d %H:%M:%S}")

    def _note(self, what: str) -> None:
        self.told.append(f"{self.now:%d %b %H:%M:%S} {what}")


def _shown(milliseconds: int, skew: timedelta) -> str:
    """A time of Mattermost's, by the database's clock."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC) - skew:%d %b %H:%M:%S}"
