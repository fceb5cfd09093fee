"""A thread that is too long to be read: the part that matters is read, and the foot says how much that was."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llm.base import Chunk, ModelDied, Options, Prompt, Size, Speed
from llm.registry import Registry
from llm.scripted import ScriptedModel, Step
from mmapp.jobs import answer
from mmapp.models import Message, ModelRecord
from tests import gguf_files
from tests.line import Line
from tests.playground.store import Doc

POSTS = 612
KEYS = 150
COLD_STORE = 300
MEETING = {
    0: "Handover of the terminal: everybody writes down here what they know.",
    KEYS: "The spare ladder stands behind gate 9",
    COLD_STORE - 2: "Now the cold store.",
    COLD_STORE - 1: "Who has been there lately?",
    COLD_STORE: "Our cold store is opened with code 4711",
    COLD_STORE + 1: "Our cold store fan was changed by Vera",
    COLD_STORE + 2: "Since when?",
    COLD_STORE + 3: "Monday.",
    COLD_STORE + 4: "Our cold store door belongs to Omar",
}
"""A handover in a container terminal, made up for this. All other posts are the rounds that somebody makes."""


def meet(line: Line, count: int = POSTS) -> Doc:
    """Everybody writes into one thread; its root."""
    people = (line.ann, line.bob, line.carol)
    root: Doc | None = None
    for number in range(count):
        text = MEETING.get(number, f"Round {number}: hall {number} was checked, all well.")
        posted = line.playground.post_as(people[number % 3], line.town, text, root or "")
        root = root or posted
    assert root
    return root


def provenance(line: Line) -> dict[str, Any]:
    """Of the newest answer."""
    request = line.posts()[-1]["props"]["chorus_request"]
    with line.worker.database.read() as session:
        return session.query(Message).filter_by(question_id=request).one().provenance


def receipt(line: Line) -> tuple[int, int]:
    """How many messages of how many the newest answer has read, as its foot says."""
    found = re.fullmatch(r"\*.* · .* s · read (\d+) of (\d+) messages\*", line.answers()[-1].splitlines()[-1])
    assert found
    return int(found[1]), int(found[2])


def slow(line: Line, prefill: float) -> None:
    """Let the model have been measured, so that it reads no more than 1,000 tokens in time."""
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "tiny").prefill = prefill


@pytest.fixture
def copying(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The real engine, with a model that can only say what it has read: its window holds an eighth of the meeting."""
    monkeypatch.setattr(answer, "OPTIONS", Options(max_tokens=48, temperature=0.0))
    models = tmp_path / "models"
    models.mkdir()
    gguf_files.copier(models / "copier.gguf")
    with Line(database_url, models, default_model="copier") as running:
        running.worker.registry = Registry(models, threads=1, window=4096, states_mb=64)
        yield running


def test_the_answer_is_found_in_the_middle_of_a_long_thread(copying: Line) -> None:
    root = meet(copying)
    copying.ask(copying.ann, "Our cold store is opened with", root=root)
    assert "code 4711" in copying.answers()[-1]
    read, of = receipt(copying)
    assert of == POSTS
    assert 30 < read < 120


def new_text(line: Line, question: str, answer_before: str) -> int:
    """The characters of what the newest prompt holds and the one before did not, which are the copier's tokens."""
    new = set(provenance(line)["chosen"]["posts"])
    posts = [post["message"] for post in line.playground.posts(line.town) if post["id"] in new]
    lines = [f"[…]....carol (Sun 09:00): {text}\n" for text in posts]  # a gap's bytes are six tokens
    marks = "[messages 123456789012]\n[end of messages 123456789012]\n"
    return len("".join([answer_before, *lines, marks, "carol asks: ", question]))


