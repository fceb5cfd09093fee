"""What still waits to be looked at before anybody is told it stands in nobody's prompt."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from mmapp.db import clock
from mmapp.models import Job
from tests.line import Line
from tests.scenarios.summaries import WRITTEN, talk
from tests.scenarios.test_delete import do_all, refused
from tests.scenarios.test_share import share
from tests.scenarios.test_summarize_late import (
    PATCH,
    POST,
    READ,
    SECRET,
    SUMMARY,
    board,
    headline,
    own,
    rewritten_late,
    shared_late,
)


def later(line: Line) -> None:
    """What waits goes on waiting, whatever is done meanwhile."""
    with line.worker.database.write() as session:
        an_hour = clock(session) + timedelta(hours=1)
        session.execute(update(Job).where(Job.state == "queued").values(run_at=an_hour))


def test_of_a_summary_whose_headline_stands_nobody_is_answered_from_what_is_to_fill_it(line: Line) -> None:
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    post = headline(line, root, channel=few)
    later(line)
    line.playground.edit(line.bob, root, "The code word of the plan is another one.")
    line.ask(line.bob, "What is a pump?", few, post, answer="It moves water.")
    assert SECRET not in line.prompt()


def test_nor_are_its_messages_read_for_who_asks_below_its_headline(line: Line) -> None:
    _, root, few = board(line)
    line.model.enqueue(SUMMARY)
    post = headline(line, root, channel=few)
    later(line)
    line.ask(line.bob, "When does it begin?", few, post, answer="I do not know.")
    assert "The plan begins on Monday." not in line.prompt()


def test_nor_from_what_is_shared_late(line: Line) -> None:
    _, root, few = board(line)
    shared_late(line, own(line, root), few, PATCH)
    later(line)
    line.playground.edit(line.bob, root, "The code word of the plan is another one.")
    line.ask(line.bob, "What is a pump?", few, line.posts(few)[-1], answer="It moves water.")
    assert SECRET not in line.prompt()


def test_nor_from_what_could_not_be_posted_and_is_still_to_be_told_alone(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")
    later(line)
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()


def test_of_what_is_written_anew_and_waits_the_old_words_are_those_that_were_said(line: Line) -> None:
    _, post = rewritten_late(line)
    later(line)
    line.mention(line.ann, "Since when?", line.direct(line.ann), root=post, answer="Since 9:10.")
    assert "Customers cannot pay by the checkout API." in line.prompt()
    assert "pods is 256 MB" not in line.prompt()


def test_what_stands_there_is_known_to_who_asks_below_it_though_it_could_not_be_read_back(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.model.enqueue("Because of the valve.")
    line.say(line.ann, "ask Why?", root=root)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(READ, status=503, times=3)
    line.settle()
    assert "Because of the valve." in line.answers()[0]
    later(line)
    line.ask(line.bob, "Which?", root=root, answer="The left one.")
    assert "Because of the valve." in line.prompt()


def test_of_a_long_one_whose_second_half_is_still_to_come_nothing_is(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.faults.add(POST)  # the first half is taken
    line.playground.faults.add(POST, status=503)
    line.ask(line.ann, "Why?", root=root, answer="Because of the valve.\n" * 900)
    assert len(line.answers()) == 1
    later(line)
    line.ask(line.bob, "Which?", root=root, answer="The left one.")
    assert "Because of the valve." not in line.prompt()


def test_what_was_answered_a_moment_ago_is_known_to_the_next_question_though_it_is_not_posted_yet(line: Line) -> None:
    """Nothing looks at it again, and nobody who asks twice waits for a post in between."""
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.model.enqueue("Because of the valve.", "The left one.")
    line.say(line.ann, "ask Why?", root=root)
    line.say(line.ann, "ask Which?", root=root)
    while line.step("admit", "model:tiny"):
        pass
    assert "Because of the valve." in line.prompt()


def test_what_is_written_anew_is_not_shared_before_it_stands_there(line: Line) -> None:
    _, post = rewritten_late(line)
    later(line)
    assert "it is still being written or posted" in share(line, post, line.town)
    assert line.answers() == []
    do_all(line)
    share(line, post, line.town)
    assert "pods is 256 MB" in line.answers()[0]
