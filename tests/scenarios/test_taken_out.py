"""The bot is taken out of the place before it could post there what it has written, or its last words are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mmapp.jobs import stream
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.switching import is_inside
from tests.scenarios.test_delete import do_all, kept, refused
from tests.scenarios.test_share import private_answer, share
from tests.scenarios.test_summarize_late import PATCH, POST, READ, SECRET
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


def posted_and_taken_out(line: Line, monkeypatch: pytest.MonkeyPatch, channel: Doc) -> None:
    """The bot is taken out as soon as its last post is made, or its last edit, and before it reads that back."""
    for name in ("create_post", "patch_post"):
        send = getattr(line.worker.client, name)

        def and_out(*args: Any, send: Callable[..., Any] = send, **kwargs: Any) -> object:
            sent = send(*args, **kwargs)
            line.playground.remove_member(line.bot, channel)
            return sent

        monkeypatch.setattr(line.worker.client, name, and_out)


def test_taken_out_before_it_reads_its_post_back_it_has_answered(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.model.enqueue("It ran dry.")
    line.say(line.ann, "ask Why?", channel)
    while line.step("admit", "model:tiny"):
        pass
    posted_and_taken_out(line, monkeypatch, channel)
    do_all(line)
    assert "It ran dry." in line.answers(channel)[0]
    assert "Something went wrong" not in found(line, line.ann)
    assert line.jobs("failed") == 0


def test_nor_is_it_told_again_where_that_could_not_be_read_for_a_while(line: Line) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.playground.faults.add(READ, status=503, times=3)
    line.ask(line.ann, "Why?", channel, answer="It ran dry.")
    line.playground.remove_member(line.bot, channel)
    do_all(line)
    assert "It ran dry." in line.answers(channel)[0]
    assert "takes no posts any more" not in found(line, line.ann)


def test_what_was_written_anew_there_is_the_answer(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.ask(line.ann, "Why?", channel, answer="It ran dry.")
    line.model.enqueue("The valve was stuck.")
    line.pick(line.ann, line.more(line.ann, line.posts(channel)[0]), channel, what="again")
    while line.step("admit", "model:tiny"):
        pass
    posted_and_taken_out(line, monkeypatch, channel)
    do_all(line)
    assert "The valve was stuck." in line.answers(channel)[0]
    assert "The valve was stuck." in kept(line)
    assert "stays as it is" not in found(line, line.ann)


def test_nor_does_the_old_one_come_back_where_the_new_one_could_not_be_read_for_a_while(line: Line) -> None:
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.ask(line.ann, "Why?", channel, answer="It ran dry.")
    line.model.enqueue("The valve was stuck.")
    line.pick(line.ann, line.more(line.ann, line.posts(channel)[0]), channel, what="again")
    line.playground.faults.add(READ, status=503, times=3)
    line.settle()
    line.playground.remove_member(line.bot, channel)
    line.hurry()
    do_all(line)
    assert "The valve was stuck." in line.answers(channel)[0]
    assert "The valve was stuck." in kept(line)
    assert "stays as it is" not in found(line, line.ann)


def test_who_has_deleted_what_is_still_written_hears_nothing_more_of_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    channel = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.bot))
    line.playground.faults.add(POST, drop="after")
    with writing(line, f"It is {SECRET}. And", "it is nothing else.", channel=channel) as answer:
        answer.shows(SECRET, channel)
        line.playground.remove_member(line.bot, channel)
        line.say(line.ann, "delete", channel)
        answer.lane.join(30)  # the model has stopped
    line.step("notify")  # before anybody comes to delete it
    line.step("notify")
    assert "Something went wrong" not in found(line, line.ann)
    do_all(line)
    assert SECRET not in kept(line)


# Who took it out of a public channel wants it out: only somebody who asks there now has it come back


def to_be_posted(line: Line) -> None:
    """A public summary of a thread is written, and waits for its post."""
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(talk(line))}")
    while line.step("admit", "model:tiny"):
        pass


def late(line: Line) -> None:
    """Mattermost takes no posts for now."""
    to_be_posted(line)
    line.playground.faults.add(POST, status=503, times=1)
    line.settle()


def told_elsewhere(line: Line) -> None:
    """It may be posted nowhere, and so is told Ann alone."""
    to_be_posted(line)
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.step("post")


def admitted(line: Line) -> None:
    """It is still to be written."""
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize --public {line.playground.link(talk(line))}")
    line.step("admit")


@pytest.mark.parametrize("comes_to_be", [admitted, late, told_elsewhere])
def test_for_a_summary_it_does_not_come_back(line: Line, comes_to_be: Callable[[Line], None]) -> None:
    comes_to_be(line)
    line.playground.remove_member(line.bot, line.town)
    do_all(line)
    assert not is_inside(line, line.town)
    assert line.answers() == []
    assert "a memory limit was the cause" in found(line, line.ann)  # she is a reader of it still


def test_nor_for_all_of_the_channel_though_on_5_37_only_members_read_that(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --public")
    line.step("admit")
    line.playground.remove_member(line.bot, line.town)
    do_all(line)
    assert not is_inside(line, line.town)
    told = "ai cannot look into that channel any more" if line.playground.age == "5.37" else "a memory limit"
    assert told in found(line, line.ann)


def test_nor_for_a_question(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.model.enqueue("It ran dry.")
    line.say(line.ann, "ask Why?", root=root)
    line.step("admit")
    line.playground.remove_member(line.bot, line.town)
    do_all(line)
    assert not is_inside(line, line.town)
    assert line.answers() == []


def test_nor_for_what_was_to_be_shared_there(line: Line) -> None:
    post = private_answer(line)
    line.playground.faults.add(POST, status=503, times=1)
    share(line, post, line.town)
    line.playground.remove_member(line.bot, line.town)
    do_all(line)
    assert not is_inside(line, line.town)
    assert "It was not shared: " in found(line, line.ann)


def test_who_shares_there_now_has_it_come(line: Line) -> None:
    post = private_answer(line)
    line.playground.remove_member(line.bot, line.town)
    share(line, post, line.town)
    assert is_inside(line, line.town)
    assert "Because of the valve." in line.answers()[0]


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
