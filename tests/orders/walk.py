"""One order of events, drawn by a seed and told as a story; and the shortest one that still breaks something."""

from __future__ import annotations

import logging
import random
import shutil
import traceback
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mmapp.chat import delivery
from mmapp.jobs import begun, overdue
from mmapp.jobs.claim import Claim
from mmapp.jobs.waiting import WRITING
from mmapp.mattermost import retry
from mmapp.mattermost.errors import Forbidden
from mmapp.models import Message
from tests.line import Line, expire
from tests.orders import deeds, settled
from tests.orders.echo import Echo
from tests.orders.held import Broken, Held
from tests.orders.worker import Steps
from tests.orders.world import QUESTION, World

LATE = timedelta(seconds=-1)  # on slow days: all that is posted has waited, and is looked at once more
ROUNDS = 12  # in which everything has to come to its end


class Log(logging.Handler):
    """Keeps what nobody expects."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told: Any = record.msg
        if record.levelno < logging.ERROR or (isinstance(told, dict) and _is_known(told)):
            return
        error = told.get("exc_info") if isinstance(told, dict) else None
        trace = "".join(traceback.format_exception(error)) if isinstance(error, Exception) else ""
        self.lines.append(f"{told}\n{trace}")


def _is_known(told: dict[str, Any]) -> bool:
    """A job whose worker died over it too often; and where Mattermost takes no direct message, nobody can be told."""
    unheard = told.get("kind") == "notify" and isinstance(told.get("exc_info"), Forbidden)
    return unheard or told.get("event") == "a job ended without success"


def _spent(claimed: Claim, _now: datetime) -> float:
    return claimed.model_seconds + (1.0 if claimed.kind in WRITING else 0.0)


@dataclass
class Walk:
    """Draws and does so many events, `only` some of them where told, each by a seed of its own: so the others stay as they are
    where one is left out."""

    line: Line
    model: Echo
    patch: pytest.MonkeyPatch
    seed: int
    length: int
    only: Collection[int] | None = None
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        slow = self.seed % 3 != 0
        for module in (delivery, overdue) if slow else ():
            self.patch.setattr(module, "LATE", LATE)
        self.patch.setattr(retry, "sleep", lambda _seconds: None)
        self.patch.setattr(Claim, "spent", _spent)  # whose turn it is does not depend on how fast a machine is
        self.world = World(self.line)
        self.world.act = Steps(self.line, self.patch)
        self.held = Held(self.world, self.model, slow)
        self.asked: dict[str, str] = {}
        self.model.on_prompt = self.held.prompt
        self.model.meanwhile = self._meanwhile

    def go(self) -> None:
        """To the end. Raises Broken."""
        log = Log()
        logging.getLogger().addHandler(log)
        try:
            for number in range(self.length):
                if self.only is None or number in self.only:
                    self._event(number, log)
            self._settle(log)
        finally:
            logging.getLogger().removeHandler(log)

    def _event(self, number: int, log: Log) -> None:
        self._chance = random.Random(f"{self.seed} {number}")
        place = len(self.story)
        self.story.append("")
        told = deeds.draw(self.world, self._chance, [*deeds.PEOPLE_S, *deeds.ITS_OWN])
        self.story[place] = f"{number:3} {told}"
        self._look(log)

    def _meanwhile(self) -> None:
        """While the model writes: what is there so far is shown, and others go on."""
        self.world.act.look()
        self.held.look()
        with self.world.act.unharmed():
            for _ in range(self._chance.choice([0, 0, 0, 1, 2])):
                self.story.append(f"      while it is written, {deeds.draw(self.world, self._chance, deeds.MEANWHILE)}")
                self.held.look()
        if self._chance.random() < 0.5:
            self.world.act.look()

    def _look(self, log: Log) -> None:
        self.held.look()
        with self.line.worker.database.read() as session:
            for question in session.scalars(select(Message).where(Message.role == "question")):
                if found := QUESTION.findall(question.text):
                    self.asked.setdefault(question.id, found[0])
        if log.lines:
            raise Broken("nobody expects this in the log", log.lines[0])

    def _settle(self, log: Log) -> None:
        """Good days again, and time for all."""
        self._chance = random.Random(f"{self.seed} end")
        self.story.append("    at last all is well, and everything is done")
        self.line.playground.faults.clear()
        for _ in range(ROUNDS):
            expire(self.line)
            self.line.hear()
            deeds.settles(self.world, self._chance)
            self.line.look()
            begun.take_away(self.line.worker)
            self._look(log)
            self.line.hurry()
        settled.require(self.world, self.model, self.asked)


@dataclass(frozen=True)
class Ground:
    """What each walk begins on: a migrated database to copy, and a folder of its own."""

    migrated: Path
    folder: Path
    age: str = "11"

    def walk(self, seed: int, length: int, only: Collection[int] | None = None) -> tuple[Broken | None, list[str]]:
        """Walk once; what it broke, if anything, and its story."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        shutil.copy(self.migrated, self.folder / "chorus.db")
        with pytest.MonkeyPatch.context() as patch:
            url = f"sqlite:///{self.folder / 'chorus.db'}"
            model = Echo()
            with Line(url, self.folder / "models", model, age=self.age) as line:
                walk = Walk(line, model, patch, seed, length, only)
                try:
                    walk.go()
                except Broken as broken:
                    return broken, walk.story
                return None, walk.story

    def shortest(self, seed: int, length: int, broken: Broken) -> tuple[list[int], Broken, list[str]]:
        """Which events are enough to break it, and the story of these alone."""
        only, story = list(range(length)), list[str]()
        size = length // 2
        while size:
            for start in range(0, len(only), size):
                fewer = [one for place, one in enumerate(only) if not start <= place < start + size]
                found, told = self.walk(seed, length, fewer)
                if found and found.rule == broken.rule:
                    only, broken, story = fewer, found, told
                    break
            else:
                size //= 2
        return only, broken, story


def told(seed: int, broken: Broken, story: list[str], only: list[int] | None = None) -> str:
    """As a failing test says it."""
    which = f", only={only}" if only is not None else ""
    return "\n".join([f"{broken}", f"(seed={seed}{which})", *story])
