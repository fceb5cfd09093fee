"""Messages that change before their summary is told: it is made again without their old words, and comes all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from mmapp.chat import delivery
from mmapp.jobs.payload import Payload
from mmapp.models import Job
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import TALK, WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_privacy import opted_out
from tests.scenarios.test_summarize_deleted import noted

# While it is made


def each_time(line: Line, does: Callable[[int], object]) -> None:
    """Whenever the model writes, something is done; with how often it was by then."""
    generate = line.model.generate

    def generating(*args: object) -> object:
        does(len(line.model.history) + 1)
        return generate(*args)  # type: ignore[arg-type]

    line.model.generate = generating  # type: ignore[method-assign, assignment]
    line.model.repeat = True
    line.model.enqueue(WRITTEN)


def test_a_message_that_is_edited_again_and_again_is_left_out_and_keeps_nobody_waiting(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    each_time(line, lambda n: line.playground.edit(line.bob, status, f"Build: {n} steps of the release are done."))
    typed_in(line, line.ann, root, "summarize")
    assert "8 of 9 messages read" in summary(line, line.ann)
    assert "left out: 1 message that was edited again and again meanwhile" in summary(line, line.ann)
    assert "**Messages read** 8 of 9\n" in line.posts(line.direct(line.ann))[-1]["props"]["card"]
    assert "Build:" not in line.prompt()
    assert len(line.model.history) == 5
    assert "what came after" not in summary(line, line.ann)


def test_what_is_said_in_its_thread_afterwards_is_read_for_what_is_asked_below_it(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    each_time(line, lambda n: line.playground.edit(line.bob, status, f"Build: {n} steps of the release are done."))
    typed_in(line, line.ann, root, "summarize")
    line.model.steps.clear()
    line.playground.post_as(line.carol, line.town, "Grace fixes the cache, I asked her.", root)
    line.mention(line.ann, "Who fixes the cache?", line.direct(line.ann), answer="Grace.")
    assert "Grace fixes the cache" in line.prompt()


def test_new_ones_that_each_are_edited_once_are_in_it_as_far_as_they_had_come(line: Line) -> None:
    """As a bot's are that posts how far it is, and then what came of it."""
    root = talk(line)
    posts = [line.playground.post_as(line.bob, line.town, "Job 1 begins.", root)]

    def goes_on(number: int) -> None:
        line.playground.edit(line.bob, posts[-1], f"Job {number} has ended.")
        posts.append(line.playground.post_as(line.bob, line.town, f"Job {number + 1} begins.", root))

    each_time(line, goes_on)
    typed_in(line, line.ann, root, "summarize")
    assert "Job 4 has ended." in line.prompt()
    assert "Job 5" not in line.prompt()
    assert re.search(r"what came after \w+ \d\d:\d\d is left out, as messages changed", summary(line, line.ann))
    assert "left out: " not in summary(line, line.ann)
    assert len(line.model.history) == 5


