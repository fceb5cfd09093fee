"""What happens to the channel and the people in it between a question and its answer."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.switching import heard, is_inside, switch
from tests.scenarios.writing import writing

WHOLE = "It ran dry. And then it stopped."


def thread(line: Line) -> Doc:
    return line.playground.post_as(line.bob, line.town, "The pump stopped.")


def test_the_bot_is_removed_while_it_writes_and_the_asker_gets_the_whole_answer(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.", root=thread(line)) as answer:
        answer.shows("It ran dry.")
        line.playground.remove_member(line.bot, line.town, by=line.bob)
        line.hear()
        answer.end()
    assert [WHOLE in text for text in heard(line, "ann")].count(True) == 1
    assert not any("was removed" in text for text in heard(line, "ann"))


def test_the_channel_is_archived_while_it_writes_and_the_whole_answer_is_read_there(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.") as answer:
        answer.shows("It ran dry.")
        line.playground.archive(line.town, by=line.bob)
        line.hear()
        answer.end()
    assert [WHOLE in text for text in (*line.answers(), *heard(line, "ann"))].count(True) == 1


def test_the_channel_is_archived_before_it_is_written_and_the_asker_gets_the_answer(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.playground.archive(line.town, by=line.bob)
    line.hear()
    line.settle()
    assert line.answers() == []
    assert ["Because." in text for text in heard(line, "ann")].count(True) == 1


def test_the_asker_leaves_before_the_answer_is_written_and_reads_nothing_of_the_thread(line: Line) -> None:
    line.say(line.ann, f"ask --private --thread {line.playground.link(thread(line))} Why?")
    line.step("admit")
    line.playground.remove_member(line.ann, line.town)
    line.settle()
    assert line.model.history == []
    assert "not a member" in heard(line, "ann")[-1]


def test_the_asker_leaves_while_it_is_written_and_the_others_read_it_to_its_end(line: Line) -> None:
    with writing(line, "It ran dry. And", "then it stopped.", root=thread(line)) as answer:
        answer.shows("It ran dry.")
        line.playground.remove_member(line.ann, line.town)
        line.hear()
        answer.end()
    assert WHOLE in line.answers()[0]


# Rights that are lost between admission and answer


def lose(line: Line, who: Doc, what: str) -> None:
    """Somebody is no member of the town any more, or a guest in it."""
    if what == "membership":
        line.playground.remove_member(who, line.town)
    else:
        member = line.playground.server.member(line.town["id"], who["id"])
        line.playground.server.save_member({**(member or {}), "scheme_guest": True})


LOST = pytest.mark.parametrize(
    ("what", "said"), [("membership", "not a member"), ("standing", "Guests cannot ask here")]
)


@LOST
@pytest.mark.parametrize("flag", ["", "--private "])
def test_who_may_ask_no_more_when_it_would_be_answered_is_told_so_and_nobody_reads_anything(
    listed: Line, what: str, said: str, flag: str
) -> None:
    switch(listed, "bob")
    listed.say(listed.ann, f"ask {flag}Why?")
    assert listed.step("admit")
    lose(listed, listed.ann, what)
    listed.settle()
    assert said in heard(listed, "ann")[-1]
    assert f"/ai ask {flag}Why?" in heard(listed, "ann")[-1]
    assert listed.model.history == []


@pytest.mark.parametrize("place", ["the bot's", "another's", "a group with the bot", "a group"])
def test_who_has_left_every_channel_that_is_on_is_not_answered_in_direct_messages(listed: Line, place: str) -> None:
    switch(listed, "bob")
    group = (listed.ann, listed.bob, listed.bot if place.endswith("the bot") else listed.carol)
    channels = {"the bot's": listed.direct(listed.ann), "another's": listed.playground.direct(listed.ann, listed.bob)}
    channel = channels.get(place) or listed.playground.add_channel("G", "e" * 40, members=group)
    listed.say(listed.ann, "ask Why?", channel)
    assert listed.step("admit")
    lose(listed, listed.ann, "membership")
    listed.settle()
    assert any("you are in none yet" in text for text in heard(listed, "ann"))
    assert listed.model.history == []


@pytest.mark.parametrize("public", ["nobody", "admins"])
def test_what_the_bot_is_meanwhile_not_to_post_is_not_posted_and_can_be_asked_again(listed: Line, public: str) -> None:
    switch(listed, "bob")
    listed.say(listed.ann, "ask Why?")
    assert listed.step("admit")
    listed.say(listed.bob, f"on --public {public}")
    assert listed.step("admit")
    listed.settle()
    assert "does not post for you there. Ask again" in heard(listed, "ann")[-1]
    assert "/ai ask Why?" in heard(listed, "ann")[-1]
    assert (listed.answers(), listed.model.history) == ([], [])


def test_an_answer_that_the_bot_is_meanwhile_not_to_post_is_not_written_anew(listed: Line) -> None:
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", answer="Because.")
    switch(listed, "bob", "on --public nobody")
    listed.pick(listed.ann, listed.more(listed.ann), what="again")
    listed.settle()
    assert "does not post for you there" in heard(listed, "ann")[0]
    assert "stays as it is" in heard(listed, "ann")[0]
    assert len(listed.model.history) == 1


def test_a_private_answer_brings_the_bot_back_to_no_channel_that_it_was_taken_out_of(listed: Line) -> None:
    switch(listed, "bob")
    listed.model.enqueue("Because.")
    listed.say(listed.ann, "ask --private Why?")
    assert listed.step("admit")
    listed.playground.remove_member(listed.bot, listed.town, by=listed.bob)
    listed.settle()
    assert "Because." in heard(listed, "ann")[0]
    assert not is_inside(listed, listed.town)
