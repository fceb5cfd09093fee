"""Times are those of who asks: in what a model reads, in ranges, and in the receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, summary, talk, typed_in

AUCKLAND = "Pacific/Auckland"  # half a day from UTC


def lives_in(line: Line, who: Doc, zone: str, *, manual: bool = False) -> None:
    """As people set it in their profile."""
    kept = {"automaticTimezone": "" if manual else zone, "manualTimezone": zone if manual else ""}
    zones = kept | {"useAutomaticTimezone": "false" if manual else "true"}
    line.playground.store.put("user", who["id"], line.playground.user(who) | {"timezone": zones})


def clock(post: Doc, zone: str) -> str:
    return f"{datetime.fromtimestamp(post['create_at'] / 1000, UTC).astimezone(ZoneInfo(zone)):%H:%M}"


@pytest.mark.parametrize("manual", [False, True])
def test_a_model_reads_the_asker_s_own_times(line: Line, manual: bool) -> None:
    lives_in(line, line.ann, AUCKLAND, manual=manual)
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "When?", root=root, answer="Just now.")
    assert f"{clock(root, AUCKLAND)}): The pump stopped." in line.prompt()


def test_so_does_who_takes_minutes_for_them(line: Line) -> None:
    lives_in(line, line.ann, AUCKLAND)
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert f"[1] ann {clock(root, AUCKLAND)}: The checkout API" in line.prompt()
    assert clock(root, AUCKLAND) in summary(line, line.ann).splitlines()[1]


def test_since_a_day_means_a_day_where_its_person_is(line: Line) -> None:
    lives_in(line, line.ann, AUCKLAND)
    talk(line)
    today = datetime.now(ZoneInfo(AUCKLAND))
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize channel --since {today:%Y-%m-%d}")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    line.say(line.ann, f"summarize channel --until {today.replace(hour=0):%Y-%m-%d} --since {today.year}-01-01")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)  # until a day means all of it


def test_a_zone_that_this_machine_does_not_know_is_utc(line: Line) -> None:
    lives_in(line, line.ann, "Mars/Olympus")
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "When?", root=root, answer="Just now.")
    assert f"{clock(root, 'UTC')}): The pump stopped." in line.prompt()
