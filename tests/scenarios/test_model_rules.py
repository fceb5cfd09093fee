"""`/ai admin models`: which models may answer in a channel, a team or everywhere; and who may say so."""

from __future__ import annotations

import pytest

from llm.scripted import Step
from mmapp import choice
from mmapp.choice import Spot
from tests.line import Line
from tests.playground.store import Doc
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
from tests.scenarios.summaries import WRITTEN, talk, typed_in
from tests.scenarios.test_model_dialog import errors


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]
    line.playground.make_channel_admin(line.carol, line.town)


def rule(line: Line, who: Doc, whose: str = "", **changes: str) -> str:
    """Set rules by the dialog; why it stays open, if it does."""
    return errors(pick(line, who, opened(line, who, f"admin models {whose}".strip()), **changes))


def root(line: Line) -> Doc:
    """The administrator of the whole Mattermost."""
    return line.playground.change_user(line.bob, roles="system_user system_admin")


def test_what_is_blocked_does_not_answer_and_is_not_offered(line: Line) -> None:
    assert rule(line, line.carol, blocked="large") == ""
    assert "`large` may not answer here" in line.say(line.ann, "ask --model large Why?").text
    assert "`large` may not answer here" in line.say(line.ann, "model large").text
    assert "large" not in options(opened(line, line.ann), "model")
    assert "`large`: large, not measured here yet, may not answer here" in line.say(line.ann, "model list").text


def test_what_is_not_among_the_allowed_neither(line: Line) -> None:
    assert rule(line, line.carol, allowed="other, quotes") == ""
    assert answered_by(line, line.ann) == "other"
    assert list(options(opened(line, line.ann), "model")) == [USUAL, "other", "quotes"]


def test_a_default_answers_who_has_chosen_nothing(line: Line) -> None:
    assert rule(line, line.carol, default="large") == ""
    assert answered_by(line, line.ann) == "large"
    line.say(line.ann, "model other")
    assert answered_by(line, line.ann) == "other"
    assert "**large** answers here: this channel's choice." in introduction(opened(line, line.bob))


def test_one_s_own_choice_that_may_not_answer_here_is_stood_in_for(line: Line) -> None:
    line.say(line.ann, "model large")
    rule(line, line.carol, blocked="large")
    line.ask(line.ann, "Why?")
    assert "in place of large, which cannot be used here now" in line.answers()[-1]
    line.ask(line.ann, "Why?", line.direct(line.ann))
    assert "*large · " in line.private_answers(line.ann)[-1]


def test_who_changes_something_else_where_it_may_not_answer_keeps_one_s_choice(line: Line) -> None:
    line.say(line.ann, "model large")
    rule(line, line.carol, blocked="large")
    shown = opened(line, line.ann)
    assert options(shown, "model")["large"] == "large · cannot be used here now"
    assert "may not answer here" in errors(pick(line, line.ann, shown, **{"for": "channel"}))
    assert pick(line, line.ann, shown, instructions="Be kind.") == {}
    line.ask(line.ann, "Why?", line.direct(line.ann))
    assert "*large · " in line.private_answers(line.ann)[-1]


def test_who_has_chosen_none_has_none_stood_in_for(line: Line) -> None:
    rule(line, line.carol, allowed="large, other, quotes")
    assert "stands in" not in line.say(line.ann, "ask Why?").text
    line.settle()
    assert "*large · " in line.answers()[-1]
    assert "in place of" not in line.answers()[-1]
    assert "**large** answers here: the first of those that may answer here." in introduction(opened(line, line.ann))


def test_a_choice_that_may_answer_again_meanwhile_stands_in_for_nothing(line: Line) -> None:
    line.say(line.ann, "model large")
    rule(line, line.carol, blocked="large")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    rule(line, line.carol, blocked="tiny")
    line.settle()
    assert "*large · " in line.answers()[-1]
    assert "in place of" not in line.answers()[-1]


def test_a_rule_that_comes_while_it_waits_counts(line: Line) -> None:
    line.say(line.ann, "ask --model large Why?")
    line.step("admit")
    rule(line, line.carol, blocked="large")
    line.settle()
    assert "*tiny · " in line.answers()[-1]
    assert "in place of large" in line.answers()[-1]


def test_a_rule_that_comes_while_a_dialog_is_open_counts(line: Line) -> None:
    dialog = opened(line, line.ann)
    rule(line, line.carol, blocked="large")
    assert "model" in errors(pick(line, line.ann, dialog, model="large"))


