"""Which model answers who has chosen none: a channel's, a team's, everybody's, the installation's, in this order."""

from __future__ import annotations

import pytest

from llm.scripted import Step
from tests.line import Line
from tests.scenarios.choosing import USUAL, add, answered_by, introduction, opened, take_away
from tests.scenarios.test_model_rules import root, rule


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other", "fourth")):
        model.repeat, model.steps = True, [Step("Because.")]
    line.playground.make_channel_admin(line.carol, line.town)
    line.playground.make_team_admin(line.carol)


def in_force(line: Line) -> str:
    return introduction(opened(line, line.ann)).partition("\n")[0]


def test_the_nearest_one_counts(line: Line) -> None:
    assert (answered_by(line, line.ann), in_force(line)) == ("tiny", "**tiny** answers here: the usual one.")
    assert rule(line, root(line), "everywhere", default="large") == ""
    assert (answered_by(line, line.ann), in_force(line)) == (
        "large", "**large** answers here: the default for all teams.",
    )  # fmt: skip
    assert rule(line, line.carol, "team", default="other") == ""
    assert (answered_by(line, line.ann), in_force(line)) == ("other", "**other** answers here: this team's default.")
    assert rule(line, line.carol, default="fourth") == ""
    assert (answered_by(line, line.ann), in_force(line)) == (
        "fourth", "**fourth** answers here: this channel's choice.",
    )  # fmt: skip
    line.say(line.ann, "model tiny")
    assert (answered_by(line, line.ann), in_force(line)) == ("tiny", "**tiny** answers here: your choice.")


def test_one_that_is_taken_back_leaves_it_to_the_next(line: Line) -> None:
    rule(line, root(line), "everywhere", default="large")
    rule(line, line.carol, "team", default="other")
    rule(line, line.carol, default="fourth")
    rule(line, line.carol, default=USUAL)
    assert answered_by(line, line.ann) == "other"
    rule(line, line.carol, "team", default=USUAL)
    assert answered_by(line, line.ann) == "large"


def test_in_a_direct_message_everybody_s_counts(line: Line) -> None:
    rule(line, root(line), "everywhere", default="large")
    line.mention(line.ann, "Why?", line.direct(line.ann))
    assert "*large · " in line.private_answers(line.ann)[-1]


@pytest.mark.parametrize("whose", ["team", "everywhere"])
def test_one_that_is_excluded_here_nobody_has_chosen(line: Line, whose: str) -> None:
    assert rule(line, root(line) if whose == "everywhere" else line.carol, whose, default="large") == ""
    assert rule(line, line.carol, blocked="large") == ""
    line.settle()
    assert "whoever has chosen none is answered by **tiny**." in line.told(line.carol)[-1]
    assert in_force(line) == "**tiny** answers here: the usual one."
    assert "cannot be used" not in line.say(line.ann, "ask Why?").text
    line.settle()
    assert "*tiny · " in line.answers()[-1]
    assert "in place of" not in line.answers()[-1]


def test_nor_a_channel_s_that_is_forbidden_to_it_later(line: Line) -> None:
    rule(line, line.carol, default="large")
    rule(line, line.carol, "team", blocked="large")
    assert in_force(line) == "**tiny** answers here: the usual one."
    line.ask(line.ann, "Why?")
    assert "in place of" not in line.answers()[-1]


def test_one_that_vanished_is_stood_in_for_by_the_next(line: Line) -> None:
    rule(line, root(line), "everywhere", default="other")
    rule(line, line.carol, "team", default="large")
    take_away(line, "large")
    assert in_force(line) == (
        "**other** answers here: the default for all teams. It stands in for `large`, which cannot be used here now."
    )
    line.ask(line.ann, "Why?")
    assert "*other · " in line.answers()[-1]
    assert "in place of large, which cannot be used here now" in line.answers()[-1]


def test_so_is_one_s_own_choice_that_is_excluded_here(line: Line) -> None:
    line.say(line.ann, "model large")
    rule(line, line.carol, default="other", blocked="large")
    line.ask(line.ann, "Why?")
    assert "*other · " in line.answers()[-1]
    assert "in place of large" in line.answers()[-1]
