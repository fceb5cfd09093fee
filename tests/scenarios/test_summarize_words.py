"""How `/ai summarize` may be written: flags anywhere, names as people see them; and behind the bot's own name."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.scenarios.summaries import WRITTEN, found, summary, talk, typed_in

# How it may be written


@pytest.mark.parametrize(
    "text",
    [
        "summarize --kind actions LINK --length short what blocks us?",
        "summarise --length short LINK what blocks us? --kind actions",
        "summarize --kind actions LINK --length short\nwhat blocks us?",
        "summarize thread LINK --kind=actions what blocks us? --length=short",
        "summarize thread\nLINK —kind actions —length short what blocks us?",
        "Summarize this thread LINK --kind ACTIONS --length SHORT what blocks us?",
    ],
)
def test_flags_stand_anywhere_around_what_is_to_be_read(line: Line, text: str) -> None:
    link = line.playground.link(talk(line))
    line.model.enqueue(WRITTEN)
    line.say(line.ann, text.replace("LINK", link))
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert line.prompt().endswith("Above all: what blocks us?")
    assert "To do: name: task, date" in line.prompt()
    assert "4" in line.model.history[-1].system


@pytest.mark.parametrize("between", [" ", ", ", " and ", " und ", " & ", ", and "])
@pytest.mark.parametrize("linked", [True, False])
def test_between_links_may_stand_what_people_write_there(line: Line, between: str, *, linked: bool) -> None:
    first, second = talk(line), line.playground.post_as(line.bob, line.town, "Lunch is at noon in the big hall.")
    line.playground.post_as(line.carol, line.town, "I bring the salad for everybody.", second)
    line.model.enqueue(WRITTEN)
    named = between.join(line.playground.link(one) if linked else one["id"] for one in (first, second))
    line.say(line.ann, f"summarize {named} and what of lunch?")
    line.settle()
    assert "10 of 10 messages read" in summary(line, line.ann)
    assert line.prompt().endswith("Above all: and what of lunch?")


def test_a_channel_is_named_by_its_handle_or_as_people_see_it(line: Line) -> None:
    members = (line.ann, line.bob, line.carol, line.bot)
    harbour = line.playground.add_channel("P", "harbour-ops", members=members, display_name="Harbour: Ops")
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    for name in ("harbour-ops", "~harbour-ops", '"Harbour: Ops"', "HARBOUR-OPS"):
        line.say(line.ann, f"summarize --in {name}")
        line.settle()
        assert "8 of 8 messages read" in line.private_answers(line.ann)[-1]
    assert len(line.private_answers(line.ann)) == 4


def test_only_one_person_s_messages_are_read_where_that_is_asked_for(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize --from bob")
    assert "3 of 3 messages read" in summary(line, line.ann)
    assert "1 person" in summary(line, line.ann)
    assert "Decided." not in line.prompt()


# Said to the bot


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        ("@ai summarize", 10),
        ("@ai summarise channel", 10),
        ("@ai summarize this channel", 10),
        ("@ai summarize --since 24h", 10),
        ("@ai summarize channel what about the pods?", 10),
        ("@ai summarize LINK", 8),
        ("@ai summarize <LINK> what about the pods?", 8),
    ],
)
def test_a_mention_in_a_channel_that_says_what_is_summed_up(line: Line, text: str, posts: int) -> None:
    root = talk(line)
    for number in range(2):
        line.playground.post_as(line.bob, line.town, f"The crane number {number} is stuck.")
    line.mention(line.ann, text.replace("LINK", line.playground.link(root)), answer=WRITTEN)
    assert f"{posts} of {posts} messages read" in line.answers()[0]


@pytest.mark.parametrize("text", ["@ai summarize what about the pods?", "@ai summarize this thread", "@ai summarise"])
def test_a_mention_in_a_thread_with_a_wish_is_summed_up_there(line: Line, text: str) -> None:
    line.mention(line.ann, text, root=talk(line), answer=WRITTEN)
    assert "8 of 8 messages read" in line.answers()[0]
    assert ("Above all" in line.prompt()) is ("pods" in text)


@pytest.mark.parametrize("direct", [False, True])
def test_a_text_that_is_brought_along_is_a_question(line: Line, *, direct: bool) -> None:
    words = "summarize this text: the pump ran dry at nine, and the crane is stuck."
    line.mention(
        line.ann, words if direct else f"@ai {words}", line.direct(line.ann) if direct else None, answer="Dry."
    )
    assert "Dry." in (line.private_answers(line.ann) if direct else line.answers())[0]
    assert "this text: the pump ran dry" in line.prompt()


def test_said_alone_in_the_direct_message_it_is_asked_what_is_meant(line: Line) -> None:
    line.mention(line.ann, "summarize", line.direct(line.ann))
    assert "What shall I summarise?" in line.private_answers(line.ann)[-1]
    assert line.model.history == []


def test_a_mention_that_cannot_be_done_is_told_to_who_wrote_it_alone(line: Line) -> None:
    line.mention(line.ann, "@ai summarize channel --kind poem")
    assert "is not known" in found(line, line.ann)
    assert line.answers() == []