def test_an_answer_is_not_written_anew_by_one_that_may_not(line: Line) -> None:
    line.ask(line.ann, "Why?")
    dialog = line.more(line.ann)
    rule(line, line.carol, blocked="large")
    assert "model" in str(line.pick(line.ann, dialog, what="with", model="large"))


def test_nor_where_the_rule_comes_when_it_was_picked(line: Line) -> None:
    line.ask(line.ann, "Why?")
    assert line.pick(line.ann, line.more(line.ann), what="with", model="large") == {}
    rule(line, line.carol, blocked="large")
    line.settle()
    assert "*tiny · " in line.answers()[-1]


def test_summaries_heed_them_too(line: Line) -> None:
    rule(line, line.carol, blocked="tiny", default="large")
    line.worker.registry.extra["large"].steps = [Step(WRITTEN)]  # type: ignore[attr-defined]
    typed_in(line, line.ann, talk(line), "summarize")
    assert "*large · " in line.private_answers(line.ann)[-1]


def test_what_a_team_forbids_its_channels_cannot_allow(line: Line) -> None:
    line.playground.make_team_admin(line.ann)
    assert rule(line, line.ann, "team", allowed="tiny large") == ""
    assert rule(line, line.carol, allowed="other large", blocked="") == ""
    assert answered_by(line, line.bob) == "large"
    assert "`other` may not answer here" in line.say(line.bob, "ask --model other Why?").text


def test_everywhere_means_direct_messages_too(line: Line) -> None:
    assert rule(line, root(line), "everywhere", blocked="large") == ""
    assert "`large` may not answer here" in line.say(line.ann, "ask --model large Why?", line.direct(line.ann)).text


def test_asking_about_a_channel_from_elsewhere_does_not_get_round_its_rules(line: Line) -> None:
    asked_about, direct = line.playground.post_as(line.bob, line.town, "The pump stopped."), line.direct(line.ann)
    rule(line, line.carol, blocked="large")
    line.ask(line.ann, f"--model large --thread {line.playground.link(asked_about)} Why?", direct)
    assert "in place of large" in line.private_answers(line.ann)[-1]
    line.ask(line.ann, "--model large What is a pump?", direct)
    assert "*large · " in line.private_answers(line.ann)[-1]


def test_nor_those_of_its_team(line: Line) -> None:
    asked_about, direct = line.playground.post_as(line.bob, line.town, "The pump stopped."), line.direct(line.ann)
    with line.worker.database.write() as session:  # a direct message belongs to no team: a mention in it names none
        team = Spot(line.carol["id"], line.town["id"], line.team["id"])
        choice.keep(session, team, choice.TEAM, blocked=["large"])
    line.mention(line.ann, f"ask --model large --thread {line.playground.link(asked_about)} Why?", direct)
    assert "in place of large" in line.private_answers(line.ann)[-1]


def test_where_none_is_left_it_is_said_what_can_be_done(line: Line) -> None:
    assert rule(line, line.carol, blocked="tiny large other quotes") == ""
    said = line.say(line.ann, "ask Why?").text
    assert "No model that may answer here can be used now." in said
    assert "`/ai admin models`" in said
    assert "/ai ask Why?" in said


def test_what_is_left_is_said_when_rules_are_saved(line: Line) -> None:
    rule(line, line.carol, blocked="tiny", default="other")
    line.settle()
    assert (
        "Saved. `large`, `other` and `quotes` may answer in this channel; whoever has chosen none is answered by **other**."
    ) in line.told(line.carol)[-1]
    rule(line, root(line), "everywhere", blocked="large other")
    rule(line, line.carol, blocked="tiny quotes", default=USUAL)
    line.settle()
    assert (
        "no model that can be used is left in this channel. Open `/ai admin models` again" in line.told(line.carol)[-1]
    )


def test_a_default_that_a_team_forbids_is_none_of_its_channels(line: Line) -> None:
    line.playground.make_team_admin(line.ann)
    rule(line, line.ann, "team", blocked="large")
    assert "the rules of the team, or of the whole Mattermost, forbid it" in rule(line, line.carol, default="large")
    assert rule(line, line.carol, default="other") == ""
    rule(line, line.ann, "team", blocked="large other")
    assert rule(line, line.carol, blocked="quotes") == ""  # what is forbidden later holds nobody up
    assert answered_by(line, line.bob) == "tiny"


