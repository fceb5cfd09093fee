"""A whole year of digests in six zones, by four schedulers that race and are killed: each time comes exactly once, also where
people change them."""

from __future__ import annotations

from datetime import date

import pytest

from mmapp.db import Database
from tests.acceptance.schedulers import Killing
from tests.changing import Changing
from tests.conftest import KEY
from tests.time_machine import Machine

FIRST = date(2026, 1, 1)
CLOCKS = {"30 2 * * *": [(2, 30)], "59 23 * * *": [(23, 59)], "0 * * * *": [(hour, 0) for hour in range(24)]}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("line", CLOCKS)
def test_a_year(database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    machine = Killing(database, monkeypatch, 2026, database_url, (KEY,))
    machine.live_through(line, CLOCKS[line], FIRST, count=365)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_year_of_one_that_is_changed_at_random_moments(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Changing(Machine(database, monkeypatch, seed=2026), FIRST, count=365).live()
