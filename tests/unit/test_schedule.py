"""When a digest is due: nights on which clocks are changed, zones of halves and quarters, leap days, and lines that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mmapp import schedule
from mmapp.schedule import NoSchedule, Occurrence, Schedule

MADE = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday


def shown(zone: str, *found: Occurrence) -> list[str]:
    """What the wall's clock shows at those times."""
    return [f"{one.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for one in found]


def walls(line: str, zone: str, after: datetime, count: int) -> list[str]:
    return shown(zone, *Schedule.of(line, zone).upcoming(after, count))


# Lines


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("30 8 * * 1-5", "mon,tue,wed,thu,fri"),
        ("30 8 * * 0", "sun"),
        ("30 8 * * 7", "sun"),
        ("30 8 * * 5-7", "fri,sat,sun"),
        ("30 8 * * 0-2", "mon,tue,sun"),
        ("30 8 * * fri-mon", "mon,fri,sat,sun"),
        ("30 8 * * SAT,sun", "sat,sun"),
        ("30 8 * * 1-5/2", "mon,wed,fri"),
        ("30 8 * * *", "*"),
    ],
)
def test_days_of_a_week_are_cron_s_by_their_names(typed: str, days: str) -> None:
    assert Schedule.of(typed, "UTC").line == f"30 8 * * {days}"


def test_sunday_is_sunday_by_either_number() -> None:
    for sunday in "07":
        assert walls(f"0 9 * * {sunday}", "UTC", MADE, 2) == ["2026-11-29 09:00", "2026-12-06 09:00"]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("* * * * *", schedule.TooOften),
        ("*/30 * * * *", schedule.TooOften),
        ("0,30 8 * * *", schedule.TooOften),
        ("0-5 8 * * *", schedule.TooOften),
        ("30 8 30 2 *", schedule.Never),
        ("30 8 31 4,6,9,11 *", schedule.Never),
        ("30 25 * * *", schedule.NoSuchClock),
        ("30 8,24 * * *", schedule.NoSuchClock),
        ("60 8 * * *", schedule.NoSuchClock),
        ("30 8 1 * 1", schedule.TwoDays),
        ("30 8 * *", NoSchedule),
        ("30 8 * * * *", NoSchedule),
        ("", NoSchedule),
        ("at half past eight daily", NoSchedule),
        ("30 8 32 * *", NoSchedule),
        ("30 8 * 13 *", NoSchedule),
        ("30 8 * * 8", NoSchedule),
        ("30 8 * * mon-", NoSchedule),
        ("30 9-8 * * *", NoSchedule),
        ("30 */0 * * *", NoSchedule),
        ("٣٠ 8 * * *", NoSchedule),
        ("30 8 " + ",".join(str(day) for day in range(1, 32)) * 2 + " * *", NoSchedule),
    ],
)
def test_a_line_that_is_none_says_why(typed: str, error: type[NoSchedule]) -> None:
    with pytest.raises(NoSchedule) as raised:
        Schedule.of(typed, "UTC")
    assert raised.type is error


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "", "../../etc/passwd", "a\x00b", "x" * 300])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(schedule.NoSuchZone):
        Schedule.of("30 8 * * *", zone)


def test_each_hour_is_not_too_often() -> None:
    assert walls("15 * * * *", "UTC", MADE, 2) == ["2026-11-26 12:15", "2026-11-26 13:15"]


# Nights on which clocks are changed. Dates and offsets are those of the tz database


