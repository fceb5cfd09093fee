"""What is chosen for a direct message ends with a silence there: not before it, whatever is talked in, and then for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.scripted import Step
from mmapp.models import ModelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, introduction, opened, pick
from tests.scenarios.digesting import Show, at_nine, look, stop_clock
from tests.scenarios.summaries import WRITTEN, talk


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch, line: Line) -> Show:
    """Sets the database's clock, which begins at eight; whatever is asked, the models answer."""
    for model in (line.model, *add(line, "large")):
        model.repeat, model.steps = True, [Step(WRITTEN)]
    return stop_clock(monkeypatch)


def choose(line: Line) -> Doc:
    """Ann asks in her direct message, and chooses a model and instructions for it; the channel."""
    direct = line.direct(line.ann)
    line.ask(line.ann, "Why?", direct)
    shown = opened(line, line.ann, "model --for conversation", direct)
    assert pick(line, line.ann, shown, direct, model="large", instructions="Answer in rhymes.") == {}
    line.settle()
    return direct


def still_counts(line: Line, direct: Doc, root: Doc | None = None) -> bool:
    """Whether her next question there is answered as she has chosen it."""
    line.ask(line.ann, "And?", direct, root)
    foot = line.private_answers(line.ann)[-1].rpartition("\n")[2]
    assert ("*large · " in foot) == ("with instructions of this conversation" in foot)
    return "*large · " in foot


def kept(line: Line) -> list[str]:
    """All that is set for anybody."""
    with line.worker.database.read() as session:
        return list(session.scalars(select(ModelSettings.owner_id)))


def test_a_summary_that_comes_there_does_not_bring_it_back(line: Line, hours: Show) -> None:
    direct = choose(line)
    talk(line)
    hours("18:00")
    assert "**tiny** answers here" in introduction(opened(line, line.ann, "model", direct))
    line.say(line.ann, "summarize channel")
    line.settle()
    assert kept(line) == []
    assert not still_counts(line, direct)


def test_nor_does_a_digest_of_the_next_morning(line: Line, hours: Show) -> None:
    hours("2026-11-25 16:00")
    direct = choose(line)
    talk(line)
    hours("8:00")
    at_nine(line, line.ann, [line.town])
    look(line, "8:45", "9:00", "9:01", show=hours)
    assert kept(line) == []
    hours("10:00")
    assert not still_counts(line, direct)


def test_a_digest_that_comes_meanwhile_is_nothing_that_anybody_says(line: Line, hours: Show) -> None:
    direct = choose(line)
    talk(line)
    at_nine(line, line.ann, [line.town])
    look(line, "8:45", "9:00", "9:01", show=hours)
    hours("15:59")
    assert "**large** answers here" in introduction(opened(line, line.ann, "model", direct))
    hours("16:01")
    assert "**tiny** answers here" in introduction(opened(line, line.ann, "model", direct))
    assert not still_counts(line, direct)


def test_nor_does_a_question_in_a_thread_that_was_begun_before(line: Line, hours: Show) -> None:
    direct = choose(line)
    root = line.playground.post_as(line.ann, direct, "The pump stopped.")
    assert still_counts(line, direct, root)
    hours("18:00")
    assert not still_counts(line, direct, root)
    assert kept(line) == []


def test_who_talks_on_in_a_thread_there_is_not_silent(line: Line, hours: Show) -> None:
    direct = choose(line)
    root = line.playground.post_as(line.ann, direct, "The pump stopped.")
    for hour in range(9, 20):
        hours(f"{hour}:00")
        assert still_counts(line, direct, root)
    hours("23:00")
    assert still_counts(line, direct)


def test_nor_is_who_has_a_public_channel_s_thread_explained_there(line: Line, hours: Show) -> None:
    direct = choose(line)
    hours("15:00")
    line.ask(line.ann, "--private Why?", line.town, talk(line))
    hours("22:00")
    assert still_counts(line, direct)
