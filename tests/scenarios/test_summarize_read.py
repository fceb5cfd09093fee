"""What a model is told of messages: who said what to whom and when, as its reader's clock shows it, and nothing that is no
message."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mmapp.chat.summary import Summary
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, summary, talk, typed_in

SYDNEY = "Australia/Sydney"


def told(line: Line) -> str:
    """All messages as the model has met them."""
    return "".join(turn.text for turn in line.model.history[-1].turns)


def summed_up(line: Line, root: Doc) -> str:
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    return told(line)


def summed_up_of_the_channel(line: Line) -> str:
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize channel --since 24h")
    line.settle()
    return told(line)


def test_times_are_those_of_its_reader(line: Line) -> None:
    zone = {"useAutomaticTimezone": "false", "manualTimezone": SYDNEY, "automaticTimezone": ""}
    line.playground.store.put("user", line.ann["id"], line.playground.user(line.ann) | {"timezone": zone})
    root = talk(line)
    at = datetime.fromtimestamp(root["create_at"] / 1000, ZoneInfo(SYDNEY))
    read = summed_up(line, root)
    assert f"[1] ann {at:%H:%M}: The checkout API" in read
    assert read.startswith(f"[messages {re.findall(r'[0-9]{12}', read)[0]}")
    assert f"{at:%A} {at.day} {at:%B %Y}\n[1] ann" in read


def test_of_several_threads_each_reply_says_to_whom_it_is(line: Line) -> None:
    first, second = talk(line), line.playground.post_as(line.bob, line.town, "Lunch is at noon in the big hall.")
    line.playground.post_as(line.carol, line.town, "I bring the salad for everybody.", second)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(first)} {line.playground.link(second)}")
    line.settle()
    assert re.search(r"\] carol \d\d:\d\d \(to bob\): I bring the salad", told(line))
    assert re.search(r"\] bob \d\d:\d\d: Lunch is at noon", told(line))


def test_of_one_thread_nobody_has_to_be_told_that(line: Line) -> None:
    assert "(to " not in summed_up(line, talk(line))


def test_an_edited_message_says_so_and_its_old_words_are_not_read(line: Line) -> None:
    """Mattermost keeps them as a post of its own."""
    root = talk(line)
    edited = next(post for post in line.playground.thread(root) if "by Friday" in post["message"])
    line.playground.edit(line.carol, edited, "I write the post-mortem by Thursday.")
    for read in (summed_up(line, root), summed_up_of_the_channel(line)):
        assert re.search(r"\] carol \d\d:\d\d \((?:to ann, )?edited\): I write the post-mortem by Thursday\.", read)
        assert "by Friday" not in read
        assert read.count("edited") == 1
        assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_file_is_named_where_it_hangs_also_without_a_word(line: Line) -> None:
    root = talk(line)
    picture = line.playground.upload(line.bob, line.town, "pump.png", b"\x89PNG")
    line.playground.post_as(line.bob, line.town, "", root, file_ids=[picture["id"]])
    read = summed_up(line, root)
    assert re.search(r"\[9\] bob \d\d:\d\d: \[file: pump\.png\]", read)
    assert "9 of 9 messages read" in summary(line, line.ann)


def test_code_is_read_as_it_was_written(line: Line) -> None:
    root = talk(line)
    line.playground.post_as(line.bob, line.town, "It was this:\n```python\nif x < 256:\n    kill(pod)\n```", root)
    assert "bob: ```python\nbob: if x < 256:\nbob:     kill(pod)\nbob: ```\n" in summed_up(line, root)


def test_that_somebody_joined_is_no_message(line: Line) -> None:
    talk(line)
    dora = line.playground.add_user("dora")
    line.playground.join(dora, line.town)
    said = line.playground.post_as(dora, line.town, "dora joined the channel.")
    line.playground.store.put_post(said | {"type": "system_join_channel"})  # which nobody but the server can set
    assert "dora" not in summed_up_of_the_channel(line)
    assert "8 of 8 messages read" in summary(line, line.ann)


@pytest.mark.parametrize(
    ("kind", "line_of_it", "wanted"),
    [
        (
            "decisions",
            "Decided: raise the limit now and fix the cache on Monday [5]",
            "**Decided** · raise the limit now",
        ),
        ("questions", "Open: Who fixes the cache on Monday? [8]", "**Open** · Who fixes the cache on Monday?"),
    ],
)
def test_of_decisions_or_questions_there_is_nothing_else(line: Line, kind: str, line_of_it: str, wanted: str) -> None:
    root = talk(line)
    line.model.enqueue(f"Here they are:\n- {line_of_it}\n")
    typed_in(line, line.ann, root, f"summarize --kind {kind}")
    assert f"beginning with {line_of_it.split()[0]}" in line.prompt()
    text = summary(line, line.ann)
    assert text.startswith({"decisions": "**What was decided**", "questions": "**Open questions**"}[kind])
    assert wanted in text
    assert len(re.findall(r"^\*\*(?:Decided|To do|Open)\*\* · |^\* ", text, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("kind", "told"),
    [("decisions", "No message says that something was decided."), ("questions", "No message leaves a")],
)
def test_where_there_is_none_that_is_said_and_nothing_quoted(line: Line, kind: str, told: str) -> None:
    root = talk(line)
    line.model.enqueue("None.")
    typed_in(line, line.ann, root, f"summarize --kind {kind}")
    assert summary(line, line.ann).startswith(f"**{told}")


def test_ten_thousand_messages_are_read_whole_and_each_is_looked_at_a_few_times_only(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at once more for each other one, they would be a hundred million steps at the end."""
    count, looks = 10_000, []
    with line.playground.store.transaction():
        for number in range(count):
            line.playground.post_as((line.ann, line.bob)[number % 2], line.town, f"Truck {number} brings cement.")
    places = Summary._places.fget
    assert places is not None
    monkeypatch.setattr(Summary, "_places", property(lambda self: looks.append(1) or places(self)))
    line.model.repeat = True
    line.model.enqueue("Trucks bring cement for the wall. [1]\n- A truck brings cement to them [2]\n")
    line.say(line.ann, "summarize channel --since 24h")
    line.settle()
    assert "10,000 of 10,000 messages read" in summary(line, line.ann)
    read = "".join(turn.text for prompt in line.model.history for turn in prompt.turns)
    assert {int(number) for number in re.findall(r": Truck (\d+) brings", read)} == set(range(count))
    assert len(looks) < 10
