"""When a digest comes, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mmapp import plan
from mmapp.errors import Refused
from mmapp.texts import digest_when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 30, tzinfo=BERLIN)  # a Thursday


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("30 8 * * mon,tue,wed,thu,fri", "on working days at 08:30"),
        ("30 8 * * *", "every day at 08:30"),
        ("5 17 * * fri", "every Friday at 17:05"),
        ("0 9 * * mon,wed,sun", "on Monday, Wednesday and Sunday at 09:00"),
        ("0 9 1 * *", "on the first of the month at 09:00"),
        ("0 * * * *", "every hour, on the hour"),
        ("5 * * * *", "every hour, at 5 past"),
        ("0 9 1,15 * *", "as `0 9 1,15 * *` says"),
        ("0 8-18 * * mon,tue,wed,thu,fri", "as `0 8-18 * * mon,tue,wed,thu,fri` says"),
        ("0 * * * mon", "as `0 * * * mon` says"),
    ],
)
def test_a_line_is_said_as_people_say_it(line: str, words: str) -> None:
    assert digest_when.regularly(plan.when(line), plan.time(line), line) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-26 18:00", "today, Thursday 26 November, 18:00"),
        ("2026-11-27 08:30", "tomorrow, Friday 27 November, 08:30"),
        ("2026-11-25 08:30", "yesterday, Wednesday 25 November, 08:30"),
        ("2026-11-30 08:30", "Monday 30 November, 08:30"),
        ("2027-01-01 08:30", "Friday 1 January 2027, 08:30"),
    ],
)
def test_a_moment_is_named_by_its_day(at: str, words: str) -> None:
    assert digest_when.moment(datetime.fromisoformat(at).replace(tzinfo=BERLIN), NOW) == words


def test_the_next_times_stand_in_a_row_with_their_zone() -> None:
    times = [datetime(2026, 11, day, 8, 30, tzinfo=BERLIN) for day in (27, 30)]
    told = digest_when.coming(times, NOW, "Europe/Berlin")
    assert told == "Tomorrow, Friday 27 November, 08:30 · Monday 30 November, 08:30 (Europe/Berlin)"


# Days and a time become a line of cron


@pytest.mark.parametrize(
    ("said", "before", "line"),
    [
        ({"when": "workdays", "time": "08:30"}, "", "30 8 * * mon,tue,wed,thu,fri"),
        ({"when": "daily", "time": "00:05"}, "", "5 0 * * *"),
        ({"when": "weekly", "time": "08:30"}, "", "30 8 * * thu"),
        ({"when": "mon,wed", "time": "08:30"}, "", "30 8 * * mon,wed"),
        ({"when": "hourly", "time": "08:30"}, "", "30 * * * *"),
        ({"when": "hourly"}, "", "0 * * * *"),
        ({"cron": "30 8 * * 1-5"}, "0 9 * * *", "30 8 * * 1-5"),
        ({"time": "09:15"}, "30 8 * * fri", "15 9 * * fri"),
        ({"when": "daily"}, "30 8 * * fri", "30 8 * * *"),
        ({"time": "09:15"}, "30 * * * *", "15 * * * *"),
        ({"when": "daily", "time": "09:15"}, "30 * * * *", "15 9 * * *"),
        ({"time": "09:15"}, "0 8-18 1,15 * *", "15 9 1,15 * *"),
        ({}, "30 8 * * fri", "30 8 * * fri"),
    ],
)
def test_what_was_said_changes_a_line_and_leaves_the_rest(said: dict[str, str], before: str, line: str) -> None:
    assert plan.line(said, before, NOW) == line


@pytest.mark.parametrize(("said", "before"), [({"when": "daily"}, ""), ({"when": "daily"}, "30 * * * *")])
def test_a_day_without_a_time_is_asked_for_it(said: dict[str, str], before: str) -> None:
    with pytest.raises(Refused, match="At what time"):
        plan.line(said, before, NOW)
