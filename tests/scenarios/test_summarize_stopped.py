"""Somebody stops a summary: all that was read is told, how much that was is told truly, and where nothing is left, so is that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llm.base import Speed
from mmapp import nodes as kept
from mmapp.jobs import summarize
from tests.acceptance.processes import eventually
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import found, summary
from tests.scenarios.test_privacy import opted_out
from tests.scenarios.test_summarize_meanwhile import given_way, jobs, read_until_then
from tests.scenarios.test_summarize_parts import MESSAGES, asked, held_at, parts_read, trucks


@pytest.fixture(autouse=True)
def small(line: Line) -> None:
    """The model's window holds 600 words, so that a part reads 300."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)


def stopped_at(line: Line, root: Doc, part: int, meanwhile: Callable[[], object]) -> None:
    """While this part is written, something happens, and then who waits for it stops it."""
    asked(line, root)
    with held_at(line, part) as lane:
        meanwhile()
        line.say(line.ann, "stop")
        eventually(lambda: not lane.is_alive(), "the model writes on")
    line.settle()


def somebody_else_opts_out(line: Line) -> None:
    """All that was noted goes, of everybody's messages."""
    dora = line.playground.add_user("dora")
    line.playground.join(dora, line.town)
    opted_out(line, dora)


@pytest.mark.parametrize("parts", [2, 4])
def test_what_was_read_is_told_also_where_all_that_was_noted_has_gone(line: Line, parts: int) -> None:
    stopped_at(line, trucks(line), parts, lambda: somebody_else_opts_out(line))
    assert read_until_then(line) > (parts - 2) * MESSAGES / 10
    assert parts_read(line) == ["part"] * parts


def test_also_where_it_had_given_way(line: Line) -> None:
    given_way(line, trucks(line), 4)
    somebody_else_opts_out(line)
    line.say(line.ann, "stop")
    line.settle()
    assert read_until_then(line) > MESSAGES / 4
    assert parts_read(line).count("part") == 4


def test_of_who_opted_out_nothing_is_told(line: Line) -> None:
    """Nothing was read without them, so nothing is left."""
    stopped_at(line, trucks(line), 4, lambda: opted_out(line, line.bob))
    assert line.private_answers(line.ann) == []
    assert "nothing of what was read is left" in found(line, line.ann)
    assert [job.state for job in jobs(line)] == ["failed"]


def test_where_another_worker_finds_nothing_left_its_person_reads_so(line: Line) -> None:
    given_way(line, trucks(line), 4)
    line.worker.aside.clear()
    with line.worker.database.write() as session:
        kept.drop_all(session)
    line.say(line.ann, "stop")
    line.settle()
    assert "nothing of what was read is left" in found(line, line.ann)
    assert parts_read(line).count("part") == 4


def test_its_card_and_its_dialog_say_how_far_that_was_and_nothing_else(line: Line) -> None:
    stopped_at(line, trucks(line), 4, lambda: None)
    post = line.posts(line.direct(line.ann))[-1]
    for told in (post["props"]["card"], line.more(line.ann, post)["dialog"]["introduction_text"]):
        assert f"**Messages read** {read_until_then(line)} of {MESSAGES}: as far as it was read\n" in told


def test_a_long_message_that_was_read_in_part_is_not_counted_as_read(line: Line) -> None:
    giant = " ".join(f"word{number}" for number in range(700))
    root = line.playground.post_as(line.ann, line.town, giant)
    trucks(line, 1, root, 40)
    stopped_at(line, root, 2, lambda: None)
    assert "0 of 41 messages read" in summary(line, line.ann)
    assert "1 person" in summary(line, line.ann)
    assert "1 message read in part" in summary(line, line.ann)


def test_the_worker_keeps_nothing_of_a_summary_that_another_worker_has_ended(line: Line) -> None:
    given_way(line, trucks(line), 4)
    summarize.clear_ended(line.worker)
    assert line.worker.aside != {}
    line.say(line.ann, "delete")
    summarize.clear_ended(line.worker)
    assert line.worker.aside == {}
