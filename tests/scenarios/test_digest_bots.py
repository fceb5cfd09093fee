"""Digests of several bots: each is told by the bot that it was set up with, and any of them takes what is said about it."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import states
from tests.scenarios.ordering import only, typed
from tests.scenarios.summaries import WRITTEN, talk
from tests.scenarios.test_bots_gone import without
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_summarize_late import READ


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


@pytest.fixture
def yard(line: Line, guide: Doc) -> Doc:
    """A private channel that the second bot alone is in, of which ann is an admin."""
    yard = line.playground.add_channel("P", "yard", members=(line.ann, line.bob, line.carol, guide))
    line.playground.make_channel_admin(line.ann, yard)
    line.mention(line.ann, "@guide digest daily 08:30 ~yard --to here", yard)
    assert "`~yard`, posted in `~yard`" in line.private_answers(line.ann, guide)[-1]
    return yard


@pytest.mark.usefixtures("yard")
def test_the_command_lists_and_changes_what_another_bot_was_asked_for(line: Line) -> None:
    assert only(line).bot == "guide"
    assert "`~yard`, posted in `~yard`, every day at 08:30" in typed(line, line.ann, "list")
    assert "every day at 09:30" in typed(line, line.ann, "edit 1 09:30")
    assert "There is no digest #1" in typed(line, line.bob, "pause 1")


def test_it_is_posted_by_that_bot(line: Line, guide: Doc, yard: Doc) -> None:
    talk(line, yard)
    line.model.enqueue(WRITTEN)
    assert "comes in `~yard`" in typed(line, line.ann, "run 1")
    assert len(line.answers(yard, guide)) == 1


def test_one_whose_bot_is_gone_can_be_ended_all_the_same(line: Line, guide: Doc, yard: Doc) -> None:
    without(line, guide)
    assert "a channel that you cannot read" in typed(line, line.ann, "list")
    assert "is paused" in typed(line, line.ann, "pause 1")
    assert "is removed" in typed(line, line.ann, "remove 1")
    assert only(line).state == "removed"
    assert not line.posts(yard)


def test_what_it_has_posted_is_told_though_it_is_gone_before_it_could_read_that_back(
    line: Line, guide: Doc, yard: Doc
) -> None:
    talk(line, yard)
    line.model.enqueue(WRITTEN)
    line.playground.faults.add(READ, status=503, times=3)
    typed(line, line.ann, "run 1")
    without(line, guide)
    do_all(line)
    assert len(line.answers(yard, guide)) == 1
    assert states(line, 1) == ["posted"]
    assert only(line).state == "active"
    assert only(line).read_until > 0
