"""The scheduler: it looks at once and again and again, whatever a look meets; and why a digest is paused has its words."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from mmapp.db import Database
from mmapp.jobs import scheduler, tick
from mmapp.models import Digest
from mmapp.texts import digest_obstacles as texts
from mmapp.texts.digest_obstacles import About

JOBS = Path(__file__).parents[2] / "mmapp" / "jobs"


class Looks:
    """What happens at each look, one after the other; after the last one it is to stop."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors, self.stopping = list(errors), threading.Event()

    def __call__(self, _database: Any) -> None:
        error = self.errors.pop(0)
        if not self.errors:
            self.stopping.set()
        if error:
            raise error


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_look_that_fails_the_next_one_comes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(OperationalError("select 1", {}, Exception("down")), ZeroDivisionError(), None)
    monkeypatch.setattr(tick, "tick", looks)
    monkeypatch.setattr(scheduler, "EVERY", 0.05)
    scheduler.look_on(database, looks.stopping)
    assert looks.errors == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_the_clock_is_set_back_at_each_look_the_next_one_comes_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, shown = Looks(None, None, None), time.time

    def look(given: Database) -> None:
        hours = len(looks.errors) - 4  # one less, then two, then three
        monkeypatch.setattr(time, "time", lambda: shown() + hours * 3600)
        looks(given)

    monkeypatch.setattr(tick, "tick", look)
    monkeypatch.setattr(scheduler, "EVERY", 0.05)
    looking = threading.Thread(target=scheduler.look_on, args=(database, looks.stopping), daemon=True)
    looking.start()
    looking.join(30)
    assert looks.errors == []


def test_each_reason_for_a_pause_has_its_words_and_fits_into_its_row() -> None:
    source = (JOBS / "obstacles.py").read_text()
    named = set(re.findall(r'(?:Obstacle\(|return |if .* else )"(\w+)"', source))
    told = {why for path in JOBS.glob("*.py") for why in re.findall(r'Trouble\(\s*"(\w+)"', path.read_text())}
    assert named | told == texts.PAUSED.keys()
    assert max(map(len, texts.PAUSED)) <= Digest.__table__.columns["why"].type.length
    for why in named:
        assert texts.refused(why, About(7, sentence="Guests cannot ask here."))
        assert why == "deactivated" or "`/ai digest resume 7`" in texts.paused(
            why, About(7, sentence="You may not ask.")
        )
