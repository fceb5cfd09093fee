"""`@ai model …` in a message: what is a choice, and what is a question that begins with the word."""

from __future__ import annotations

import pytest

from llm.scripted import Step
from tests.line import Line
from tests.scenarios.choosing import add
from tests.scenarios.summaries import found


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]


def test_a_question_that_begins_with_the_word_is_one(line: Line) -> None:
    line.mention(line.ann, "@ai model the flow of water in hall 7")
    assert "model the flow of water in hall 7" in line.model.history[-1].question


def test_by_a_mention_it_is_told_where_a_dialog_opens(line: Line) -> None:
    line.mention(line.ann, "@ai model")
    said = [*line.told(line.ann), *line.private_answers(line.ann)]
    assert any("`/ai model`" in words for words in said)


@pytest.mark.parametrize("words", ["training", "reset pump"])
def test_what_is_no_model_s_name_is_a_question(line: Line, words: str) -> None:
    line.mention(line.ann, f"@ai model {words}")
    assert f"model {words}" in line.model.history[-1].question


@pytest.mark.parametrize("words", ["larg", "training --for me", "--for me", "list lar", "reset all"])
def test_what_is_nearly_one_or_says_for_whom_is_none(line: Line, words: str) -> None:
    line.mention(line.ann, f"@ai model {words}")
    assert line.model.history == []
    assert found(line, line.ann) != ""
