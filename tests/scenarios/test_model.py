"""`/ai model`: which models there are, and which one answers whom."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from llm.base import ModelBroken, NotApproved
from llm.scripted import Step
from mmapp.db import clock
from mmapp.models import ModelRecord
from tests.line import Line
from tests.scenarios.choosing import (
    USUAL,
    add,
    answered_by,
    defaults,
    introduction,
    opened,
    options,
    pick,
    take_away,
)
from tests.scenarios.summaries import found


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    """Three that write, and the built-in one; `tiny` is the default."""
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]


# What there is


def test_the_list_says_what_each_is_and_which_answers_here(line: Line) -> None:
    with line.worker.database.write() as session:
        facts = {"size": 770_000_000, "quantisation": "Q4_0", "n_ctx": 8192, "licence": "Apache-2.0", "decode": 55.4}
        session.execute(update(ModelRecord).where(ModelRecord.name == "large").values(**facts, load_seconds=12.0))
    line.say(line.bob, "ask --model large Why?")
    line.beat()
    said = line.say(line.ann, "model list").text
    assert "`tiny` (answers here): tiny, not measured here yet, ready" in said
    assert (
        "`large`: large, 770 MB, Q4 0, reads 8,192 tokens, Apache-2.0, 55 tokens/s here, 1 waiting, ready"
        in said.replace("_", " ")
    )
    assert "`quotes`: Quotes, built in, only quotes" in said


def test_info_tells_all_of_one(line: Line) -> None:
    with line.worker.database.write() as session:
        facts = {
            "good_for": "short answers",
            "prefill": 210.0,
            "decode": 50.0,
            "load_seconds": 2.5,
            "memory": 1_200_000_000,
        }
        session.execute(update(ModelRecord).where(ModelRecord.name == "large").values(facts))
    said = line.say(line.ann, "model info LARGE").text
    for words in ("short answers", "reads 210 and writes 50 tokens a second, loads in 2.5 s", "about 1.2 GB"):
        assert words in said
    assert "There is no model `larg` here. Did you mean `large`?" in line.say(line.ann, "model info larg").text
    assert "`/ai model list` has the names" in line.say(line.ann, "model info").text


# For oneself


def test_a_name_makes_it_the_model_of_who_typed_it_and_nobody_else_s(line: Line) -> None:
    assert "From now on **large** (`large`) answers for me." in line.say(line.ann, "model large").text
    assert answered_by(line, line.ann) == "large"
    assert answered_by(line, line.bob) == "tiny"


def test_this_once_is_nearer_than_one_s_choice(line: Line) -> None:
    line.say(line.ann, "model large")
    assert answered_by(line, line.ann, "--model other Why?") == "other"
    assert answered_by(line, line.ann) == "large"


def test_reset_takes_it_back(line: Line) -> None:
    line.say(line.ann, "model large")
    assert "**tiny** answers here: the usual one" in line.say(line.ann, "model reset").text
    assert answered_by(line, line.ann) == "tiny"
    assert "Nothing was chosen for me." in line.say(line.ann, "model reset").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("model gpt-5", "There is no model `gpt-5` here."),
        ("model larg", "Did you mean `large`?"),
        ("model large --for everyone", "`--for everyone` is not known. It can be `me`, `channel` and `conversation`."),
        ("model large --for channel", "its admins choose in a dialog"),
        ("model reset --for channel", "its admins choose in a dialog"),
        ("model " + "x" * 5000, "There is no model"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(line: Line, typed: str, sentence: str) -> None:
    assert sentence in line.say(line.ann, typed).text
    assert answered_by(line, line.ann) == "tiny"


# One that is gone, or fails


def test_one_that_vanished_falls_back_to_the_next_and_the_answer_says_so(line: Line) -> None:
    line.say(line.ann, "model large")
    take_away(line, "large")
    line.say(line.bob, "ask Why?")
    assert "`large` cannot be used here now, so another model stands in." in line.say(line.ann, "ask Why?").text
    line.settle()
    assert "*tiny · " in line.answers()[-1]
    assert "in place of large, which cannot be used here now" in line.answers()[-1]


def test_also_one_that_vanishes_while_it_is_waited_for(line: Line) -> None:
    line.say(line.ann, "ask --model large Why?")
    line.step("admit")
    take_away(line, "large")
    line.settle()
    assert "*tiny · " in line.answers()[-1]
    assert "in place of large" in line.answers()[-1]


def test_and_one_that_cannot_be_loaded(line: Line) -> None:
    large = line.worker.registry.extra["large"]
    large.steps = [Step(error=ModelBroken("x"))]  # type: ignore[attr-defined]
    line.ask(line.ann, "--model large Why?")
    line.hurry()
    line.settle()
    assert "in place of large" in line.answers()[-1]
    assert line.jobs("failed") == 0


def test_or_is_approved_no_more(line: Line) -> None:
    line.worker.registry.extra["large"].steps = [Step(error=NotApproved("x"))]  # type: ignore[attr-defined]
    line.ask(line.ann, "--model large Why?")
    assert "in place of large" in line.answers()[-1]


def broken(line: Line, *names: str) -> None:
    """Files that were not copied to their ends."""
    with line.worker.database.write() as session:
        fault = "the file is truncated: 3 of 5 MB"
        session.execute(update(ModelRecord).where(ModelRecord.name.in_(names)).values(fault=fault))


def test_what_is_wrong_with_one_is_told_of_it(line: Line) -> None:
    broken(line, "large")
    assert "**Cannot be used:** its file is incomplete" in line.say(line.ann, "model info large").text
    assert "`large`: large, not measured here yet – cannot be used: `its file is incomplete`" in (
        line.say(line.ann, "model list").text
    )


def test_where_only_the_one_that_quotes_is_left_it_answers_nothing_that_has_no_thread(line: Line) -> None:
    broken(line, "tiny", "large", "other")
    assert "No model that may answer here can be used now." in introduction(opened(line, line.ann))
    line.ask(line.ann, "Why?")
    assert "The model `tiny` cannot be used: its file is incomplete." in found(line, line.ann)
    assert line.answers() == []


def test_written_anew_it_is_by_the_model_that_has_answered(line: Line) -> None:
    line.say(line.ann, "ask --model large Why?")
    line.step("admit")
    take_away(line, "large")
    line.settle()
    line.model.steps = [Step("Because of the valve.")]
    line.pick(line.ann, line.more(line.ann), what="again")
    line.settle()
    assert "Because of the valve." in line.answers()[-1]
    assert "in place of" not in line.answers()[-1]


def test_where_nothing_else_writes_and_nothing_can_be_quoted_it_is_said_what_is_wrong(line: Line) -> None:
    for name in ("large", "other"):
        take_away(line, name)
    line.model.steps = [Step(error=ModelBroken("x"))]
    for _ in range(2):
        line.ask(line.ann, "Why?")
        line.hurry()
        line.settle()
    assert line.answers() == []
    assert "tried again in 10 minutes" in line.told(line.ann)[-1]


def test_what_is_written_anew_by_one_that_vanished_stays_as_it_was(line: Line) -> None:
    line.ask(line.ann, "Why?")
    dialog = line.more(line.ann)
    assert line.pick(line.ann, dialog, what="with", model="large") == {}
    take_away(line, "large")
    line.settle()
    assert "Because." in line.answers()[-1]
    assert "*tiny · " in line.answers()[-1]


# By a mention


def test_a_question_that_begins_with_the_word_is_one(line: Line) -> None:
    line.mention(line.ann, "@ai model the flow of water in hall 7")
    assert "model the flow of water in hall 7" in line.model.history[-1].question


def test_by_a_mention_it_is_told_where_a_dialog_opens(line: Line) -> None:
    line.mention(line.ann, "@ai model")
    said = [*line.told(line.ann), *line.private_answers(line.ann)]
    assert any("`/ai model`" in words for words in said)
