"""What a digest of a day or a week tells: what lies in it by Mattermost's clock, reckoned back from the digest's own time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mmapp.db import clock
from mmapp.jobs import engines, queue, tick
from mmapp.models import ModelRecord
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import WORDS, Show, at, at_nine, due, look, runs, states
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import summary, talk

HOUR = 3600.0  # seconds


class Days:
    """Time that passes for Mattermost as it does for the database, from eight o'clock on."""

    def __init__(self, line: Line, show: Show) -> None:
        self._line, self._show, self._now = line, show, at("8:00")

    def show(self, moment: str) -> None:
        """It is that late, by both clocks."""
        passed, self._now = at(moment) - self._now, at(moment)
        self._line.playground.advance(passed / timedelta(seconds=1))
        self._show(moment)

    def look(self, *moments: str) -> None:
        """The scheduler looks at each of these moments, and the worker does all that is due then."""
        look(self._line, *moments, show=self.show)

    def mornings(self, *days: int) -> None:
        """Nine o'clock comes on each of these days of November."""
        self.look(*(f"2026-11-{day} {time}" for day in days for time in ("8:30", "8:55", "9:00")))


@pytest.fixture
def days(line: Line, show: Show) -> Days:
    return Days(line, show)


def say(line: Line, count: int, channel: Doc | None = None) -> None:
    """So many messages by people."""
    for number in range(count):
        line.playground.post_as(line.bob, channel or line.town, WORDS.format(number, 1, 2))


def test_what_was_said_once_is_told_by_one_of_them_and_the_days_after_it_are_quiet(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], window="day", quiet=5)
    days.mornings(26, 27, 28, 29)
    assert states(line, number) == ["posted", "quiet", "quiet", "quiet"]


def test_nor_does_its_own_post_begin_a_day_anew(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], line.town, window="day")
    days.mornings(26, 27, 28)
    assert states(line, number) == ["posted", "quiet", "quiet"]
    assert len(line.answers(line.town)) == 1


def test_it_goes_back_a_day_from_its_own_time_and_no_further(line: Line, days: Days) -> None:
    say(line, 3)
    line.playground.advance(2 * HOUR)
    say(line, 5)
    line.playground.advance(22 * HOUR)
    number = at_nine(line, line.ann, [line.town], window="day", quiet=5)
    too_few = at_nine(line, line.bob, [line.town], window="day", quiet=6)
    days.look("8:30", "8:55", "9:00")
    assert "5 of 5 messages read" in summary(line, line.ann)
    assert states(line, number) == ["posted"]
    assert states(line, too_few) == ["quiet"]


def test_a_week_goes_back_seven_days(line: Line, days: Days) -> None:
    say(line, 2)
    line.playground.advance(24 * HOUR)
    say(line, 3)
    line.playground.advance(6 * 24 * HOUR)
    at_nine(line, line.ann, [line.town], window="week")
    days.look("8:30", "8:55", "9:00")
    assert "3 of 3 messages read" in summary(line, line.ann)


def test_one_that_comes_late_still_goes_back_from_its_own_time(line: Line, days: Days) -> None:
    say(line, 3)
    line.playground.advance(22 * HOUR)
    at_nine(line, line.ann, [line.town], window="day")
    days.look("11:00")
    assert "3 of 3 messages read" in summary(line, line.ann)


def test_one_that_makes_up_for_others_tells_of_their_days_too(line: Line, days: Days) -> None:
    say(line, 4)
    line.playground.advance(26 * HOUR)
    at_nine(line, line.ann, [line.town], window="day")
    say(line, 1)
    days.show("2026-11-26 12:00")
    say(line, 2)
    days.show("2026-11-27 12:00")
    say(line, 3)
    days.look("2026-11-28 8:30", "2026-11-28 8:55", "2026-11-28 9:00")
    assert "it makes up for 2 earlier ones" in summary(line, line.ann)
    assert "6 of 6 messages read" in summary(line, line.ann)


def test_one_that_somebody_has_typed_for_meanwhile_takes_nothing_from_them(line: Line, days: Days) -> None:
    number = at_nine(line, line.ann, [line.town], window="day")
    days.show("2026-11-26 12:00")
    say(line, 3)
    days.show("2026-11-28 8:40")
    tick.tick(line.worker.database)
    say(line, 2)
    due(line, number, "run", class_=queue.PERSON)
    assert "2 of 2 messages read" in summary(line, line.ann)
    days.look("2026-11-28 9:00")
    assert "5 of 5 messages read" in summary(line, line.ann)


def test_nor_what_was_said_while_the_one_before_them_was_made(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], window="day")
    days.look("8:30", "8:55")
    say(line, 1)
    days.look("9:00")
    days.show("2026-11-28 8:40")
    tick.tick(line.worker.database)
    say(line, 1)
    due(line, number, "run", class_=queue.PERSON)
    days.look("2026-11-28 9:00")
    assert "2 of 2 messages read" in summary(line, line.ann)


