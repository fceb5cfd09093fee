"""A year of digests in minutes, by schedulers that are processes of their own and are killed (SIGKILL) at any moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_int64
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import RawValue
from typing import Any

import pytest
from sqlalchemy import text

from mmapp import db
from mmapp.db import Database
from mmapp.jobs import tick
from tests.acceptance.processes import eventually
from tests.time_machine import BACK, SCHEDULERS, Machine

KILLED = 0.25  # how often one is killed while they look
MOMENTS = 0.012  # seconds at the most from when they begin to look until then: a look takes as long
PAUSE = 0.0005  # seconds

# All processes share the database's clock, as they do when nobody sets it: it is what stands in a table.
SHOWN = {"sqlite": text("select moment from shown"), "postgresql": text("select moment::timestamptz from shown")}

# A clean process forks each of them, so that one lives after milliseconds, and has none of pytest's threads.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.acceptance.schedulers"])


def look(url: str, keys: tuple[str, ...], turn: Any, looked: Any) -> None:
    """A process: look once at each turn, until whoever has begun it is gone."""
    db.CLOCK.update(SHOWN)
    database, parent = Database(url, keys), multiprocessing.parent_process()
    while parent and parent.is_alive():
        if looked.value == turn.value:
            time.sleep(PAUSE)
            continue
        mine = turn.value
        tick.tick(database)
        looked.value = mine


class Scheduler:
    """One of them, and the last turn at which it has looked to the end."""

    def __init__(self, url: str, keys: tuple[str, ...], turn: Any) -> None:
        self._looked = RawValue(c_int64, turn.value - 1)  # without a lock, which somebody killed would hold for ever
        self.process = FORKS.Process(target=look, args=(url, keys, turn, self._looked), daemon=True)
        self.process.start()

    @property
    def looked(self) -> int:
        assert self.process.is_alive(), f"a scheduler ended by itself: {self.process.exitcode}"
        return int(self._looked.value)

    def kill(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        assert self.process.exitcode == -signal.SIGKILL


class Killing(Machine):
    """A machine whose schedulers are processes. `url` and `keys` are those of its database."""

    def __init__(
        self, database: Database, patch: pytest.MonkeyPatch, seed: int, url: str, keys: tuple[str, ...]
    ) -> None:
        super().__init__(database, patch, seed)
        self._access, self._turn, self.kills = (url, keys), RawValue(c_int64, 0), 0
        with database.write() as session:
            session.execute(text("create table shown (moment text)"))
            session.execute(text("insert into shown values ('')"))
        for kind, clock in SHOWN.items():
            patch.setitem(db.CLOCK, kind, clock)

    def show(self, moment: datetime) -> None:
        with self.database.write() as session:
            shown = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
            session.execute(text("update shown set moment = :moment"), {"moment": f"{shown}+00:00"})

    def live(self, moments: list[datetime]) -> None:
        """They all look in the half hour before each of these, and some are killed meanwhile."""
        looks = sorted(moment - timedelta(seconds=self.chance.uniform(0, 1799)) for moment in moments)
        with self._schedulers() as schedulers:
            for count, moment in enumerate([*looks, moments[-1]]):
                behind = timedelta(hours=1) if self.chance.random() < BACK else timedelta(0)
                self._turn_to(schedulers, moment - behind)
                self.looks += [] if behind else [moment]
                if count % 100 == 0:
                    self._worked()
        self._worked()

    @contextmanager
    def _schedulers(self) -> Iterator[list[Scheduler]]:
        schedulers: list[Scheduler] = []
        try:
            schedulers += [Scheduler(*self._access, self._turn) for _ in range(SCHEDULERS)]
            yield schedulers
        finally:
            for each in schedulers:
                each.kill()

    def _turn_to(self, schedulers: list[Scheduler], moment: datetime) -> None:
        """All see that moment at once; it is over as soon as one has looked to the end, while others may still be about it."""
        self.show(moment)
        self._turn.value += 1
        if self.chance.random() < KILLED:
            time.sleep(self.chance.uniform(0, MOMENTS))
            schedulers.pop(self.chance.randrange(SCHEDULERS)).kill()
            schedulers.append(Scheduler(*self._access, self._turn))
            self.kills += 1
        eventually(lambda: self._turn.value in {each.looked for each in schedulers}, "nobody looks", every=PAUSE)
