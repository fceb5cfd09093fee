"""What a digest says of its time, and of the age of what it tells again; and its pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mmapp.items import days_since
from mmapp.jobs import pages
from mmapp.jobs.digested import period
from mmapp.texts import digest_post as texts

KOLKATA = ZoneInfo("Asia/Kolkata")  # half an hour off
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=KOLKATA)  # a Thursday


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


@pytest.mark.parametrize(
    ("back", "told"),
    [
        (timedelta(hours=24), "until 08:45"),
        (timedelta(hours=23), "until 08:45"),
        (timedelta(hours=25), "until 08:45"),
        (timedelta(hours=1), "Thu 07:45–08:45"),
        (timedelta(days=3), "Mon 08:45–Thu 08:45"),
        (timedelta(days=7), "19 Nov 08:45–26 Nov 08:45"),
        (timedelta(seconds=20), "until 08:45"),
    ],
)
def test_it_says_until_when_it_read_and_since_when_where_that_is_not_a_day(back: timedelta, told: str) -> None:
    until = NOW - timedelta(minutes=15)
    assert period(ms(until - back), ms(until), 0, NOW) == told


def test_the_first_one_begins_with_its_first_message() -> None:
    until = NOW - timedelta(minutes=15)
    assert period(1, ms(until), ms(until - timedelta(days=2)), NOW) == "Tue 08:45–Thu 08:45"


def test_what_it_read_until_yesterday_has_its_day() -> None:
    until = NOW - timedelta(hours=16)
    assert period(ms(until - timedelta(days=1)), ms(until), 0, NOW) == "until Wed 17:00"


@pytest.mark.parametrize(
    ("late", "folds", "said"),
    [
        (False, 0, ""),
        (True, 0, "late: it was due 09:00"),
        (False, 1, "late: it makes up for 1 earlier one, due Tue 09:00"),
        (False, 3, "late: it makes up for 3 earlier ones, the first of them due Tue 09:00"),
        (True, 1, "late: it was due 09:00 and makes up for 1 earlier one, due Tue 09:00"),
        (True, 3, "late: it was due 09:00 and makes up for 3 earlier ones, the first of them due Tue 09:00"),
    ],
)
def test_what_is_late_and_what_makes_up_for_others_says_so(late: bool, folds: int, said: str) -> None:
    tuesday = NOW - timedelta(days=2)
    assert texts.delay(NOW, NOW + timedelta(hours=1), late=late, folds=folds, first=tuesday) == said


def test_an_age_is_counted_by_the_reader_s_calendar() -> None:
    midnight = datetime(2026, 11, 26, 0, 5, tzinfo=KOLKATA)
    assert days_since(ms(midnight - timedelta(minutes=2)), midnight) == 0
    assert days_since(ms(midnight - timedelta(minutes=10)), midnight) == 1
    assert days_since(ms(midnight - timedelta(days=14)), midnight) == 14
    assert days_since(ms(midnight + timedelta(hours=1)), midnight) == 0  # two clocks


A, B = "a" * 32, "b" * 32


def test_pages_show_a_tick_before_what_is_done_and_no_sign_of_their_own() -> None:
    text = f"Head\n{pages.mark(A)}First\n{pages.mark(B)}Second{pages.BREAK}Rest\n{pages.mark(A)}Third"
    assert pages.items(text) == [A, B, A]
    assert pages.split(text, {A}) == ["Head\n✅ First\nSecond", "Rest\n✅ Third"]
    assert pages.joined(text) == "Head\nFirst\nSecond\n\nRest\nThird"


def test_a_text_without_any_is_one_page_as_it_is() -> None:
    assert pages.split("Head\n\nLine") == ["Head\n\nLine"]