def test_what_is_taken_back_and_made_again_begins_where_the_one_before_has_ended(line: Line, days: Days) -> None:
    say(line, 1)
    line.playground.advance(26 * HOUR)
    number = at_nine(line, line.ann, [line.town], window="day")
    days.look("8:30", "8:55")
    say(line, 1)
    days.look("9:00")
    assert states(line, number) == ["quiet"]
    days.look("2026-11-27 8:30", "2026-11-27 8:55")
    assert "Saved" in typed(line, line.ann, f"edit {number} --length short")
    days.look("2026-11-27 8:58", "2026-11-27 9:00")
    assert "1 of 1 message read" in summary(line, line.ann)


def test_and_nothing_that_was_told(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], window="day", line="0 * * * *")
    days.look("8:30", "8:55", "9:00")
    say(line, 3)
    days.look("2026-11-27 11:30", "2026-11-27 11:55", "2026-11-27 12:00")
    assert states(line, number) == ["posted", "posted"]
    assert "3 of 3 messages read" in summary(line, line.ann)


def test_but_what_was_said_while_the_one_before_them_was_made(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], window="day")
    days.look("8:30", "8:55")
    say(line, 2)
    days.look("9:00")
    days.mornings(28)
    assert "2 of 2 messages read" in summary(line, line.ann)
    first, second = runs(line, number)
    assert (first.folds, second.folds) == (0, 1)
    assert second.since == first.until + 1


def test_also_where_that_one_was_too_quiet(line: Line, days: Days) -> None:
    number = at_nine(line, line.ann, [line.town], window="day", quiet=4)
    say(line, 3)
    days.look("8:30", "8:55")
    say(line, 2)
    days.look("9:00")
    say(line, 2)
    days.mornings(28)
    assert states(line, number) == ["quiet", "posted"]
    assert "4 of 4 messages read" in summary(line, line.ann)


def test_one_that_somebody_has_typed_for_goes_back_from_now(line: Line, days: Days) -> None:
    say(line, 3)
    line.playground.advance(2 * HOUR)
    say(line, 2)
    line.playground.advance(23 * HOUR)
    number = at_nine(line, line.ann, [line.town], window="day")
    days.show("8:10")
    due(line, number, "run", class_=queue.PERSON)
    assert "2 of 2 messages read" in summary(line, line.ann)


def test_what_is_said_while_it_is_made_is_told_by_the_next_one_that_tells_of_a_day(line: Line, days: Days) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], window="day")
    days.look("8:30", "8:55")
    say(line, 2)
    days.look("9:00")
    assert "8 of 8 messages read" in summary(line, line.ann)
    days.mornings(27)
    assert "2 of 2 messages read" in summary(line, line.ann)
    first, second = runs(line, number)
    assert second.since == first.until + 1


def test_so_is_what_is_said_while_one_that_is_too_quiet_is_made(line: Line, days: Days) -> None:
    number = at_nine(line, line.ann, [line.town], window="day", quiet=5)
    say(line, 3)
    days.look("8:30", "8:55")
    say(line, 2)
    days.look("9:00")
    say(line, 3)
    days.mornings(27)
    assert states(line, number) == ["quiet", "posted"]
    assert "5 of 5 messages read" in summary(line, line.ann)


def test_or_while_one_fails(line: Line, days: Days) -> None:
    number = at_nine(line, line.ann, [line.town], window="day")
    say(line, 3)
    days.look("8:30", "8:54")
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "It cannot be loaded.", clock(session) + engines.REST
    days.look("8:55")
    say(line, 2)
    days.look("9:00")
    days.mornings(27)
    assert states(line, number) == ["failed", "posted"]
    assert "2 of 2 messages read" in summary(line, line.ann)


def test_the_day_before_a_spring_night_begins_where_the_one_before_has_ended(line: Line, days: Days) -> None:
    talk(line)
    moment = {"next_at": at("2027-03-27 1:30"), "next_key": "2027-03-27T02:30"}
    number = at_nine(line, line.ann, [line.town], window="day", line="30 2 * * *", zone="Europe/Berlin", **moment)
    days.show("2027-03-26 12:00")
    say(line, 3)
    days.look("2027-03-27 1:00", "2027-03-27 1:25")
    say(line, 2)
    days.look("2027-03-27 1:30", "2027-03-28 1:00", "2027-03-28 1:25", "2027-03-28 1:30")
    assert "2 of 2 messages read" in summary(line, line.ann)
    first, second = runs(line, number)
    assert second.due_at == at("2027-03-28 1:30")  # the wall goes from 2:00 to 3:00, and shows 3:30
    assert second.since == first.until + 1


def test_the_day_of_an_autumn_night_has_25_hours(line: Line, days: Days) -> None:
    days.show("2027-10-30 7:30")
    say(line, 3)
    moment = {"next_at": at("2027-10-31 8:00"), "next_key": "2027-10-31T09:00"}
    at_nine(line, line.ann, [line.town], window="day", zone="Europe/Berlin", **moment)
    days.look("2027-10-31 7:30", "2027-10-31 8:00")
    assert "3 of 3 messages read" in summary(line, line.ann)
