"""A digest that somebody has typed for: it is theirs while it is made, whoever's digest it is, and stands in nobody's way."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.scenarios.digesting import Show, at_nine, look, states
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import summary, talk

# Beside what is planned


def say(line: Line) -> None:
    """Two messages more."""
    for words in ("The pump runs again since a new filter was put in", "Its oil was changed as well today"):
        line.playground.post_as(line.bob, line.town, words)


@pytest.mark.parametrize(("verb", "next_one"), [("run", 2), ("preview", 10)])
def test_one_that_is_only_planned_keeps_nobody_from_having_one_now(
    line: Line, show: Show, verb: str, next_one: int
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    show("8:31")
    assert "is being made, for you" in (said := typed(line, line.ann, f"{verb} 1")) or "is being made now" in said
    assert "8 of 8 messages read" in summary(line, line.ann)
    say(line)
    look(line, "8:55", "9:00", show=show)
    assert f"{next_one} of {next_one} messages read" in summary(line, line.ann)
    assert states(line, number) == ["posted", "posted"]


def test_one_that_has_begun_is_waited_for_and_says_when_it_comes(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    show("8:56")
    assert "Digest #1 is being made already, and comes today, Thursday 26 November, 09:00." in typed(
        line, line.ann, "run 1"
    )
    typed(line, line.ann, "preview 1")
    assert "8 of 8 messages read" in summary(line, line.ann)
    look(line, "9:00", show=show)
    assert states(line, number) == ["posted", "posted"]
