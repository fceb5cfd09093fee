"""A whole year of digests in six zones, by four schedulers that race and die: each time comes exactly once, also where people
change them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mmapp.db import Database
from tests.time_machine import ZONES, Changing, Machine, days, reckoned

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CLOCKS = {"30 2 * * *": [(2, 30)], "59 23 * * *": [(23, 59)], "0 * * * *": [(hour, 0) for hour in range(24)]}


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("line", CLOCKS)
def test_a_year(database: Database, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    machine = Machine(database, monkeypatch, seed=2026)
    machine.show(BEGIN)
    wanted = {}
    for zone in ZONES:
        times = reckoned(CLOCKS[line], days(date(2025, 12, 31), 366), ZoneInfo(zone))
        wanted[machine.digest(line, zone, BEGIN)] = [each for each in times if each.at > BEGIN]
    end = min(times[-1].at for times in wanted.values())
    wanted = {number: [each for each in times if each.at <= end] for number, times in wanted.items()}
    machine.live(sorted({each.at for times in wanted.values() for each in times}))
    for number, times in wanted.items():
        machine.require_each_once(number, times)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_year_of_one_that_is_changed_at_random_moments(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Changing(Machine(database, monkeypatch, seed=2026), BEGIN.date(), count=365).live()
