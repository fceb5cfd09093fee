"""Of which messages a digest is left out for now, and what comes of those; who types for it gets it however little there is."""

from __future__ import annotations

import pytest

from mmapp.jobs import queue
from tests.line import Line
from tests.scenarios.digesting import WORDS, Show, at_nine, due, look, states
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import found, summary


def test_of_fewer_than_five_messages_by_people_nothing_is_told_until_there_are_more(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], quiet=5)
    others = line.playground.add_bot("alerts")
    line.playground.join(others, line.town)
    for count in range(4):
        line.playground.post_as(line.bob, line.town, WORDS.format(count, 1, 2))
        line.playground.post_as(others, line.town, WORDS.format(count, 3, 4))
        line.playground.post_as(line.bob, line.town, "From a hook", props={"from_webhook": "true"})
    look(line, "8:30", "8:55", "9:00", show=show)
    assert states(line, number) == ["quiet"]
    assert found(line, line.ann) == ""
    assert not line.model.history
    line.playground.post_as(line.ann, line.town, WORDS.format(5, 5, 5))
    look(line, "2026-11-27 8:30", "2026-11-27 8:59", "2026-11-27 9:00", show=show)
    assert states(line, number) == ["quiet", "posted"]
    assert "13 of 13 messages read" in summary(line, line.ann)


def test_the_messages_of_all_its_channels_are_counted_together(line: Line, show: Show) -> None:
    dock = line.playground.add_channel("O", "dock", members=(line.ann, line.bob, line.bot))
    number = at_nine(line, line.ann, [line.town, dock], quiet=5)
    for place, channel in enumerate((line.town, line.town, dock, dock, dock)):
        line.playground.post_as(line.bob, channel, WORDS.format(place, 1, 2))
    look(line, "8:30", "8:55", "9:00", show=show)
    assert states(line, number) == ["posted"]


def test_nobody_hears_of_one_that_has_nothing_at_all_to_tell_but_who_has_typed_for_it(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:00", show=show)
    assert (states(line, number), found(line, line.ann)) == (["quiet"], "")
    due(line, number, "typed", class_=queue.PERSON)
    assert f"There is nothing for digest #{number} to tell" in summary(line, line.ann)


ONE = "The pump runs again since a new filter was put in"


def test_where_nothing_is_too_quiet_one_message_is_enough(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], quiet=0)
    line.playground.post_as(line.bob, line.town, ONE)
    look(line, "8:30", "8:55", "9:00", show=show)
    assert states(line, number) == ["posted"]
    verdict, receipt, _, quoted, *_ = summary(line, line.ann).split("\n")
    assert verdict.endswith(": the message that says most of it**")
    assert receipt.startswith("*1 of 1 message read · ")
    assert quoted.startswith(f"* **bob**: {ONE} [[1]](")


def test_what_is_to_be_done_after_one_message_is_told_as_such(line: Line, show: Show) -> None:
    at_nine(line, line.ann, [line.town], quiet=0)
    line.playground.post_as(line.carol, line.town, "I write the post-mortem about the checkout by Friday.")
    line.model.steps = []
    line.model.enqueue(
        "carol writes the post-mortem. [1]\n- To do: carol: post-mortem about the checkout by Friday [1]\n"
    )
    look(line, "8:30", "8:55", "9:00", show=show)
    assert "**To do** · carol: post-mortem about the checkout by Friday" in summary(line, line.ann)


@pytest.mark.parametrize("verb", ["run", "preview"])
def test_one_message_is_told_to_who_types_for_it(line: Line, show: Show, verb: str) -> None:
    at_nine(line, line.ann, [line.town], quiet=5)
    line.playground.post_as(line.bob, line.town, ONE)
    show("8:10")
    typed(line, line.ann, f"{verb} 1")
    assert ONE in summary(line, line.ann)
