"""Times as people type them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mmapp.chat import when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 30, tzinfo=BERLIN)  # a Thursday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("24h", "2026-11-25 14:30"),
        ("3 days", "2026-11-23 14:30"),
        ("90min", "2026-11-26 13:00"),
        ("2w", "2026-11-12 14:30"),
        ("yesterday", "2026-11-25 00:00"),
        ("Today", "2026-11-26 00:00"),
        ("monday", "2026-11-23 00:00"),
        ("thu", "2026-11-26 00:00"),
        ("last friday", "2026-11-20 00:00"),
        ("last thursday", "2026-11-19 00:00"),
        ("2026-11-20", "2026-11-20 00:00"),
        ("2026-11-20 14:05", "2026-11-20 14:05"),
        ("2026-3-1T09:00", "2026-03-01 09:00"),
        ("09:15", "2026-11-26 09:15"),
        ("yesterday 9:15", "2026-11-25 09:15"),
        ("last thursday 23:59", "2026-11-19 23:59"),
    ],
)
def test_a_time_as_it_is_typed(typed: str, expected: str) -> None:
    assert f"{when.moment(typed, NOW):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("yesterday", "2026-11-26 00:00"), ("2026-11-20", "2026-11-21 00:00"), ("2026-11-20 14:05", "2026-11-20 14:05")],
)
def test_until_a_day_means_all_of_it(typed: str, expected: str) -> None:
    assert f"{when.moment(typed, NOW, end=True):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("typed", ["2026-02-30", "2026-13-01", "0000-01-01", "2026-02-30 14:00", "9999-12-31"])
def test_a_date_that_does_not_exist(typed: str) -> None:
    with pytest.raises(when.NoSuchDate):
        when.moment(typed, NOW)


@pytest.mark.parametrize("typed", ["2026-11-20 25:00", "25:61", "24:00", "monday 9:60"])
def test_a_time_of_day_that_does_not_exist(typed: str) -> None:
    with pytest.raises(when.NoSuchClock):
        when.moment(typed, NOW)


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "soon 14:30", "24h 14:30", "t", "mo", "next year", "-3d", "99999999999999999999d", "²h", "2026/11/20"],
)
def test_words_that_are_no_time(typed: str) -> None:
    with pytest.raises(when.NoTime):
        when.moment(typed, NOW)


def test_a_day_in_spring_that_has_23_hours_begins_at_midnight() -> None:
    monday = datetime(2026, 3, 30, 8, 0, tzinfo=BERLIN)
    assert when.moment("yesterday", monday).isoformat() == "2026-03-29T00:00:00+01:00"
    assert when.moment("yesterday", monday, end=True).isoformat() == "2026-03-30T00:00:00+02:00"


@pytest.mark.parametrize(
    ("typed", "seconds", "now"),
    [
        ("30m", 1_800, datetime(2026, 3, 29, 3, 15, tzinfo=BERLIN)),
        ("24h", 86_400, datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN)),
        ("30m", 1_800, datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)),
        ("2d", 172_800, datetime(2026, 10, 26, 8, 0, tzinfo=BERLIN)),
    ],
)
def test_a_span_is_as_long_as_it_says_on_the_day_on_which_clocks_are_changed(
    typed: str, seconds: int, now: datetime
) -> None:
    assert now.timestamp() - when.moment(typed, now).timestamp() == seconds


def test_ages_ago_is_not_before_time_began() -> None:
    assert when.moment("99999w", NOW).year == 2016


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert [when.zone(name).key for name in ("Europe/Berlin", "", "Mars/Olympus", "../etc/passwd")] == [
        "Europe/Berlin",
        "UTC",
        "UTC",
        "UTC",
    ]
