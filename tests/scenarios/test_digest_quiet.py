"""Of which messages a digest is left out for now, and what comes of those; who types for it gets it however little there is."""

from __future__ import annotations

import pytest

from mmapp.chat import read
from mmapp.db import clock
from mmapp.jobs import queue
from mmapp.models import ClosedChannel, PersonSettings
from tests.line import Line
from tests.scenarios.digesting import WORDS, Show, at_nine, change, due, look, states
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import found, summary
from tests.scenarios.test_counts import calls


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


# Where bots alone write


def alerts(line: Line, count: int) -> None:
    """So many posts of a webhook, that nobody has written."""
    with line.playground.store.transaction():
        for number in range(count):
            line.playground.post_as(line.bob, line.town, f"Alert {number}", props={"from_webhook": "true"})


def say(line: Line, count: int) -> None:
    """So many messages by people."""
    for number in range(count):
        line.playground.post_as(line.bob, line.town, WORDS.format(number, 1, 2))


def pages(line: Line, show: Show, day: int) -> int:
    """How many pages of the town are asked for until it is due on this day of November."""
    with calls(line) as made:
        look(line, *(f"2026-11-{day} {time}" for time in ("8:30", "8:55", "9:00")), show=show)
    return made.count("GET /channels/{}/posts")


def test_what_bots_alone_have_written_is_looked_through_once(line: Line, show: Show) -> None:
    alerts(line, 900)
    number = at_nine(line, line.ann, [line.town], quiet=5)
    assert pages(line, show, 26) > 4
    assert pages(line, show, 27) == 2  # the newest message, and one page
    alerts(line, 10)
    assert pages(line, show, 28) == 2
    say(line, 5)
    pages(line, show, 29)
    assert states(line, number) == ["quiet", "quiet", "quiet", "posted"]
    assert "5 of 5 messages read" in summary(line, line.ann)


def test_what_few_people_have_written_waits_with_all_that_came_before_it(line: Line, show: Show) -> None:
    alerts(line, 3)
    say(line, 2)
    number = at_nine(line, line.ann, [line.town], quiet=5)
    pages(line, show, 26)
    say(line, 3)
    pages(line, show, 27)
    assert states(line, number) == ["quiet", "posted"]
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_quiet_day_leaves_what_was_said_before_it_to_who_has_all_told_again(line: Line, show: Show) -> None:
    say(line, 5)
    line.playground.advance(48 * 3600)
    alerts(line, 3)
    number = at_nine(line, line.ann, [line.town], window="day", quiet=5)
    pages(line, show, 26)
    change(line, number, window="last")
    pages(line, show, 27)
    assert states(line, number) == ["quiet", "posted"]
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_what_is_not_to_be_read_for_now_waits_too(line: Line, show: Show) -> None:
    say(line, 5)
    number = at_nine(line, line.ann, [line.town], quiet=5)
    with line.worker.database.write() as session:
        settings = PersonSettings.of(session, line.bob["id"])
        settings.unread = True
        session.add(settings)
    pages(line, show, 26)
    with line.worker.database.write() as session:
        session.get_one(PersonSettings, line.bob["id"]).unread = False
        session.add(ClosedChannel(channel_id=line.town["id"], closed_by=line.ann["id"], closed_at=clock(session)))
    pages(line, show, 27)
    with line.worker.database.write() as session:
        session.delete(session.get_one(ClosedChannel, line.town["id"]))
    pages(line, show, 28)
    assert states(line, number) == ["quiet", "quiet", "posted"]
    assert "5 of 5 messages read" in summary(line, line.ann)


def test_so_many_of_them_that_nobody_reads_as_many_pause_it(
    line: Line, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MOST_POSTS", 500)
    alerts(line, 900)
    number = at_nine(line, line.ann, [line.town], quiet=5)
    assert pages(line, show, 26) == 4
    assert states(line, number) == ["failed"]
    assert "is paused: more than 500 messages were posted since the last one" in summary(line, line.ann)


# One message


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


def test_one_of_one_message_is_written_again(line: Line, show: Show) -> None:
    at_nine(line, line.ann, [line.town], quiet=0)
    line.playground.post_as(line.bob, line.town, ONE)
    look(line, "8:30", "8:55", "9:00", show=show)
    line.model.steps = []
    line.model.enqueue(
        "The pump has a new filter and runs. [1]\n- The pump runs again since a new filter was put in [1]\n"
    )
    (post,) = line.posts(line.direct(line.ann))
    assert line.pick(line.ann, line.more(line.ann, post), what="again") == {}
    line.settle()
    assert "The pump has a new filter and runs." in summary(line, line.ann)


@pytest.mark.parametrize("verb", ["run", "preview"])
def test_one_message_is_told_to_who_types_for_it(line: Line, show: Show, verb: str) -> None:
    at_nine(line, line.ann, [line.town], quiet=5)
    line.playground.post_as(line.bob, line.town, ONE)
    show("8:10")
    typed(line, line.ann, f"{verb} 1")
    assert ONE in summary(line, line.ann)