def test_an_hour_that_spring_leaves_out_is_made_up_for_at_once_in_berlin() -> None:
    found = walls("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert found == ["2026-03-29 03:30", "2026-03-30 02:30"]


def test_an_hour_that_comes_twice_in_autumn_is_one_in_berlin() -> None:
    found = Schedule.of("30 2 * * *", "Europe/Berlin").upcoming(datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert [one.at for one in found] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # by summer time, for the first time
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_who_looks_within_the_hour_that_comes_again_is_not_told_of_it_again() -> None:
    digest = Schedule.of("30 2 * * *", "Europe/Berlin")
    again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    assert digest.after(again).key == "2026-10-26T02:30"


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC), ["00:15", "01:15", "03:15", "04:15"]),
        ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), ["00:15", "01:15", "02:15", "03:15"]),
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), ["00:15", "01:15", "03:15", "04:15"]),
        ("America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC), ["00:15", "01:15", "02:15", "03:15"]),
        # Half an hour: 02:15 is left out, and shown as 02:45.
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 13, 30, tzinfo=UTC), ["00:15", "01:15", "02:45", "03:15"]),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 13, tzinfo=UTC), ["00:15", "01:15", "02:15", "03:15"]),
        ("Pacific/Chatham", datetime(2026, 9, 26, 11, 15, tzinfo=UTC), ["00:15", "01:15", "02:15", "04:15"]),
        ("Pacific/Chatham", datetime(2026, 4, 4, 10, 15, tzinfo=UTC), ["00:15", "01:15", "02:15", "03:15"]),
        ("Asia/Kathmandu", datetime(2026, 3, 28, 18, 15, tzinfo=UTC), ["00:15", "01:15", "02:15", "03:15"]),
    ],
)
def test_each_hour_that_a_wall_shows_comes_once(zone: str, night: datetime, hours: list[str]) -> None:
    assert [wall[-5:] for wall in walls("15 * * * *", zone, night, 4)] == hours


def test_a_quarter_of_an_hour_from_anybody_else_is_held_in_kathmandu() -> None:
    first = Schedule.of("30 8 * * *", "Asia/Kathmandu").after(MADE)
    assert first.at == datetime(2026, 11, 27, 2, 45, tzinfo=UTC)


def test_the_day_that_apia_never_had_comes_a_day_later_once() -> None:
    before = datetime(2011, 12, 29, 12, tzinfo=UTC)
    daily = Schedule.of("0 9 * * *", "Pacific/Apia")
    assert shown("Pacific/Apia", *daily.upcoming(before, 3)) == [
        "2011-12-29 09:00",
        "2011-12-31 09:00",
        "2012-01-01 09:00",
    ]
    friday = walls("0 9 * * fri", "Pacific/Apia", before, 2)  # the day that was left out
    assert friday == ["2011-12-31 09:00", "2012-01-06 09:00"]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
        ("Pacific/Chatham", datetime(2026, 9, 26, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("line", ["15 * * * *", "30 2 * * *", "0 0 * * *", "45 2,3 * * *"])
def test_whoever_goes_on_from_the_last_one_meets_the_same_times(zone: str, start: datetime, line: str) -> None:
    found = Schedule.of(line, zone)
    ahead = found.upcoming(start, 60)
    at, walked = start, []
    for _ in ahead:
        walked.append(found.after(at))
        at = walked[-1].at
    assert walked == ahead
    assert len({one.at for one in ahead}) == len({one.key for one in ahead}) == 60
    assert sorted(ahead) == ahead


# Dates


def test_the_29th_of_february_comes_each_fourth_year_but_not_in_2100() -> None:
    found = walls("0 9 29 2 *", "UTC", datetime(2092, 3, 1, tzinfo=UTC), 2)
    assert found == ["2096-02-29 09:00", "2104-02-29 09:00"]


def test_the_31st_leaves_shorter_months_out() -> None:
    assert walls("0 9 31 * *", "UTC", MADE, 2) == ["2026-12-31 09:00", "2027-01-31 09:00"]


def test_one_made_a_second_before_its_time_comes_at_it_and_a_second_later_not() -> None:
    midnight = Schedule.of("0 0 * * *", "Europe/Berlin")
    due = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)
    assert midnight.after(due - timedelta(seconds=1)).at == due
    assert midnight.after(due).at == due + timedelta(days=1)


def test_a_key_is_what_the_wall_shows_without_offset() -> None:
    assert Schedule.of("30 8 * * *", "Asia/Kathmandu").after(MADE).key == "2026-11-27T08:30"
