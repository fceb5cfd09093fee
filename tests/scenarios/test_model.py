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
from tests.scenarios.summaries import WRITTEN, found, talk


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
    assert "From now on **large** (`large`) answers you." in line.say(line.ann, "model large").text
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
    assert "No model was chosen for you." in line.say(line.ann, "model reset").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("model gpt-5", "There is no model `gpt-5` here."),
        ("model larg", "Did you mean `large`?"),
        ("model large --for everyone", "`--for everyone` is not known. It can be `me`, `channel` and `conversation`."),
        ("model " + "x" * 5000, "There is no model"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(line: Line, typed: str, sentence: str) -> None:
    assert sentence in line.say(line.ann, typed).text
    assert answered_by(line, line.ann) == "tiny"


def test_reset_takes_the_model_back_and_says_what_stays(line: Line) -> None:
    pick(line, line.ann, opened(line, line.ann), model="large", instructions="Be kind.")
    said = line.say(line.ann, "model reset").text
    assert "Done: no model is chosen for you any more. What else is set stays: instructions." in said
    assert "`/ai model reset all` takes it back too. **tiny** answers here: the usual one." in said
    assert defaults(opened(line, line.ann)) == {
        "model": USUAL, "for": "me", "instructions": "Be kind.", "more": "false",
    }  # fmt: skip
    assert "Done: nothing is chosen for you any more." in line.say(line.ann, "model reset all").text
    assert defaults(opened(line, line.ann))["instructions"] == ""
    assert "Nothing was chosen for you." in line.say(line.ann, "model reset all").text


def test_a_choice_is_taken_back_as_its_sentence_says(line: Line) -> None:
    direct = line.direct(line.ann)
    assert "`/ai model reset` takes that back" in line.say(line.ann, "model large", direct).text
    said = line.say(line.ann, "model other --for conversation", direct).text
    assert "`/ai model reset --for conversation` takes that back" in said
    line.say(line.ann, "model reset --for conversation", direct)
    line.ask(line.ann, "Why?", direct)
    assert "*large · " in line.private_answers(line.ann)[-1]


# By a dialog, where it is a channel's


def test_by_name_for_a_channel_the_dialog_opens_with_this_model(line: Line) -> None:
    shown = opened(line, line.ann, "model large --for channel")
    assert (defaults(shown)["model"], defaults(shown)["for"]) == ("large", "channel")
    assert "Only an admin of this channel can choose for it." in str(pick(line, line.ann, shown))
    line.playground.make_channel_admin(line.carol, line.town)
    assert pick(line, line.carol, opened(line, line.carol, "model large --for channel")) == {}
    line.settle()
    assert "answers in this channel. `/ai model --for channel` changes that." in line.told(line.carol)[-1]
    assert answered_by(line, line.bob) == "large"
    assert pick(line, line.carol, opened(line, line.carol, "model reset --for channel")) == {}
    assert answered_by(line, line.bob) == "tiny"


def test_a_message_opens_none_and_it_is_told_what_to_type(line: Line) -> None:
    line.mention(line.ann, "@ai model large --for channel")
    assert "Type `/ai model large --for channel`." in found(line, line.ann)


def test_a_direct_message_has_no_channel_and_it_is_said_for_whom_one_can_choose(line: Line) -> None:
    for channel in (line.direct(line.ann), line.playground.direct(line.ann, line.bob)):
        said = line.say(line.ann, "model large --for channel", channel).text
        assert "There is no channel here to choose for. Type `/ai model` to choose for yourself" in said
        assert "`/ai model --for conversation` for your direct message with ai" in said


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
    for typed, channel in (("Why?", None), ("--private Why?", None), ("Why?", line.direct(line.ann))):
        said = line.say(line.ann, f"ask {typed}", channel).text
        assert "The model `tiny` cannot be used: its file is incomplete." in said
    assert line.settle() == 0  # so that it counts as none of the day's either
    assert line.answers() == []


def test_what_has_one_or_a_summary_in_front_of_it_is_quoted_from(line: Line) -> None:
    root, direct = talk(line), line.direct(line.ann)
    line.model.steps = [Step(WRITTEN)]
    line.say(line.ann, f"summarize {line.playground.link(root)}", direct)
    line.settle()
    broken(line, "tiny", "large", "other")
    link = line.playground.link(root)
    for typed, channel in (("Who fixes the cache?", direct), (f"--private --thread {link} Who fixes the cache?", None)):
        line.ask(line.ann, typed, channel)
        assert "I only quote, I do not write." in line.private_answers(line.ann)[-1]
    line.mention(line.bob, "@ai who fixes the cache?", root=root)
    assert "I only quote, I do not write." in line.answers()[-1]


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


# More models than anybody reads


def many(line: Line) -> None:
    with line.worker.database.write() as session:
        facts = {"engine": "gpt4all", "size": 10**9, "decode": 10.0, "load_seconds": 0.5, "seen_at": clock(session)}
        for number in range(120):
            session.add(ModelRecord(name=f"some-model-{number:03d}", title=f"Some {number}", **facts))


def test_a_list_has_an_end_and_a_word_finds_the_rest(line: Line) -> None:
    many(line)
    said = line.say(line.ann, "model list").text
    assert "* `tiny` (answers here)" in said
    assert len(said) < 8_000
    assert "There are 84 more: `/ai model list WORD`" in said
    assert "some-model-119" not in said
    assert "some-model-119" in line.say(line.ann, "model list 119").text
    assert "No model here has `pump` in its name." in line.say(line.ann, "model list pump").text


def test_what_is_chosen_is_offered_however_many_there_are(line: Line) -> None:
    many(line)
    line.say(line.ann, "model some-model-119")
    offered = options(opened(line, line.ann), "model")
    assert offered["some-model-119"] == "Some 119 · at reading pace · needs loading"
    assert len(offered) == 101
