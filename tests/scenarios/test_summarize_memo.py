"""📝 on a message: its thread is summed up for who put it there, alone and once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmapp.listen import catchup
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Gap
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, summary, talk

DONE = "8 of 8 messages read"


def noted(line: Line, who: Doc, post: Doc, emoji: str = "memo") -> None:
    """Somebody reacts, the listener hears it, and all is done."""
    line.playground.react(who, post, emoji)
    line.hear()
    line.settle()


def summaries(line: Line, who: Doc) -> int:
    return sum(DONE in text for text in line.private_answers(who))


def again(line: Line) -> None:
    """A listener is started anew, and catches up."""
    Listener(line.listener._ear).take(Gap())
    line.settle()


@pytest.mark.parametrize("place", [0, 3])
def test_on_any_message_of_a_thread_it_brings_the_thread_to_who_reacted_alone(line: Line, place: int) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    noted(line, line.ann, line.playground.thread(root)[place])
    assert DONE in summary(line, line.ann)
    assert line.answers() == []
    assert line.private_answers(line.bob) == []


def test_another_person_s_is_another_summary_and_costs_the_model_nothing(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    noted(line, line.ann, root)
    noted(line, line.bob, root)
    assert summaries(line, line.ann) == summaries(line, line.bob) == 1
    assert len(line.model.history) == 1


def test_heard_twice_by_one_or_by_two_listeners_it_is_done_once(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    noted(line, line.ann, root)
    line._heard = 0
    line.hear()
    line._heard = 0
    line.hear(Listener(line.listener._ear))
    line.settle()
    assert summaries(line, line.ann) == 1


def test_taken_back_and_put_again_it_is_done_once_for_ever(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    noted(line, line.ann, root)
    line.playground.unreact(line.ann, root, "memo")
    noted(line, line.ann, root)
    assert summaries(line, line.ann) == 1


@pytest.mark.parametrize("others", [("guide",)])
def test_of_two_bots_the_main_one_does_it(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN, WRITTEN)
    noted(line, line.ann, root)
    assert summaries(line, line.ann) == 1
    assert line.private_answers(line.ann, line.others["guide"]) == []


def test_the_bots_themselves_get_none(line: Line) -> None:
    other = line.playground.add_bot("jenkins")
    line.playground.join(other, line.town)
    root = talk(line)
    noted(line, other, root)
    noted(line, line.bot, root)
    assert line.jobs("queued") == line.jobs("done") == 0


@pytest.mark.parametrize("emoji", ["eyes", "wastebasket", "hourglass"])
def test_other_reactions_on_a_message_do_nothing(line: Line, emoji: str) -> None:
    noted(line, line.ann, talk(line), emoji)
    assert line.jobs("queued") == line.jobs("done") == 0


def test_in_a_direct_message_with_the_bot_it_is_read_as_well(line: Line) -> None:
    line.ask(line.ann, "What is a pump?", line.direct(line.ann), answer="It moves water.")
    line.model.history.clear()
    first = line.playground.posts(line.direct(line.ann))[0]
    noted(line, line.ann, first)
    assert "Nobody but me has written in that thread" in found(line, line.ann)


# Where there is nothing to do


def test_on_an_answer_of_the_bot_s_own_its_thread_is_read(line: Line) -> None:
    root = talk(line)
    line.ask(line.ann, "What happened?", root=root, answer="The checkout was down.")
    line.model.enqueue(WRITTEN)
    noted(line, line.bob, line.posts()[0])
    assert DONE in summary(line, line.bob)
    assert "The checkout was down. " not in line.prompt()


def test_on_an_answer_that_stands_alone_nobody_has_said_anything(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    line.model.history.clear()
    noted(line, line.bob, line.posts()[0])
    assert "Nobody but me has written in that thread" in found(line, line.bob)
    assert line.model.history == []


def test_a_thread_of_one_is_not_summed_up(line: Line) -> None:
    noted(line, line.bob, line.playground.post_as(line.ann, line.town, "The pump stopped."))
    assert "There is only one message to read" in found(line, line.bob)
    assert line.model.history == []


def test_a_refusal_stands_alone_since_nothing_was_typed(line: Line) -> None:
    noted(line, line.bob, line.playground.post_as(line.ann, line.town, "The pump stopped."))
    assert "/ai" not in found(line, line.bob)


def test_who_may_not_read_there_any_more_is_shown_nothing(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bob, line.carol, line.bot))
    root = talk(line, board)
    line.playground.react(line.bob, root, "memo")
    line.playground.remove_member(line.bob, board)
    line.hear()
    line.settle()
    assert line.model.history == []
    assert "You are not a member of that channel" in found(line, line.bob)


def test_a_refused_one_that_is_heard_again_is_told_once(line: Line) -> None:
    for number in range(6):
        line.say(line.ann, f"ask Question {number}?")
    root = talk(line)
    line.playground.react(line.ann, root, "memo")
    line.hear()
    line._heard = 0
    line.hear()
    line.model.enqueue(*["Because."] * 6)
    line.settle()
    line._heard = 0
    line.hear()
    line.settle()
    assert found(line, line.ann).count("questions waiting, the most one person can have") == 2  # the sixth, and this
    assert summaries(line, line.ann) == 0


def test_in_a_channel_that_is_off_a_memo_is_a_memo(listed: Line) -> None:
    noted(listed, listed.ann, talk(listed))
    assert listed.jobs("queued") == listed.jobs("done") == 0
    assert found(listed, listed.ann) == ""


def test_in_one_that_is_on_it_is_done(listed: Line) -> None:
    listed.say(listed.bob, "on")
    listed.settle()
    listed.model.enqueue(WRITTEN)
    noted(listed, listed.ann, talk(listed))
    assert DONE in summary(listed, listed.ann)


@pytest.mark.parametrize("reactions", [(), (("delete", "wastebasket"),)])
def test_where_an_administrator_has_turned_it_off_nothing_happens(
    database_url: str, age: str, tmp_path: Path, reactions: tuple[tuple[str, str], ...]
) -> None:
    with Line(database_url, tmp_path / "models", age=age, reactions=reactions) as line:
        noted(line, line.ann, talk(line))
        assert line.jobs("queued") == line.jobs("done") == 0


def test_an_administrator_chooses_another_emoji(database_url: str, age: str, tmp_path: Path) -> None:
    with Line(database_url, tmp_path / "models", age=age, reactions=(("summarize", "eyes"),)) as line:
        root = talk(line)
        noted(line, line.ann, root)
        assert line.jobs("done") == 0
        line.model.enqueue(WRITTEN)
        noted(line, line.ann, root, "eyes")
        assert DONE in summary(line, line.ann)


# After a gap


@pytest.mark.parametrize("own", [False, True])
def test_what_was_put_there_while_nobody_listened_is_done_once(line: Line, *, own: bool) -> None:
    root = talk(line)
    line.ask(line.bob, "What happened?", root=root, answer="The checkout was down.")
    line.listener.take(Gap())
    line.playground.react(line.ann, line.posts()[0] if own else root, "memo")
    line.model.enqueue(WRITTEN, WRITTEN)
    again(line)
    again(line)
    assert summaries(line, line.ann) == 1


@pytest.mark.parametrize("own", [False, True])
def test_what_was_heard_and_done_long_ago_is_not_done_again(
    line: Line, monkeypatch: pytest.MonkeyPatch, *, own: bool
) -> None:
    root = talk(line)
    line.ask(line.bob, "What happened?", root=root, answer="The checkout was down.")
    line.listener.take(Gap())
    line.model.enqueue(WRITTEN, WRITTEN)
    post = line.posts()[0] if own else root
    noted(line, line.ann, post)
    line.playground.advance(catchup.OVERLAP / 1000 + 60)
    line.playground.react(
        line.carol, post, "heart"
    )  # the post has changed, and is read again with all that hangs on it
    again(line)
    assert summaries(line, line.ann) == 1


@pytest.mark.parametrize("own", [False, True])
def test_what_was_put_there_before_the_bot_s_first_start_is_not_done(line: Line, *, own: bool) -> None:
    root = talk(line)
    line.ask(line.bob, "What happened?", root=root, answer="The checkout was down.")
    post = line.posts()[0] if own else root
    line.playground.react(line.ann, post, "memo")
    line.playground.advance(600)
    line.playground.post_as(line.carol, line.town, "Lunch?")
    line.listener.take(Gap())  # the first start
    line.playground.react(line.carol, post, "heart")
    again(line)
    assert line.private_answers(line.ann) == []


def test_also_where_nobody_has_said_anything_since(line: Line) -> None:
    root = talk(line)
    line.playground.react(line.ann, root, "memo")
    line.listener.take(Gap())  # the first start
    line.playground.react(line.carol, root, "heart")
    again(line)
    assert line.private_answers(line.ann) == []
