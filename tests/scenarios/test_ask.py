"""`/ai ask`: from a signed slash body to the final post."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from llm.scripted import Step
from mmapp.models import ModelRecord
from tests.line import Line
from tests.scenarios.switching import heard


def test_a_question_in_a_channel_is_answered_below_it(line: Line) -> None:
    line.ask(line.ann, "Why did the pump stop?", answer="It ran dry.")
    (answer,) = line.answers()
    assert answer.startswith("> **a")
    assert "Why did the pump stop?" in answer.splitlines()[0]
    assert "It ran dry." in answer
    assert line.jobs("done") == 3


def test_a_question_in_a_thread_is_answered_there_with_the_thread_as_context(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump in hall 3 stopped at 9:10.")
    line.playground.post_as(line.bob, line.town, "The filter was blocked.", root)
    line.ask(line.carol, "What was it?", root=root, answer="A blocked filter.")
    (answer,) = line.posts()
    assert answer["root_id"] == root["id"]
    assert "read 2 of 2 messages" in answer["message"]
    assert "ann (" in line.prompt()
    assert "The filter was blocked." in line.prompt()


def test_a_follow_up_continues_the_conversation(line: Line) -> None:
    line.ask(line.ann, "Why did the pump stop?", answer="It ran dry.")
    (root,) = line.posts()
    line.ask(line.bob, "And since when?", root=root, answer="Since nine.")
    roles = [turn.role for turn in line.model.history[-1].turns]
    assert roles == ["question", "answer"]
    assert line.model.history[-1].turns[1].text == "It ran dry."
    assert line.posts()[-1]["root_id"] == root["id"]


def test_the_bots_own_posts_enter_a_prompt_once_as_its_answers(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "Why?", root=root, answer="It ran dry.")
    line.playground.post_as(line.carol, line.town, "We filled it again.", root)
    line.ask(line.carol, "Is it well?", root=root, answer="Yes.")
    assert line.prompt().count("It ran dry.") == 1
    assert [turn.role for turn in line.model.history[-1].turns] == ["post", "question", "answer", "post"]


def test_a_private_question_is_answered_in_the_direct_message_and_leaves_no_trace_in_the_thread(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "--private Whose fault was it?", root=root, answer="Nobody's.")
    assert line.answers() == []
    assert "Nobody's." in line.private_answers(line.bob)[0]
    line.ask(line.carol, "Why?", root=root, answer="It ran dry.")
    assert "fault" not in line.prompt()
    assert "Nobody" not in line.prompt()


def test_a_model_can_be_named_for_this_once(line: Line) -> None:
    line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.bob, "--model quotes Why?")
    assert "quote" in line.answers()[0]
    assert line.model.history == []


def test_a_broken_off_answer_is_posted_as_far_as_it_came(line: Line) -> None:
    line.ask(line.ann, "Why?", answer=Step("It ran", reason="length"))
    assert "It ran" in line.answers()[0]
    assert "(cut off: the answer reached its limit" in line.answers()[0]


@pytest.mark.parametrize("name", ["x" * 129, "ß" * 65], ids=["longer than any name", "longer in small letters"])
def test_before_any_worker_has_listed_models_a_name_that_none_can_have_is_refused(line: Line, name: str) -> None:
    with line.worker.database.write() as session:
        session.execute(delete(ModelRecord))
    assert "There is no model" in line.say(line.ann, f"ask --model {name} Why?").text
    line.mention(line.bob, f"@ai --model {name} why?")
    assert "There is no model" in heard(line, "bob")[0]
    assert "no model" not in line.say(line.ann, f"ask --model {'x' * 128} Why?").text