def test_others_questions_about_it_and_new_posts_cost_no_more_than_themselves(copying: Line) -> None:
    root = meet(copying)
    copying.ask(copying.ann, "Our cold store is opened with", root=root)
    first = provenance(copying)

    question = "Our cold store fan was changed by"
    copying.ask(copying.bob, question, root=root)
    assert "Vera" in copying.answers()[-1]
    second = provenance(copying)
    assert second["reused"] >= first["read"]
    assert second["read"] <= new_text(copying, question, " code 4711") + 32

    posts = [
        copying.playground.post_as(copying.carol, copying.town, f"Truck {number} passed.", root) for number in "12345"
    ]
    question = "Our cold store door belongs to"
    copying.ask(copying.carol, question, root=root)
    assert "Omar" in copying.answers()[-1]
    third = provenance(copying)
    assert {post["id"] for post in posts} <= set(third["chosen"]["posts"])
    assert third["reused"] >= second["reused"] + second["read"] - 1
    assert third["read"] <= new_text(copying, question, " Vera") + 32


def test_a_follow_up_about_something_else_reads_that_as_well(copying: Line) -> None:
    root = meet(copying)
    copying.ask(copying.ann, "Our cold store is opened with", root=root)
    first = provenance(copying)
    copying.ask(copying.bob, "The spare ladder stands behind", root=root)
    assert "gate 9" in copying.answers()[-1]
    second = provenance(copying)
    assert first["posts"] < second["posts"] < first["posts"] + 20
    assert second["read"] < first["read"] / 2


def test_a_question_that_does_not_fit_by_itself_is_refused_with_the_figures(copying: Line) -> None:
    root = meet(copying, 3)
    copying.ask(copying.ann, "why " * 1200, root=root)
    (told,) = [text for text in copying.told(copying.ann) + copying.private_answers(copying.ann) if "tokens" in text]
    assert "copier reads 4,040 at once" in told
    assert copying.answers() == []


def test_what_takes_too_long_to_read_is_read_in_part_and_the_card_says_how_it_was_chosen(line: Line) -> None:
    root = meet(line)
    slow(line, 5.0)
    line.ask(line.ann, "Who knows the code of the cold store?", root=root, answer="It is 4711.")
    told = line.prompt()
    assert MEETING[0] in told
    assert all(text in told for number, text in MEETING.items() if number > KEYS)
    assert MEETING[KEYS] not in told
    read, of = receipt(line)
    assert of == POSTS
    assert 50 < read < 200
    assert (
        f"**Messages read** {read} of {POSTS}: the first, the newest, and those that fit"
        in (line.posts()[-1]["props"]["card"])
    )


def test_a_thread_that_fits_is_read_whole(line: Line) -> None:
    root = meet(line, 40)
    line.ask(line.ann, "Who knows the code of the cold store?", root=root, answer="Nobody.")
    assert receipt(line) == (40, 40)
    assert "**Messages read** 40 of 40\n" in line.posts()[-1]["props"]["card"]
    assert "chosen" not in provenance(line)


def test_a_model_that_was_never_measured_is_measured_before_it_reads_much(line: Line) -> None:
    root = meet(line)
    line.model.speed = Speed(0.1, 10_000.0, 100.0, 100_000)
    line.ask(line.ann, "Who knows the code?", root=root, answer="Vera.")
    assert receipt(line) == (POSTS, POSTS)
    with line.worker.database.read() as session:
        assert session.get_one(ModelRecord, "tiny").prefill > 0


def test_the_built_in_model_reads_everything(line: Line) -> None:
    root = meet(line)
    line.ask(line.ann, "--model quotes Who changed the fan?", root=root)
    assert receipt(line) == (POSTS, POSTS)
    assert MEETING[COLD_STORE + 1] in line.answers()[-1]


def test_a_long_post_is_said_to_be_read_in_part(line: Line) -> None:
    slow(line, 5.0)
    root = line.playground.post_as(line.ann, line.town, "error at gate 2\n" * 500)
    line.playground.post_as(line.bob, line.town, "What is this?", root)
    line.ask(line.carol, "What is it?", root=root, answer="A log.")
    assert "read 2 of 2 messages, 1 of them in part*" in line.answers()[-1]
    assert "1 long one from the beginning, not to the end" in line.posts()[-1]["props"]["card"]


