"""Several bots in one installation: each hears, answers and is stopped as itself, and none is taken for a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from mmapp.jobs import marks, stream, typing
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Gap
from mmapp.models import Message, ModelRecord
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.test_delete import SECRET, do_all, kept
from tests.scenarios.test_share import private_answer, pump, share
from tests.scenarios.writing import writing

BOTH = "@ai @guide why did the pump stop?"


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


def first_lines(texts: list[str]) -> list[str]:
    return [text.splitlines()[0] for text in texts]


def begin_anew(line: Line) -> None:
    """Every listener is started again, and catches up."""
    for ear in [listener._ear for listener in line.listeners.values()]:
        Listener(ear).take(Gap())


# Being asked


def test_two_bots_in_one_message_both_answer_once_each_as_itself(line: Line, guide: Doc) -> None:
    line.model.enqueue("It ran dry.", "Its filter was blocked.")
    post = line.mention(line.ann, BOTH)
    said = {bot["username"]: first_lines(line.answers(bot=bot)) for bot in (line.bot, guide)}
    assert sorted(said.values()) == [["It ran dry."], ["Its filter was blocked."]]
    assert {one["root_id"] for bot in (line.bot, guide) for one in line.posts(bot=bot)} == {post["id"]}
    assert [prompt.asked for prompt in line.model.history] == ["why did the pump stop?"] * 2
    with line.worker.database.read() as session:
        authors = session.execute(select(Message.person_id, Message.person_name).where(Message.role == "answer"))
        assert {tuple(author) for author in authors} == {(bot["id"], bot["username"]) for bot in (line.bot, guide)}


def test_the_model_is_told_which_bot_it_answers_for(line: Line, guide: Doc) -> None:
    line.mention(line.ann, "@guide why?", answer="Because.")
    assert line.model.history[-1].system.startswith("You are guide,")
    assert first_lines(line.answers(bot=guide)) == ["Because."]
    assert line.answers() == []


def test_the_command_is_the_main_bot_s(line: Line, guide: Doc) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    assert len(line.answers()) == 1
    assert line.answers(bot=guide) == []


def test_a_direct_message_is_answered_by_the_bot_that_it_is_with(line: Line, guide: Doc) -> None:
    line.mention(line.ann, "Why did it stop?", line.direct(line.ann, guide), answer="It ran dry.")
    line.mention(line.ann, "@ai, and since when?", line.direct(line.ann, guide), answer="Since nine.")
    assert first_lines(line.private_answers(line.ann, guide)) == ["It ran dry.", "Since nine."]
    assert line.private_answers(line.ann) == []
    assert [turn.text for turn in line.model.history[-1].turns] == ["Why did it stop?", "It ran dry."]


def test_a_bot_that_an_edit_adds_answers_and_the_other_not_again(line: Line, guide: Doc) -> None:
    post = line.mention(line.ann, "@ai why?", answer="It ran dry.")
    line.model.enqueue("Its filter was blocked.")
    line.playground.edit(line.ann, post, "@ai @guide why?")
    line.hear()
    line.settle()
    assert (len(line.answers()), len(line.answers(bot=guide))) == (1, 1)


def test_two_listeners_and_a_gap_make_no_second_answer(line: Line, guide: Doc) -> None:
    begin_anew(line)
    line.model.enqueue("It ran dry.", "Its filter was blocked.")
    line.playground.post_as(line.ann, line.town, BOTH)
    begin_anew(line)
    line.hear()
    begin_anew(line)
    line.settle()
    assert (len(line.answers()), len(line.answers(bot=guide))) == (1, 1)
    assert line.jobs("failed") == 0


def test_each_bot_catches_up_from_where_it_has_come_itself(line: Line, guide: Doc) -> None:
    begin_anew(line)
    line.playground.post_as(line.ann, line.town, BOTH)
    line.hear(line.listener)  # the other one's is away
    line.playground.advance(300)
    line.playground.post_as(line.bob, line.town, "hm")
    line.hear(line.listener)
    line.listener._remember()
    line.model.enqueue("It ran dry.", "Its filter was blocked.")
    begin_anew(line)
    line.settle()
    assert (len(line.answers()), len(line.answers(bot=guide))) == (1, 1)


@pytest.mark.parametrize("known_as_bot", [True, False])
def test_what_one_bot_says_to_another_is_nobody_s_question(line: Line, guide: Doc, *, known_as_bot: bool) -> None:
    line.playground.change_user(guide, is_bot=known_as_bot)
    line.playground.change_user(line.bot, is_bot=known_as_bot)
    line.mention(guide, "@ai why?")
    line.mention(line.bot, "@guide why?", line.playground.direct(line.bot, guide))
    assert line.model.history == []
    assert line.jobs("queued") == 0


def test_who_is_refused_hears_it_from_the_bot_that_was_asked(line: Line, guide: Doc) -> None:
    line.playground.grant_ephemerals("guide")
    line.mention(line.ann, "@guide --model nonesuch why?")
    told = [*line.playground.ephemerals(line.ann), *line.posts(line.direct(line.ann, guide), guide)]
    assert [("nonesuch" in post["message"], post["user_id"]) for post in told] == [(True, guide["id"])]


def test_one_bot_without_the_right_to_notices_costs_the_other_none(line: Line, guide: Doc) -> None:
    line.playground.grant_ephemerals("ai")
    for text in ("@guide --model nonesuch why?", "@ai --model nonesuch why?"):
        line.mention(line.ann, text)
    assert len(line.private_answers(line.ann, guide)) == 1
    assert [post["user_id"] for post in line.playground.ephemerals(line.ann)] == [line.bot["id"]]


# Conversations


def test_what_one_bot_posted_is_an_ordinary_post_of_its_author_for_the_other(line: Line, guide: Doc) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@guide why?", root=root, answer="It ran dry.")
    line.mention(line.bob, "@ai is that so?", root=root, answer="Yes.")
    turns = line.model.history[-1].turns
    assert [turn.role for turn in turns] == ["post"] * 3
    assert (turns[-1].author, turns[-1].said.splitlines()[0]) == ("guide", "It ran dry.")


def test_under_another_bot_s_answer_a_bot_begins_a_conversation_of_its_own(line: Line, guide: Doc) -> None:
    line.ask(line.ann, "Why did it stop?", answer="It ran dry.")
    answer = line.posts()[0]
    line.mention(line.bob, "@guide is that so?", root=answer, answer="Yes.")
    assert [turn.role for turn in line.model.history[-1].turns] == ["post"]
    line.mention(line.bob, "@ai since when?", root=answer, answer="Since nine.")
    assert [turn.role for turn in line.model.history[-1].turns][:2] == ["question", "answer"]


def test_a_thread_that_only_another_bot_was_asked_about_is_still_to_be_read(line: Line, guide: Doc) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@guide why?", root=root, answer="It ran dry.")
    with line.worker.database.write() as session:
        session.execute(update(ModelRecord).values(prefill=10.0, decode=10.0, answer_tokens=150.0))
    line.model.enqueue("It ran dry.")
    first = line.say(line.ann, "ask Why?", root=root)
    assert "about 2 minutes" in first.text  # 1,000 tokens of a thread that are read, and 150 that are written
    line.settle()
    assert "about 2 minutes" not in line.say(line.ann, "ask Since when?", root=root).text


# While an answer is waited for


def test_each_bot_sets_its_own_hourglass_and_takes_it_away(line: Line, guide: Doc) -> None:
    post = line.playground.post_as(line.ann, line.town, BOTH)
    line.hear()
    while line.step("admit"):
        pass
    both = {("ai", marks.EMOJI), ("guide", marks.EMOJI)}
    assert set(line.playground.reactions(post)) == both
    for name, left in (("guide", [("ai", marks.EMOJI)]), ("ai", [])):
        line.playground.post_as(line.ann, line.town, f"@{name} stop")
        line.hear()
        marks.take_away(line.worker)
        assert line.playground.reactions(post) == left


def test_each_bot_is_seen_typing_where_its_answer_is_waited_for(line: Line, guide: Doc) -> None:
    line.playground.post_as(line.ann, line.town, BOTH)
    line.hear()
    while line.step("admit"):
        pass
    typing.announce(line.worker)
    assert {seen["user_id"] for seen in line.playground.typing_events()} == {line.bot["id"], guide["id"]}


# Stop and delete


def test_the_command_stops_the_newest_whichever_bot_works_at_it(line: Line, guide: Doc) -> None:
    line.playground.post_as(line.ann, line.town, "@ai first?")
    line.playground.post_as(line.ann, line.town, "@guide second?")
    line.hear()
    assert "one more open question" in line.say(line.ann, "stop").text
    line.model.enqueue("The first.")
    line.settle()
    assert (len(line.answers()), line.answers(bot=guide)) == (1, [])


def test_a_bot_that_is_told_to_stop_stops_its_own_answer(line: Line, guide: Doc) -> None:
    line.playground.post_as(line.ann, line.town, "@guide first?")
    line.playground.post_as(line.ann, line.town, "@ai second?")
    line.playground.post_as(line.ann, line.town, "@guide stop")
    line.hear()
    line.model.enqueue("The second.")
    line.settle()
    assert (len(line.answers()), line.answers(bot=guide)) == (1, [])


def test_the_stop_button_of_any_bot_s_answer_stops_that_one(
    line: Line, guide: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    with writing(line, "It ran dry. And", "more of it.", command="why?", bot=guide) as answer:
        line.playground.click(line.ann, answer.shows("It ran dry."), "Stop")
        answer.end()
    assert ["(stopped)" in text for text in line.answers(bot=guide)] == [True]


def test_an_admin_of_a_channel_that_only_the_other_bot_is_in_can_stop_its_answers(
    line: Line, guide: Doc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    line.playground.join(guide, line.secret)
    line.playground.make_channel_admin(line.carol, line.secret)
    parts = ("It ran dry. And", "more of it.")
    with writing(line, *parts, command="why?", bot=guide, channel=line.secret) as answer:
        line.playground.click(line.carol, answer.shows("It ran dry.", line.secret), "Stop")
        answer.end()
    assert ["(stopped)" in text for text in line.answers(line.secret, guide)] == [True]


def test_an_answer_of_any_bot_is_deleted_by_its_link_and_by_that_bot(line: Line, guide: Doc) -> None:
    line.mention(line.ann, f"@guide is it {SECRET}?", answer=f"It is {SECRET}.")
    line.say(line.ann, f"delete {line.playground.link(line.posts(bot=guide)[0])}")
    do_all(line)
    assert line.posts(bot=guide) == []
    assert SECRET not in kept(line)


def test_a_bot_that_is_told_to_delete_deletes_its_own_newest_answer(line: Line, guide: Doc) -> None:
    line.mention(line.ann, "@guide why?", answer="It ran dry.")
    line.mention(line.ann, "@ai why?", answer="Its filter was blocked.")
    line.mention(line.ann, "@guide delete")
    do_all(line)
    assert (len(line.answers()), line.answers(bot=guide)) == (1, [])


@pytest.mark.parametrize("how", ["wastebasket", "link"])
def test_a_question_to_two_bots_is_deleted_with_both_answers(line: Line, guide: Doc, how: str) -> None:
    line.model.enqueue(f"It is {SECRET}.", f"I say {SECRET} too.")
    post = line.mention(line.ann, BOTH)
    if how == "link":
        line.say(line.ann, f"delete {line.playground.link(post)}")
    else:
        line.playground.react(line.ann, post, "wastebasket")
        line.hear()
    do_all(line)
    assert line.posts() == line.posts(bot=guide) == []
    assert SECRET not in kept(line)


def test_a_thread_deleted_in_mattermost_takes_what_every_bot_was_asked_in_it_once(line: Line, guide: Doc) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.model.enqueue(f"It is {SECRET}.", f"I say {SECRET} too.")
    line.mention(line.ann, BOTH, root=root)
    line.playground.delete(line.ann, root)
    done = line.jobs("done")
    line.hear()
    do_all(line)
    assert SECRET not in kept(line)
    assert line.jobs("done") == done + 2  # however many bots have heard of it


# Sharing


def test_in_a_channel_that_another_bot_of_ours_is_in_as_well_a_private_answer_can_be_shared(
    line: Line, guide: Doc
) -> None:
    people = (line.ann, line.bob, line.bot)
    source = line.playground.add_channel("P", "source", members=people)
    few = line.playground.add_channel("P", "few", members=(*people, guide))
    answer = private_answer(line, source, root=pump(line, source))
    share(line, answer, few)
    assert "Because of the valve." in line.answers(few)[0]
