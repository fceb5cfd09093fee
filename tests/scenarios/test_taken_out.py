"""The bot is taken out of the place before it could post there what it has written, or its last words are refused."""

from __future__ import annotations

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import found
from tests.scenarios.test_delete import do_all, kept, refused
from tests.scenarios.test_summarize_late import PATCH, POST, SECRET
from tests.scenarios.test_untold import later
from tests.scenarios.writing import writing


def waiting(line: Line) -> Doc:
    """Ann has asked in a private channel, which takes no posts for now; the channel."""
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.model.enqueue(f"It is {SECRET}.")
    line.say(line.ann, "ask What is the code word?", channel)
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(POST, status=503, times=1)
    line.settle()
    later(line)
    return channel


def test_what_it_has_written_is_told_who_asked_alone(line: Line) -> None:
    line.playground.remove_member(line.bot, waiting(line))
    line.hurry()
    do_all(line)
    assert f"takes no posts any more. Here it is:\n\n> **ann**: What is the code word?\n\nIt is {SECRET}." in found(
        line, line.ann
    ).replace("\u200b", "")
    assert "Something went wrong" not in found(line, line.ann)


def test_of_what_its_asker_has_deleted_nothing_is_told_at_all(line: Line) -> None:
    channel = waiting(line)
    line.say(line.ann, "delete", channel)
    line.settle()
    line.playground.remove_member(line.bot, channel)
    line.hurry()
    do_all(line)
    assert SECRET not in found(line, line.ann)
    assert "Something went wrong" not in found(line, line.ann)
    assert "takes no posts any more" not in found(line, line.ann)
    assert line.jobs("failed") == 0


def test_taken_out_while_it_writes_it_tells_the_whole_answer_alone(line: Line) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    with writing(line, "It ran dry. And", "then it stopped.", channel=channel) as answer:
        answer.shows("It ran dry.", channel)
        line.playground.remove_member(line.bot, channel)
        answer.end()
    do_all(line)
    assert "It ran dry. And then it stopped." in found(line, line.ann)


def test_of_first_words_whose_rest_never_comes_nothing_is_left_under_a_stop(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    with writing(line, f"The word is {SECRET}. And", "then it stopped.", root=root) as answer:
        answer.shows(SECRET)
        line.playground.faults.add(PATCH, status=418, body=refused(418), times=99)
        answer.end()
    do_all(line)
    line.playground.faults.clear()
    assert line.answers() == []
    assert SECRET not in kept(line)
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert SECRET not in line.prompt()


def test_nor_under_a_post_that_takes_no_edits_in_a_place_that_takes_no_posts(line: Line) -> None:
    """Another was to take its place, and there was none."""
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    with writing(line, f"The word is {SECRET}. And", "then it stopped.", root=root) as answer:
        answer.shows(SECRET)
        for call in (PATCH, POST):
            line.playground.faults.add(call, status=403, body=refused(403), times=2)
        answer.end()
    do_all(line)
    assert "And then it stopped." in found(line, line.ann)
    assert line.answers() == []


def test_what_stands_there_whole_is_not_told_alone_as_well(line: Line) -> None:
    """It took another post's place, which could not be deleted before the bot was taken out."""
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    with writing(line, "It ran dry. And", "then it stopped.", channel=channel) as answer:
        answer.shows("It ran dry.", channel)
        line.playground.faults.add(PATCH, status=403, body=refused(403), times=2)
        line.playground.faults.add("DELETE /api/v4/posts/", status=503, times=3)
        answer.end_of_the_model()
        line.settle()
    line.playground.remove_member(line.bot, channel)
    line.hurry()
    do_all(line)
    assert "And then it stopped." in line.answers(channel)[-1]
    assert "And then it stopped." not in found(line, line.ann)
    assert line.jobs("queued") == line.jobs("failed") == 0
