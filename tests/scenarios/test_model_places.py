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


FEET = dict.fromkeys(("thread", "direct", "thread of the direct message", "two people"), "of this conversation")
ALONE = FEET | {"thread": "of the thread that it is about", "thread without the bot": "of where it was asked"}
Places = dict[str, tuple[Doc, Doc | None]]
MODELS = {
    "town": "tiny",
    "thread": "other",
    "direct": "large",
    "thread of the direct message": "large",
    "two people": "large",
    "without the bot": "tiny",
    "thread without the bot": "other",
}


@pytest.fixture
def places(line: Line) -> Places:
    """Channels, and roots of threads there. For threads another model is chosen than for ann's direct message, each with
    instructions; from one of them the bot was removed this moment, and nobody has heard of it yet."""
    for model in (line.model, *add(line, "large", "other")):
        model.repeat, model.steps = True, [Step(WRITTEN)]
    line.playground.join(line.bot, line.secret)
    root, direct = talk(line), line.direct(line.ann)
    left = line.playground.post_as(line.bob, line.secret, "The valve leaks.")
    for channel, at, model in ((direct, None, "large"), (line.town, root, "other"), (line.secret, left, "other")):
        shown = opened(line, line.ann, "model --for conversation", channel, at)
        assert pick(line, line.ann, shown, channel, model=model, instructions="Answer in rhymes.") == {}
    line.settle()
    line.playground.remove_member(line.bot, line.secret)
    return {
        "town": (line.town, None),
        "thread": (line.town, root),
        "direct": (direct, None),
        "thread of the direct message": (direct, line.playground.post_as(line.ann, direct, "The pump stopped.")),
        "two people": (line.playground.direct(line.ann, line.bob), None),
        "without the bot": (line.secret, None),
        "thread without the bot": (line.secret, left),
    }


def newest(line: Line) -> str:
    """The foot of what the bot has answered last, wherever that is."""
    posts = [*line.posts(), *line.posts(line.direct(line.ann))]
    return str(max(posts, key=lambda post: post["create_at"])["message"].rpartition("\n")[2])


@pytest.mark.parametrize("words", ["Why?", "--private Why?"])
@pytest.mark.parametrize("name", MODELS)
def test_what_the_dialog_says_there_holds(line: Line, places: Places, name: str, words: str) -> None:
    channel, root = places[name]
    shown = introduction(opened(line, line.ann, "model", channel, root))
    assert f"**{MODELS[name]}** answers here" in shown
    line.ask(line.ann, words if channel != line.secret else "--private Why?", channel, root)
    foot = newest(line)
    assert foot.startswith(f"*{MODELS[name]} · ")
    whose = (ALONE if "--private" in words or channel == line.secret else FEET).get(name)
    assert foot.rpartition(" · with instructions ")[2].rstrip("*") == whose if whose else "instructions" not in foot
    assert ("instructions (this conversation's)" in shown) == (whose is not None)


@pytest.mark.parametrize("name", ["town", "thread", "direct", "two people"])
def test_of_a_summary_too(line: Line, places: Places, name: str) -> None:
    channel, root = places[name]
    line.playground.post_as(line.ann, channel, "The pump stopped.")
    line.say(line.ann, "summarize --in town" if name == "two people" else "summarize channel", channel, root)
    line.settle()
    assert newest(line).startswith(f"*{MODELS[name]} · ")


def test_also_of_who_has_all_answers_come_alone(line: Line, places: Places) -> None:
    shown = opened(line, line.ann, "settings")
    assert line.pick(line.ann, shown, **defaults(shown) | {"where": "direct"}) == {}
    line.ask(line.ann, "Why?")
    assert newest(line).startswith("*tiny · ")
    line.ask(line.ann, "Why?", *places["thread"])
    assert newest(line).startswith("*other · ")


def test_asked_by_its_link_it_is_the_thread_s(line: Line, places: Places) -> None:
    _, root = places["thread"]
    assert root is not None
    line.ask(line.ann, f"--thread {line.playground.link(root)} Why?", line.direct(line.ann))
    assert newest(line).startswith("*other · ")
    assert newest(line).endswith(" · with instructions of the thread that it is about*")


@pytest.mark.parametrize("at", ["town", "direct"])
@pytest.mark.parametrize("linked", ["chosen", "a reply", "another", "named"])
def test_before_that_no_other_model_is_named(line: Line, places: Places, at: str, linked: str) -> None:
    _, root = places["thread"]
    link = {
        "a reply": line.playground.post_as(line.bob, line.town, "It did.", root or ""),
        "another": line.playground.post_as(line.bob, line.town, "The valve leaks."),
    }.get(linked, root)
    assert link is not None
    line.ask(line.carol, "Why?")  # its models wait for a worker that is warm
    once = "--model large " * (linked == "named")
    said = line.say(line.ann, f"ask {once}--thread {line.playground.link(link)} Why?", places[at][0]).json.get(
        "text", ""
    )
    line.settle()
    answered = newest(line).removeprefix("*").partition(" · ")[0]
    assert answered == {"another": "tiny", "named": "large"}.get(linked, "other")
    if linked == "named" or (linked, at) == ("chosen", "town"):
        assert f"Model: {answered}." in said
    else:
        assert said.endswith(
            "The thread is looked up first; then it is known which model answers. The answer comes as a post."
        )
        assert "Model:" not in said


@pytest.mark.parametrize("at", ["town", "direct", "thread of the direct message"])
@pytest.mark.parametrize("linked", ["chosen", "a reply", "another"])
def test_nor_of_a_summary(line: Line, places: Places, at: str, linked: str) -> None:
    _, root = places["thread"]
    another = line.playground.post_as(line.bob, line.town, "The valve leaks.")
    line.playground.post_as(line.ann, line.town, "Since when?", another)
    link = {
        "a reply": line.playground.post_as(line.bob, line.town, "It did.", root or ""),
        "another": another,
    }.get(linked, root)
    assert link is not None
    channel, typed_in = places[at]
    said = line.say(line.ann, f"summarize {line.playground.link(link)}", channel, typed_in).json["text"]
    line.settle()
    answered = newest(line).removeprefix("*").partition(" · ")[0]
    assert answered == ("large" if "direct" in at else "tiny" if linked == "another" else "other")
    if at == "town" and linked != "chosen":
        assert "then it is known which model answers. I am reading all of it" in said
        assert "Model:" not in said
    else:
        assert f"Model: {answered}." in said


def test_a_summary_has_its_language_from_where_it_has_its_model(line: Line, places: Places) -> None:
    _, root = places["thread"]
    shown = opened(line, line.ann, "model more --for conversation", line.town, root)
    assert pick(line, line.ann, shown, line.town, language="de") == {}
    line.settle()
    reply = line.playground.post_as(line.bob, line.town, "It did.", root or "")
    line.say(line.ann, f"summarize {line.playground.link(reply)}")
    line.settle()
    assert newest(line).startswith("*other · ")
    assert "German" in str(line.worker.registry.extra["other"].history[-1])


def test_a_channel_s_instructions_are_those_of_where_it_was_asked(line: Line, places: Places) -> None:
    line.playground.make_channel_admin(line.carol, line.town)
    shown = opened(line, line.carol, "model --for channel")
    assert pick(line, line.carol, shown, instructions="Be kind.") == {}
    line.ask(line.ann, "--private Why?", *places["town"])
    assert newest(line).endswith(" · with instructions of where it was asked*")
    line.ask(line.ann, "Why?", *places["town"])
    assert newest(line).endswith(" · with this channel's instructions*")
