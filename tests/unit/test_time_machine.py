"""Nights on which clocks are changed, in six zones, with schedulers that race and die: each time comes exactly once.

tests/soak/test_a_year.py has the whole year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mmapp.db import Database
from mmapp.schedule import Schedule
from tests.changing import Changing
from tests.time_machine import ZONES, Machine, days, reckoned

# Of 2026, in one zone or another: 8 and 29 March, 5 April, 27 September, 4 and 25 October, 1 November.
NIGHTS = [
    date(2026, 3, 7),
    date(2026, 3, 28),
    date(2026, 4, 4),
    date(2026, 9, 26),
    date(2026, 10, 3),
    date(2026, 10, 31),
]
YEAR = [(0, 0), (2, 30), (9, 0), (23, 59)]
HOURS = [(hour, 0) for hour in range(24)]


@pytest.mark.parametrize("zone", [*ZONES, "Pacific/Apia"])
def test_a_year_of_times_is_as_the_clocks_on_its_walls_show_them(zone: str) -> None:
    begin = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for clocks, line in [*(([clock], f"{clock[1]} {clock[0]} * * *") for clock in YEAR), (HOURS, "0 * * * *")]:
        expected = [each for each in reckoned(clocks, days(date(2026, 1, 1), 365), ZoneInfo(zone)) if each.at > begin]
        assert Schedule.of(line, zone).upcoming(begin, len(expected)) == expected


def test_the_29th_of_february_comes_every_four_years() -> None:
    found = Schedule.of("0 9 29 2 *", "Asia/Kathmandu").upcoming(datetime(2026, 1, 1, tzinfo=UTC), 3)
    assert [each.key for each in found] == ["2028-02-29T09:00", "2032-02-29T09:00", "2036-02-29T09:00"]


@pytest.mark.parametrize("line", ["30 2 * * *", "0 * * * *"])
def test_each_time_is_planned_once(database: Database, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    machine = Machine(database, monkeypatch, seed=len(line))
    clocks = HOURS if "*" in line.split()[1] else [(2, 30)]
    for night in NIGHTS if len(clocks) == 1 else NIGHTS[:1]:
        machine.live_through(line, clocks, night, count=2)


@pytest.mark.parametrize("night", NIGHTS[:4])
def test_what_is_announced_of_one_that_is_changed_comes_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, night: date
) -> None:
    machine = Machine(database, monkeypatch, seed=night.toordinal())
    Changing(machine, night, count=4).live()
