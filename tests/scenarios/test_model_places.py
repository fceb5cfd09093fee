"""Whatever is asked, and wherever its answer goes: the model that `/ai model` names there answers, as it says there."""

from __future__ import annotations

import pytest

from llm.scripted import Step
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, defaults, introduction, opened, pick
from tests.scenarios.summaries import WRITTEN, talk


@pytest.fixture
def age() -> str:
    """The one that tells in which thread a command is typed."""
    return "11"


@pytest.fixture
def thread(line: Line) -> Doc:
    """One for which another model is chosen than for ann's direct message, and each with instructions."""
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step(WRITTEN)]
    root, direct = talk(line), line.direct(line.ann)
    for channel, at, model in ((direct, None, "large"), (line.town, root, "other")):
        shown = opened(line, line.ann, "model --for conversation", channel, at)
        assert pick(line, line.ann, shown, channel, model=model, instructions="Answer in rhymes.") == {}
    line.settle()
    return root


PLACES = ("town", "thread", "direct", "thread of the direct message", "two people", "without the bot")
MODELS = dict(zip(PLACES, ("tiny", "other", "large", "large", "large", "tiny"), strict=True))


def place(line: Line, name: str, thread: Doc) -> tuple[Doc, Doc | None]:
    """A channel, and the root of a thread there."""
    direct = line.direct(line.ann)
    return {
        "town": (line.town, None),
        "thread": (line.town, thread),
        "direct": (direct, None),
        "thread of the direct message": (direct, line.playground.post_as(line.ann, direct, "The pump stopped.")),
        "two people": (line.playground.direct(line.ann, line.bob), None),
        "without the bot": (line.secret, None),
    }[name]


def newest(line: Line) -> str:
    """The foot of what the bot has answered last, wherever that is."""
    posts = [*line.posts(), *line.posts(line.direct(line.ann))]
    return str(max(posts, key=lambda post: post["create_at"])["message"].rpartition("\n")[2])


@pytest.mark.parametrize("words", ["Why?", "--private Why?"])
@pytest.mark.parametrize("name", PLACES)
def test_what_the_dialog_says_there_holds(line: Line, thread: Doc, name: str, words: str) -> None:
    channel, root = place(line, name, thread)
    shown = introduction(opened(line, line.ann, "model", channel, root))
    assert f"**{MODELS[name]}** answers here" in shown
    line.ask(line.ann, words if channel != line.secret else "--private Why?", channel, root)
    foot = newest(line)
    assert foot.startswith(f"*{MODELS[name]} · ")
    assert ("with instructions of this conversation" in foot) == ("instructions (this conversation's)" in shown)


@pytest.mark.parametrize("name", ["town", "direct"])
def test_of_a_summary_too(line: Line, thread: Doc, name: str) -> None:
    channel, root = place(line, name, thread)
    line.playground.post_as(line.ann, channel, "The pump stopped.")
    line.say(line.ann, "summarize channel", channel, root)
    line.settle()
    assert newest(line).startswith(f"*{MODELS[name]} · ")


def test_also_of_who_has_all_answers_come_alone(line: Line, thread: Doc) -> None:
    shown = opened(line, line.ann, "settings")
    assert line.pick(line.ann, shown, **defaults(shown) | {"where": "direct"}) == {}
    line.ask(line.ann, "Why?")
    assert newest(line).startswith("*tiny · ")
    line.ask(line.ann, "Why?", line.town, thread)
    assert newest(line).startswith("*other · ")