def test_beside_one_that_goes_on_changing_a_message_that_is_edited_once_is_in_it_as_it_reads_then(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    decided = next(post for post in line.playground.posts(line.town) if "Decided." in post["message"])

    def goes_on(number: int) -> None:
        if number < 4:
            line.playground.edit(line.bob, status, f"Build: {number} steps of the release are done.")
        elif number == 4:
            line.playground.edit(line.ann, decided, decided["message"].replace("Monday", "Tuesday"))

    each_time(line, goes_on)
    typed_in(line, line.ann, root, "summarize")
    assert "9 of 9 messages read" in summary(line, line.ann)
    assert "fix the cache on Tuesday" in line.prompt()


def test_where_another_one_changes_each_time_it_ends_all_the_same_and_the_foot_says_what_is_not_in_it(
    line: Line,
) -> None:
    root = talk(line)
    posts = [line.playground.post_as(line.bob, line.town, f"Job {number} begins.", root) for number in range(20)]

    def goes_on(number: int) -> None:
        if number <= len(posts):
            line.playground.edit(line.bob, posts[number - 1], f"Job {number - 1} has ended.")

    each_time(line, goes_on)
    typed_in(line, line.ann, root, "summarize")
    assert "messages that changed while it was read" in summary(line, line.ann)
    assert "again and again" not in summary(line, line.ann)
    assert len(line.model.history) == len(posts) + 1


def test_what_a_version_had_left_out_that_did_not_count_changes_is_left_out(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.step("admit")
    with line.worker.database.write() as session:
        job = session.scalars(select(Job).where(Job.kind == "summarize")).one()
        job.payload = Payload.of(job).but(rereads=4, unsteady=(status["id"],)).to_json()
    line.settle()
    assert "8 of 9 messages read" in summary(line, line.ann)
    assert "left out: 1 message that was edited again and again meanwhile" in summary(line, line.ann)


def test_where_nothing_else_stands_there_its_person_reads_so(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "Build: 0")
    post = line.playground.post_as(line.bob, line.town, "Tests: 0", root)

    def goes_on(number: int) -> None:
        line.playground.edit(line.bob, root, f"Build: {number}")
        line.playground.edit(line.bob, post, f"Tests: {number}")

    each_time(line, goes_on)
    typed_in(line, line.ann, root, "summarize")
    assert "What stands there is edited again and again" in found(line, line.ann)


def test_one_that_is_edited_once_or_twice_is_in_it_as_it_reads_then(line: Line) -> None:
    root = talk(line)
    status = line.playground.post_as(line.bob, line.town, "Build: 0 steps of the release are done.", root)
    each_time(line, lambda n: n < 3 and line.playground.edit(line.bob, status, f"Build: {n} steps are done."))
    typed_in(line, line.ann, root, "summarize")
    assert "9 of 9 messages read" in summary(line, line.ann)
    assert "Build: 2 steps" in line.prompt()


# While it waits to be posted


def refused(line: Line) -> Doc:
    """A summary is made, and Mattermost takes no posts; the message that will be regretted."""
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.playground.faults.add("POST /api/v4/posts$", status=503, times=1)
    line.settle()
    assert line.private_answers(line.ann) == []
    return next(post for post in line.playground.posts(line.town) if "256 MB" in post["message"])


def posted_at_last(line: Line) -> None:
    line.model.enqueue(WRITTEN.replace("256 MB", "too low"))
    line.hear()
    for _ in range(4):
        line.hurry()
        line.settle()


def test_what_is_deleted_while_it_waits_is_not_in_it(line: Line) -> None:
    line.playground.delete(line.bob, refused(line))
    posted_at_last(line)
    assert len(line.private_answers(line.ann)) == 1
    assert "7 of 7 messages read" in summary(line, line.ann)
    assert "256 MB" not in summary(line, line.ann) + noted(line)


def test_nor_where_nobody_listens_and_it_is_edited(line: Line) -> None:
    line.playground.edit(line.bob, refused(line), "They were killed.")
    line.model.enqueue(WRITTEN.replace("256 MB", "too low"))
    line.hurry()
    line.settle()
    assert "256 MB" not in summary(line, line.ann) + noted(line)
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_nor_are_the_words_of_who_opts_out(line: Line) -> None:
    refused(line)
    opted_out(line, line.bob)
    posted_at_last(line)
    assert "5 of 5 messages read" in summary(line, line.ann)
    assert not any(words in line.prompt() for who, words in TALK if who == "bob")


def test_what_is_said_meanwhile_is_no_reason_to_make_it_again(line: Line) -> None:
    line.playground.post_as(line.carol, line.town, "Thank you.", refused(line)["root_id"])
    line.hurry()
    line.settle()
    assert len(line.model.history) == 1
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_headline_that_stands_already_is_filled_with_the_new_one(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.playground.faults.add("PUT /api/v4/posts/.*/patch$", status=503, times=3)
    line.settle()
    assert [text.split(" · ")[0] for text in line.private_answers(line.ann)] == ["**Summary** of 8 messages"]
    line.playground.delete(line.bob, line.playground.thread(root)[2])
    posted_at_last(line)
    assert len(line.private_answers(line.ann)) == 1
    assert "256 MB" not in summary(line, line.ann)
    assert "7 of 7 messages read" in summary(line, line.ann)


def test_who_may_not_read_it_any_more_once_it_could_be_posted_reads_why(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.carol, line.bot))
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(talk(line, board))}")
    line.playground.faults.add("PUT /api/v4/posts/.*/patch$", status=503, times=3)
    line.settle()
    line.playground.remove_member(line.ann, board)
    line.hurry()
    line.settle()
    assert not any("messages read" in text or "**Summary**" in text for text in line.private_answers(line.ann))
    assert "You are not a member of that channel" in found(line, line.ann)
    line.mention(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    assert "256 MB" not in line.prompt()


@pytest.mark.parametrize("late", [True, False])
def test_one_that_no_worker_has_posted_for_long_is_looked_at_too(line: Line, *, late: bool) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN, WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.step("admit")
    line.step("model:tiny")
    ago = delivery.LATE + timedelta(seconds=1) if late else timedelta()
    with line.worker.database.write() as session:
        job = session.scalars(select(Job).where(Job.kind == "post")).one()
        job.created_at -= ago
    line.playground.delete(line.bob, line.playground.thread(root)[2])
    line.settle()
    assert len(line.model.history) == 1 + late
