"""What people are told of a digest of the last day or week: nothing is promised that such a one does not tell."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mmapp.chat import read
from mmapp.db import clock
from mmapp.jobs import engines
from mmapp.models import ModelRecord
from tests.line import Line
from tests.scenarios.digesting import digest, due, known, paused, told
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import WRITTEN, talk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AS_EVER = "The next one tells of the last day, as ever."


def test_a_new_one_says_that_each_tells_of_the_same_span(line: Line) -> None:
    said = typed(line, line.ann, "weekly 09:00 --window day")
    assert "Each tells of the day before it." in said
    assert "The first one tells" not in said
    assert "**When little happens:** skipped with fewer than 5 messages\n" in typed(line, line.ann, "show 1")
    assert "The first one tells of what was said since" in typed(line, line.ann, "weekly 09:00")
    assert "fewer than 5 messages, which the next one tells" in typed(line, line.ann, "show 2")


@pytest.mark.parametrize(("window", "waiting"), [("last", "9 messages"), ("week", "9 messages"), ("day", "1 message")])
def test_what_is_older_waits_for_nobody(line: Line, window: str, waiting: str) -> None:
    talk(line)
    line.playground.advance(25 * 3600)
    line.playground.post_as(line.bob, line.town, "The pump runs again since a new filter was put in.")
    digest(line, line.ann, [line.town], window=window)
    assert f"**Waiting:** {waiting}\n" in f"{typed(line, line.ann, 'show 1')}\n"


@pytest.mark.parametrize("window", ["last", "day"])
def test_one_that_is_paused(line: Line, window: str) -> None:
    ops = line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))
    number = digest(line, line.ann, [line.town, ops], line.town, window=window)
    due(line, number)
    assert paused(line, number) == "readers"
    assert ("Nothing is lost" in told(line, line.ann)) == (window == "last")
    assert (AS_EVER in told(line, line.ann)) == (window == "day")


def test_who_may_not_ask_is_promised_no_more(line: Line) -> None:
    number = digest(line, line.ann, [line.town], window="day")
    line.playground.change_user(line.ann, roles="system_guest")
    due(line, number)
    assert AS_EVER in told(line, line.ann)


def test_who_has_it_tell_of_the_last_day_alone_knows_that_the_rest_is_told_by_nobody(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(line)
    monkeypatch.setattr(read, "MOST_POSTS", 3)
    number = digest(line, line.ann, [line.town])
    due(line, number)
    assert "`/ai digest edit 1 --window day`" in told(line, line.ann)
    assert "The older messages are then told by nobody." in told(line, line.ann)
    assert "Nothing is lost" not in told(line, line.ann)


def test_of_a_day_with_too_many_a_channel_has_to_go(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(line)
    monkeypatch.setattr(read, "MOST_POSTS", 3)
    due(line, digest(line, line.ann, [line.town], window="day"))
    assert "more than 3 messages were posted in the last day" in told(line, line.ann)
    assert "Take a channel out of it with `/ai digest edit 1`" in told(line, line.ann)


def test_one_that_was_not_made(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], window="week")
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "It cannot be loaded.", clock(session) + engines.REST
    due(line, number)
    assert known(line, number).state == "active"
    assert "The next one tells of the last week, as ever." in told(line, line.ann)
    assert "Nothing is lost" not in told(line, line.ann)


def test_one_that_somebody_has_made_now(line: Line) -> None:
    talk(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    digest(line, line.ann, [line.town], window="day")
    assert "Nothing moves by it." in typed(line, line.ann, "preview 1")
    assert "The next one goes on from there" not in typed(line, line.ann, "run 1")
