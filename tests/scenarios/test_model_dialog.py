"""The dialogs of `/ai model`: what they show, what they save, and what nobody can have them do."""

from __future__ import annotations

import pytest

from llm.scripted import Step
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
from tests.scenarios.test_counts import calls


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large")):
        model.repeat, model.steps = True, [Step("Because.")]
    line.playground.make_channel_admin(line.carol, line.town)


def errors(answer: dict[str, object]) -> str:
    return str(answer.get("errors", answer.get("error", "")))


def test_it_shows_what_is_in_force_and_why_and_what_can_be_picked(line: Line) -> None:
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "large").decode = 50.0
    line.beat()
    dialog = opened(line, line.ann)
    assert "**tiny** answers here: the usual one." in introduction(dialog)
    assert options(dialog, "model")["large"] == "large · fast · ready"
    assert options(dialog, "model")["quotes"] == "Quotes · built in, only quotes"
    assert list(options(dialog, "for")) == ["me", "channel"]
    assert defaults(dialog)["model"] == USUAL
    line.say(line.ann, "model large")
    again = opened(line, line.ann)
    assert "**large** answers here: your choice." in introduction(again)
    assert defaults(again)["model"] == "large"


def test_what_was_picked_answers_and_it_is_said_so(line: Line) -> None:
    assert pick(line, line.ann, opened(line, line.ann), model="large") == {}
    line.settle()
    assert "From now on **large** (`large`) answers you." in str(line.told(line.ann))
    assert answered_by(line, line.ann) == "large"


def test_for_a_channel_its_admins_choose(line: Line) -> None:
    refused = pick(line, line.ann, opened(line, line.ann), model="large", **{"for": "channel"})
    assert "Only an admin of this channel can choose for it." in errors(refused)
    assert answered_by(line, line.bob) == "tiny"
    assert pick(line, line.carol, opened(line, line.carol), model="large", **{"for": "channel"}) == {}
    assert answered_by(line, line.bob) == "large"
    assert "**large** answers here: this channel's choice." in introduction(opened(line, line.bob))


def test_what_of_another_scope_nobody_has_seen_is_left_as_it_is(line: Line) -> None:
    first = opened(line, line.carol, "model --for channel")
    pick(line, line.carol, first, model="large", instructions="Be kind.")
    assert pick(line, line.carol, opened(line, line.carol), **{"for": "channel"}) == {}
    line.settle()
    assert "Nothing was changed for this channel." in line.told(line.carol)[-1]
    assert defaults(opened(line, line.carol, "model --for channel"))["instructions"] == "Be kind."
    assert answered_by(line, line.bob) == "large"


def test_as_usual_and_empty_fields_take_back_what_was_shown(line: Line) -> None:
    pick(line, line.ann, opened(line, line.ann), model="large", instructions="Be kind.")
    assert pick(line, line.ann, opened(line, line.ann), model=USUAL, instructions="") == {}
    line.settle()
    assert "Saved for you. **tiny** answers here: the usual one." in str(line.told(line.ann))
    assert answered_by(line, line.ann) == "tiny"


def test_in_a_thread_or_a_direct_message_it_can_be_for_the_conversation(line: Line) -> None:
    direct = line.direct(line.ann)
    dialog = opened(line, line.ann, "model", direct)
    assert list(options(dialog, "for")) == ["me", "conversation"]
    assert pick(line, line.ann, dialog, direct, model="large", **{"for": "conversation"}) == {}
    line.ask(line.ann, "Why?", direct)
    assert "*large · " in line.private_answers(line.ann)[-1]


def test_who_changes_only_for_whom_gives_nobody_else_one_s_own_instructions(line: Line) -> None:
    pick(line, line.carol, opened(line, line.carol), instructions="My boss is a fool.")
    assert pick(line, line.carol, opened(line, line.carol), model="large", **{"for": "channel"}) == {}
    line.settle()
    assert "The instructions that were shown are not taken along: they hold for you alone." in line.told(line.carol)[-1]
    shown = defaults(opened(line, line.ann, "model --for channel"))
    assert (shown["model"], shown["instructions"]) == ("large", "")
    assert defaults(opened(line, line.carol))["instructions"] == "My boss is a fool."


def test_other_instructions_that_are_written_there_go_where_they_are_meant_for(line: Line) -> None:
    pick(line, line.carol, opened(line, line.carol), instructions="My boss is a fool.")
    pick(line, line.carol, opened(line, line.carol), instructions="Be kind.", **{"for": "channel"})
    assert defaults(opened(line, line.ann, "model --for channel"))["instructions"] == "Be kind."


def test_what_somebody_has_changed_meanwhile_is_not_undone(line: Line) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    mine = opened(line, line.ann, "model --for channel")
    assert pick(line, line.carol, opened(line, line.carol, "model --for channel"), instructions="Be kind.") == {}
    assert "changed while it was open" in errors(pick(line, line.ann, mine, model="large"))
    shown = opened(line, line.ann, "model --for channel")
    assert (defaults(shown)["model"], defaults(shown)["instructions"]) == (USUAL, "Be kind.")
    assert pick(line, line.ann, shown, model="large") == {}
    assert answered_by(line, line.bob) == "large"


