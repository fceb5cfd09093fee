"""`@ai …` in a channel, a thread or a direct message: the same verbs as `/ai`, and any other words are a question."""

from __future__ import annotations

import pytest

from mmapp.jobs import marks
from tests.line import Line

HOURGLASS = ("ai", marks.EMOJI)


def test_a_mention_in_a_channel_is_answered_in_a_thread_below_it(line: Line) -> None:
    post = line.mention(line.ann, "@ai why did the pump stop?", answer="It ran dry.")
    (answer,) = line.posts()
    assert answer["root_id"] == post["id"]
    assert answer["message"].startswith("It ran dry.")  # everybody has seen the question
    assert line.model.history[-1].question == "why did the pump stop?"


def test_a_mention_in_a_thread_knows_its_thread_on_every_server(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@ai why?", root=root, answer="It ran dry.")
    assert line.posts()[0]["root_id"] == root["id"]
    assert "The pump stopped." in line.prompt()


def test_the_question_s_own_post_is_no_message_beside_it_now_or_later(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.mention(line.bob, "@ai why?", root=root, answer="It ran dry.")
    line.mention(line.carol, "@ai since when?", root=root, answer="Since nine.")
    assert line.prompt().count("why?") == 1
    assert line.prompt().count("since when?") == 1
    assert "read 1 of 1 message" in line.answers()[1]


def test_a_follow_up_by_mention_and_one_by_command_share_the_conversation(line: Line) -> None:
    post = line.mention(line.ann, "@ai why did it stop?", answer="It ran dry.")
    line.ask(line.bob, "Since when?", root=post, answer="Since nine.")
    assert [turn.text for turn in line.model.history[-1].turns][-1] == "It ran dry."


def test_everything_in_a_direct_message_is_said_to_the_bot(line: Line) -> None:
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why did it stop?", direct, answer="It ran dry.")
    line.mention(line.ann, "Since when?", direct, answer="Since nine.")
    assert [text.splitlines()[0] for text in line.private_answers(line.ann)] == ["It ran dry.", "Since nine."]
    assert [turn.text for turn in line.model.history[-1].turns] == ["Why did it stop?", "It ran dry."]


def test_a_thread_in_a_direct_message_is_a_conversation_of_its_own(line: Line) -> None:
    direct = line.direct(line.ann)
    line.mention(line.ann, "Why did it stop?", direct, answer="It ran dry.")
    line.mention(line.ann, "Since when?", direct, root=line.posts(direct)[0], answer="Since nine.")
    assert line.posts(direct)[1]["root_id"] == line.posts(direct)[0]["id"]
    assert "It ran dry." in line.prompt()


def test_an_hourglass_stands_under_the_question_until_its_answer_is_there(line: Line) -> None:
    line.model.enqueue("It ran dry.")
    post = line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    line.step("admit")
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == [HOURGLASS]
    line.settle()
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == []


def test_the_hourglass_of_a_question_that_was_stopped_goes_as_well(line: Line) -> None:
    post = line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    line.step("admit")
    line.mention(line.ann, "@ai stop")
    marks.take_away(line.worker)
    assert line.playground.reactions(post) == []
    assert line.answers() == []


def test_a_mention_is_answered_without_a_word_before_it(line: Line) -> None:
    line.mention(line.ann, "@ai why?", answer="Because.")
    assert line.told(line.ann) == []
    assert line.private_answers(line.ann) == []


def test_while_no_worker_runs_who_asks_is_told_so_at_once(line: Line) -> None:
    with line.worker.database.engine.begin() as connection:
        connection.exec_driver_sql("delete from worker")
    line.playground.post_as(line.ann, line.town, "@ai why?")
    line.hear()
    (told,) = line.private_answers(line.ann)
    assert "no worker is running" in told
    line.model.enqueue("Because.")
    line.settle()
    assert line.private_answers(line.ann) == [told]  # and nothing more once one does


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@AI why?", "why?"),
        ("@ai, why?", "why?"),
        ("hey @ai, why?", "hey, why?"),
        ("Why, @ai?", "Why?"),
        ("@ai ask why?", "why?"),
        ("@ai help me with the pump", "help me with the pump"),
        ("> The pump stopped.\n\n@ai why?", "why?\n\n> The pump stopped."),
    ],
)
def test_what_is_asked_is_what_was_said_to_the_bot(line: Line, text: str, question: str) -> None:
    line.mention(line.ann, text, answer="Because.")
    assert line.model.history[-1].asked == question


@pytest.mark.parametrize("text", ["`@ai why?`", "```\n@ai why?\n```", "mail me@ai.example", "@aide why?", "AI why?"])
def test_what_is_no_mention_is_not_answered(line: Line, text: str) -> None:
    line.mention(line.ann, text)
    assert (line.model.history, line.answers(), line.jobs("failed")) == ([], [], 0)


def test_bots_webhooks_and_the_bot_itself_are_not_answered(line: Line) -> None:
    other = line.playground.add_bot("other")
    line.playground.join(other, line.town)
    line.mention(other, "@ai why?")
    line.mention(line.bot, "@ai why?")
    line.playground.post_as(line.ann, line.town, "@ai why?", props={"from_webhook": "true"})
    line.hear()
    assert line.jobs("queued") == 0


def test_a_mention_that_an_edit_adds_counts_for_ten_minutes(line: Line) -> None:
    post = line.mention(line.ann, "why?")
    line.model.enqueue("Because.")
    line.playground.advance(540)
    line.playground.edit(line.ann, post, "@ai why?")
    line.hear()
    line.settle()
    assert len(line.answers()) == 1


def test_a_mention_that_an_edit_adds_later_does_not_and_one_that_was_answered_is_not_again(line: Line) -> None:
    late = line.mention(line.ann, "why?")
    answered = line.mention(line.ann, "@ai what?", answer="That.")
    line.playground.edit(line.ann, answered, "@ai what now?")
    line.playground.advance(660)
    line.playground.edit(line.ann, late, "@ai why?")
    line.hear()
    line.settle()
    assert len(line.answers()) == 1


def test_a_question_that_is_edited_while_it_is_answered_stays_what_was_asked(line: Line) -> None:
    line.model.enqueue("Because of the valve.")
    post = line.playground.post_as(line.ann, line.town, "@ai why did it stop?")
    line.hear()
    line.step("admit")
    line.playground.edit(line.ann, post, "@ai why is it green?")
    line.hear()
    line.settle()
    assert [prompt.asked for prompt in line.model.history] == ["why did it stop?"]
    assert len(line.answers()) == 1


def test_the_verbs_that_stand_alone_work_by_mention(line: Line) -> None:
    line.mention(line.ann, "@ai help")
    (said,) = [*line.told(line.ann), *line.private_answers(line.ann)]
    assert "/ai ask" in said
    assert line.model.history == []


def test_a_verb_with_a_link_behind_it_is_that_verb_and_with_other_words_a_question(line: Line) -> None:
    line.mention(line.ann, "@ai why?", answer="Because.")
    (answer,) = line.posts()
    line.mention(line.ann, "@ai delete the old files, how?", answer="With rm.")
    assert "delete the old files, how?" in line.prompt()
    line.mention(line.ann, f"@ai delete {line.playground.link(answer)}")
    for _ in range(3):
        line.settle()
        line.hurry()
    assert ["With rm." in text for text in line.answers()] == [True]


def test_who_is_refused_hears_why(line: Line) -> None:
    line.mention(line.ann, "@ai --model nonesuch why?")
    assert any("nonesuch" in text for text in (*line.told(line.ann), *line.private_answers(line.ann)))
    assert line.answers() == []
