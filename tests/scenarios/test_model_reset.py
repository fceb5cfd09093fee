"""`/ai model reset all`: whatever is set, for oneself, a channel, a thread or a direct message, is taken back by it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.scripted import Step
from mmapp.models import ModelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import USUAL, add, answered_by, defaults, introduction, opened, pick
from tests.scenarios.test_model_dialog import errors


@pytest.fixture
def age() -> str:
    """The one that tells in which thread a command is typed."""
    return "11"


@pytest.fixture(autouse=True)
def models(line: Line) -> None:
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step("Because.")]
    line.playground.make_channel_admin(line.carol, line.town)


def set_all(line: Line, scope: str, channel: Doc, root: Doc | None = None) -> None:
    """Carol sets all that can be."""
    first = opened(line, line.carol, f"model --for {scope}", channel, root)
    assert pick(line, line.carol, first, channel, model="large", instructions="Be kind.") == {}
    more = opened(line, line.carol, f"model more --for {scope}", channel, root)
    assert pick(line, line.carol, more, channel, temperature="0.8", length="short", language="de") == {}
    line.settle()


def is_set(line: Line) -> list[str]:
    """All that is set for anybody, in words."""
    with line.worker.database.read() as session:
        found = session.scalars(select(ModelSettings))
        rows = [(row.model, row.instructions, row.temperature, row.length, row.language) for row in found]
    return [str(row) for row in rows if any(row)]


# For a channel, by the dialog that asks whether one is its admin


def test_a_channel_s_is_taken_back_by_submitting_what_opens(line: Line) -> None:
    set_all(line, "channel", line.town)
    shown = opened(line, line.carol, "model reset all --for channel")
    assert "**Use it** takes back all that is set for this channel: `large`, instructions, temperature 0.8, short" in (
        introduction(shown)
    )
    assert (defaults(shown)["model"], defaults(shown)["instructions"], defaults(shown)["for"]) == (USUAL, "", "channel")
    assert pick(line, line.carol, shown) == {}
    line.settle()
    assert "Done: nothing is chosen for this channel any more. **tiny** answers here" in line.told(line.carol)[-1]
    assert is_set(line) == []
    assert answered_by(line, line.ann) == "tiny"


def test_by_its_admins_alone(line: Line) -> None:
    set_all(line, "channel", line.town)
    shown = opened(line, line.ann, "model reset all --for channel")
    assert "Only an admin of this channel can choose for it." in errors(pick(line, line.ann, shown))
    assert answered_by(line, line.ann) == "large"


def test_what_is_filled_in_there_is_all_that_is_set_then(line: Line) -> None:
    set_all(line, "channel", line.town)
    pick(line, line.carol, opened(line, line.carol, "model reset all --for channel"), instructions="Be brief.")
    line.settle()
    assert "Saved for this channel." in line.told(line.carol)[-1]
    assert is_set(line) == ["('', 'Be brief.', None, '', '')"]


def test_nothing_of_it_is_taken_back_for_who_turns_to_others_there(line: Line) -> None:
    set_all(line, "channel", line.town)
    shown = opened(line, line.carol, "model reset all --for channel")
    assert pick(line, line.carol, shown, **{"for": "me"}) == {}
    line.settle()
    assert line.told(line.carol)[-1].endswith(
        "Nothing was changed for you. **large** answers here: this channel's choice."
    )
    assert is_set(line) == ["('large', 'Be kind.', 0.8, 'short', 'German')"]


def test_its_rules_stay(line: Line) -> None:
    pick(line, line.carol, opened(line, line.carol, "admin models"), blocked="other")
    set_all(line, "channel", line.town)
    pick(line, line.carol, opened(line, line.carol, "model reset all --for channel"))
    assert "`other` may not answer here" in line.say(line.ann, "ask --model other Why?").text


def test_the_model_alone_leaves_the_rest_there(line: Line) -> None:
    set_all(line, "channel", line.town)
    shown = opened(line, line.carol, "model reset --for channel")
    assert "takes back all" not in introduction(shown)
    assert pick(line, line.carol, shown) == {}
    assert is_set(line) == ["('', 'Be kind.', 0.8, 'short', 'German')"]


# For a conversation


def test_a_direct_message_s_at_once(line: Line) -> None:
    direct = line.direct(line.carol)
    set_all(line, "conversation", direct)
    said = line.say(line.carol, "model reset all --for conversation", direct).text
    assert said.endswith(
        "nothing is chosen for your direct message with ai any more. **tiny** answers here: the usual one."
    )
    assert is_set(line) == []
    said = line.say(line.carol, "model reset all --for conversation", direct).text
    assert "Nothing was chosen for your direct message with ai." in said


def test_a_thread_s_by_the_worker_for_everybody(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    set_all(line, "conversation", line.town, root)
    line.say(line.bob, "model reset --for conversation", line.town, root)
    line.settle()
    assert "`/ai model reset all --for conversation` takes it back too." in line.told(line.bob)[-1]
    line.say(line.bob, "model reset all --for conversation", line.town, root)
    line.settle()
    assert "Done: nothing is chosen for this conversation any more." in line.told(line.bob)[-1]
    assert is_set(line) == []