def test_more_options_neither(line: Line) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    mine = opened(line, line.ann, "model more --for channel")
    pick(line, line.carol, opened(line, line.carol, "model more --for channel"), language="de")
    assert "changed while it was open" in errors(pick(line, line.ann, mine, length="short"))


def test_what_is_in_force_is_told_with_whose_each_of_it_is(line: Line) -> None:
    pick(line, line.carol, opened(line, line.carol, "model more --for channel"), temperature="0.5", length="long")
    pick(line, line.ann, opened(line, line.ann, "model more"), language="de")
    pick(line, line.ann, opened(line, line.ann), instructions="Be kind.")
    assert (
        "Also in force: instructions (yours), temperature 0.5 (this channel's), long answers (this channel's), German (yours)."
    ) in introduction(opened(line, line.ann))


def test_where_the_model_stays_it_is_said_what_answers_and_why(line: Line) -> None:
    line.say(line.ann, "model large")
    take_away(line, "large")
    assert pick(line, line.ann, opened(line, line.ann), instructions="Be kind.") == {}
    line.settle()
    assert (
        "Saved for you. **tiny** answers here: the usual one. It stands in for `large`, which cannot be used here now."
    ) in line.told(line.ann)[-1]


# Bad values, and other people


@pytest.mark.parametrize(
    ("field", "value"), [("model", "gpt-5"), ("model", ""), ("for", "everyone"), ("for", "conversation")]
)
def test_what_was_not_offered_changes_nothing(line: Line, field: str, value: str) -> None:
    assert field in errors(pick(line, line.ann, opened(line, line.ann), **{field: value}))
    assert answered_by(line, line.ann) == "tiny"


def test_a_model_that_was_removed_in_between_is_not_offered_any_more(line: Line) -> None:
    dialog = opened(line, line.ann)
    take_away(line, "large")
    assert "model" in errors(pick(line, line.ann, dialog, model="large"))


def test_instructions_have_an_end(line: Line) -> None:
    refused = pick(line, line.ann, opened(line, line.ann), instructions="x" * 1001)
    assert "That has 1,001 characters; at most 1,000 fit." in errors(refused)


def test_it_is_submitted_once_by_who_opened_it_and_for_where_it_was_opened(line: Line) -> None:
    dialog = opened(line, line.ann)
    assert "error" in pick(line, line.bob, dialog, model="large")
    assert pick(line, line.ann, dialog, line.secret, model="large") == {}  # another channel is on screen by now
    assert "error" in pick(line, line.ann, dialog, model="large")
    assert answered_by(line, line.bob) == "tiny"


def test_a_state_of_one_s_own_making_does_nothing(line: Line) -> None:
    dialog = opened(line, line.ann)
    forged = dialog | {"dialog": dialog["dialog"] | {"state": dialog["dialog"]["state"][:-3] + "abc"}}
    assert "error" in pick(line, line.ann, forged, model="large")
    assert answered_by(line, line.ann) == "tiny"


# More options


def test_more_options_are_the_next_step_or_behind_a_button(line: Line) -> None:
    answer = line.pick(
        line.ann, opened(line, line.ann), model="large", more="true", **{"for": "me", "instructions": ""}
    )
    if line.playground.age == "5.37":
        told = line.playground.ephemerals(line.ann)[-1]
        assert "Temperature, length and language:" in told["message"]
        line.playground.click(line.ann, told, "More options")
        shown = line.playground.dialogs(line.ann)[-1]
    else:
        shown = {"dialog": answer["form"], "url": line.playground.dialogs(line.ann)[-1]["url"]}
    assert shown["dialog"]["title"] == "More options"
    assert pick(line, line.ann, shown, temperature="0.5") == {}
    line.ask(line.ann, "Why?")
    large = line.worker.registry.extra["large"]
    assert large.options[-1].temperature == 0.5  # type: ignore[attr-defined]


def test_what_they_save_is_said(line: Line) -> None:
    more = opened(line, line.ann, "model more")
    assert "How answers to questions are written, for you. Summaries that somebody asks for" in introduction(more)
    pick(line, line.ann, more, temperature="0.5", length="short", language="deutsch")
    line.settle()
    assert "Saved for you: temperature 0.5, short answers, German." in line.told(line.ann)[-1]
    pick(line, line.ann, opened(line, line.ann, "model more"), temperature=USUAL, length=USUAL, language="")
    line.settle()
    assert "Saved for you: as usual." in line.told(line.ann)[-1]


def test_the_button_is_nobody_else_s(line: Line) -> None:
    if line.playground.age != "5.37":
        return
    line.pick(line.ann, opened(line, line.ann), model="large", more="true", **{"for": "me", "instructions": ""})
    told, shown = line.playground.ephemerals(line.ann)[-1], len(line.playground.dialogs(line.bob))
    line.playground.click(line.bob, told, "More options")
    assert "More options" not in [each["dialog"]["title"] for each in line.playground.dialogs(line.bob)[shown:]]


def test_a_language_that_nobody_knows_is_said_to_be_so(line: Line) -> None:
    refused = pick(line, line.ann, opened(line, line.ann, "model more"), language="Klingon")
    assert "I do not know the language Klingon" in errors(refused)


def test_nothing_is_asked_of_mattermost_before_the_dialog_opens(line: Line) -> None:
    with calls(line) as made:
        opened(line, line.ann)
    assert made == ["POST /commands/execute", "POST /actions/dialogs/open"]  # the first is who types it