def test_a_first_message_of_many_tokens_is_read_in_part(line: Line) -> None:
    slow(line, 5.0)
    root = line.playground.post_as(line.ann, line.town, "1 0 " * 4000)
    for number in range(40):
        line.playground.post_as(line.bob, line.town, f"Hall {number} was checked, all well.", root)
    line.ask(line.carol, "Is all well?", root=root, answer="It is.")
    assert "): 1 0 1 0" in line.prompt()
    assert "read 41 of 41 messages, 1 of them in part*" in line.answers()[-1]


def test_the_card_names_neither_the_first_nor_the_newest_message_where_they_were_not_read(line: Line) -> None:
    slow(line, 5.0)
    root = line.playground.post_as(line.ann, line.town, "1 0 " * 110)
    for number in range(100):
        line.playground.post_as(line.bob, line.town, f"Hall {number} was checked, all well.", root)
    line.playground.post_as(line.ann, line.town, "0 1 " * 110, root)
    line.ask(line.carol, "Who checked the halls?", root=root, answer="bob " * 700)
    assert ": the first, the newest, and those that fit the questions best" in line.posts()[-1]["props"]["card"]
    line.model.history.clear()  # the worker is started again, and that answer leaves no room for either
    line.ask(line.carol, "Who checked the halls?", root=root, answer="bob")
    assert " of 102: those that fit the questions best" in line.posts()[-1]["props"]["card"]


def test_a_private_question_goes_on_from_what_the_thread_s_answer_had_read(line: Line) -> None:
    root = meet(line)
    slow(line, 5.0)
    line.ask(line.ann, "Who knows the code of the cold store?", root=root, answer="Vera.")
    line.ask(line.bob, "--private And the code of the cold store?", root=root, answer="It is 4711.")
    public, private = line.model.history
    assert private.turns[: len(public.turns)] == public.turns
    line.ask(line.carol, "Who changed the fan of the cold store?", root=root, answer="Vera did.")
    assert "4711.\n" not in "".join(turn.text for turn in line.model.history[-1].turns if turn.role == "answer")


def test_an_answer_that_is_tried_again_is_told_the_same(line: Line) -> None:
    root = meet(line)
    slow(line, 5.0)
    line.model.enqueue(Step("It ", error=ModelDied("gone")), "It is 4711.")
    line.say(line.ann, "ask Who knows the code of the cold store?", root=root)
    line.settle()
    line.hurry()
    line.settle()
    broken, again = line.model.history
    assert again.turns == broken.turns
    assert "It is 4711." in line.answers()[-1]


def test_a_long_conversation_drops_its_first_answers_and_the_card_says_so(line: Line) -> None:
    line.model.speed = Speed(0.1, 1000.0, 100.0, 2000)
    direct = line.direct(line.ann)
    for number in range(7):
        line.ask(line.ann, f"Question {number}?", direct, answer=f"{number} " * 200)
    card = line.posts(direct)[-1]["props"]["card"]
    assert "**Left out** the first" in card
    assert "Question 0?" not in line.prompt()
    assert "Question 5?" in line.prompt()


class Counting(ScriptedModel):
    """A model that somebody stops while it is loaded, to count."""

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        yield from super().size(prompt, options)
        self.stop()
        for _ in range(400):
            time.sleep(0.05)
            yield Chunk(stage="load")
        raise AssertionError("nobody heard of the stop")

    def stop(self) -> None:
        """Set by the test."""


def test_stop_is_heard_while_a_model_is_loaded_to_count(database_url: str, tmp_path: Path) -> None:
    model = Counting(name="tiny")
    with Line(database_url, tmp_path / "models", model) as line:
        model.stop = lambda: line.say(line.ann, "stop") and None  # type: ignore[method-assign]
        line.ask(line.ann, "Why?")
        assert line.jobs("cancelled") == 1
        assert line.answers() == []