def test_a_model_that_is_away_keeps_its_rules_whatever_else_is_changed(line: Line) -> None:
    rule(line, line.carol, blocked="large", default="other")
    for name in ("large", "other"):
        take_away(line, name)
    shown = opened(line, line.carol, "admin models")
    assert "Not here now, but named below: `large` and `other`." in introduction(shown)
    assert options(shown, "default")["other"] == "other · cannot be used here now"
    assert errors(pick(line, line.carol, shown, allowed="tiny\nother")) == ""
    for model in add(line, "large", "other"):
        model.repeat, model.steps = True, [Step("Because.")]
    assert "`large` may not answer here" in line.say(line.bob, "ask --model large Why?").text
    assert answered_by(line, line.bob) == "other"


def test_what_another_admin_has_changed_meanwhile_is_not_undone(line: Line) -> None:
    mine = opened(line, line.carol, "admin models")
    line.playground.make_team_admin(line.ann)
    assert rule(line, line.ann, blocked="large") == ""
    assert "changed while it was open" in errors(pick(line, line.carol, mine, default="other"))
    assert "`large` may not answer here" in line.say(line.bob, "ask --model large Why?").text


def test_where_the_bot_is_not_an_admin_of_the_team_rules_all_the_same(line: Line) -> None:
    line.playground.make_channel_admin(line.carol, line.secret)
    dialog = opened(line, line.carol, "admin models", line.secret)
    refused = errors(pick(line, line.carol, dialog, line.secret, blocked="large"))
    assert "ai is not in this channel, so it cannot see whether you may do that" in refused
    assert "/invite @ai" in refused
    line.playground.make_team_admin(line.ann)
    dialog = opened(line, line.ann, "admin models", line.secret)
    assert pick(line, line.ann, dialog, line.secret, blocked="large") == {}
    dialog = opened(line, line.ann, "model --for channel", line.secret)
    assert pick(line, line.ann, dialog, line.secret, model="other") == {}


def test_a_long_list_of_names_is_cut(line: Line) -> None:
    add(line, *(f"some-model-{number:03d}" for number in range(60)))
    assert "44 more (`/ai model list` has them)" in introduction(opened(line, line.carol, "admin models"))


@pytest.mark.parametrize("whose", ["", "team", "everywhere"])
def test_who_is_no_admin_sets_nothing(line: Line, whose: str) -> None:
    assert "Nothing was changed." in rule(line, line.ann, whose, blocked="large")
    assert answered_by(line, line.ann, "--model large Why?") == "large"


@pytest.mark.parametrize("whose", ["team", "everywhere"])
def test_an_admin_of_a_channel_rules_over_no_more_than_it(line: Line, whose: str) -> None:
    assert "Nothing was changed." in rule(line, line.carol, whose, blocked="large")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"allowed": "gpt-5"}, "There is no model gpt-5 here."),
        ({"blocked": "larg"}, "Did you mean large?"),
        ({"allowed": "large", "blocked": "large"}, "large is allowed and blocked."),
        ({"allowed": "large", "default": "tiny"}, "The default may not answer by these rules."),
        ({"default": "gpt-5"}, "default"),
        ({"allowed": " ".join(f"m{number}" for number in range(60))}, "At most 50 names fit."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    line: Line, values: dict[str, str], sentence: str
) -> None:
    assert sentence in rule(line, line.carol, **values)
    assert defaults(opened(line, line.carol, "admin models")) == {"allowed": "", "blocked": "", "default": USUAL}


def test_what_is_set_is_shown_again_and_can_be_taken_back(line: Line) -> None:
    rule(line, line.carol, allowed="large\ntiny", default="large")
    shown = defaults(opened(line, line.carol, "admin models"))
    assert shown == {"allowed": "large\ntiny", "blocked": "", "default": "large"}
    rule(line, line.carol, allowed="", default=USUAL)
    assert answered_by(line, line.ann, "--model other Why?") == "other"


@pytest.mark.parametrize("typed", ["admin", "admin users", "admin models nowhere"])
def test_it_says_how_it_is_typed(line: Line, typed: str) -> None:
    assert "`/ai admin models team` in this team" in line.say(line.ann, typed).text


def test_a_direct_message_has_no_channel_to_rule(line: Line) -> None:
    assert "There is no channel here." in line.say(line.ann, "admin models", line.direct(line.ann)).text


def test_resetting_one_s_choice_for_a_channel_keeps_its_rules(line: Line) -> None:
    rule(line, line.carol, blocked="other", default="large")
    pick(line, line.carol, opened(line, line.carol, "model --for channel"), model=USUAL)
    assert answered_by(line, line.ann) == "tiny"
    assert "`other` may not answer here" in line.say(line.ann, "ask --model other Why?").text
