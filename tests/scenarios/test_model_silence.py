"""What is chosen for a direct message ends with a silence there: not before it, whatever is talked in, and then for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.scripted import Step
from mmapp.jobs import lanes
from mmapp.jobs.claim import Claim
from mmapp.models import ModelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, introduction, opened, pick
from tests.scenarios.digesting import Show, at_nine, digest, due, look, stop_clock
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


def asked(line: Line, direct: Doc) -> Claim:
    """She asks there, and a worker begins to look whether she may."""
    line.say(line.ann, "ask And?", direct)
    claimed = line.claim("admit")
    assert claimed is not None
    return claimed


def admit(line: Line, claimed: Claim) -> str:
    """It ends with that, and all that is due is done; the foot of her newest answer."""
    lanes.do(line.worker, claimed)
    line.settle()
    return line.private_answers(line.ann)[-1].rpartition("\n")[2]


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
    hours("10:00")
    assert not still_counts(line, direct)
    assert kept(line) == []


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


@pytest.mark.parametrize("late", ["16:01", "2026-11-27 3:00"])
def test_who_has_asked_in_time_is_not_silent_however_late_a_worker_comes(line: Line, hours: Show, late: str) -> None:
    direct = choose(line)
    hours("15:59")
    line.say(line.ann, "ask And?", direct)
    hours(late)
    assert "**large** answers here" in introduction(opened(line, line.ann, "model", direct))
    line.settle()
    assert line.private_answers(line.ann)[-1].rpartition("\n")[2].startswith("*large · ")
    assert still_counts(line, direct)


def test_who_has_not_does_not_get_it_back_by_having_to_wait(line: Line, hours: Show) -> None:
    direct = choose(line)
    hours("16:01")
    claimed = asked(line, direct)
    hours("16:02")
    assert not still_counts(line, direct)
    assert admit(line, claimed).startswith("*tiny · ")


def test_a_digest_that_comes_while_a_question_waits_takes_nothing_from_it(line: Line, hours: Show) -> None:
    direct = choose(line)
    talk(line)
    number = digest(line, line.ann, [line.town])
    hours("15:59")
    claimed = asked(line, direct)
    hours("16:01")
    due(line, number)
    assert admit(line, claimed).startswith("*large · ")


def test_nor_does_what_is_asked_behind_it_and_admitted_before_it(line: Line, hours: Show) -> None:
    direct = choose(line)
    hours("15:59")
    claimed = asked(line, direct)
    hours("16:01")
    assert still_counts(line, direct)
    assert admit(line, claimed).startswith("*large · ")


def test_an_answer_that_is_written_anew_does_not_bring_it_back(line: Line, hours: Show) -> None:
    direct = choose(line)
    assert still_counts(line, direct)
    hours("18:00")
    line.pick(line.ann, line.more(line.ann, line.posts(direct)[-1]), direct, what="again")
    line.settle()
    assert kept(line) == []
    assert not still_counts(line, direct)
