"""What is long is read part by part: each part is kept, and between two of them others go first."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from llm.base import ModelDied, Speed
from llm.scripted import Step
from mmapp.chat.summary import Part
from mmapp.jobs import lanes, making, queue, summarize, telling
from mmapp.jobs.making import Making
from mmapp.jobs.minutes import Read
from mmapp.models import Job, ModelRecord, Node
from mmapp.texts import summarize as texts
from mmapp.texts.plain import about
from tests.acceptance.processes import eventually
from tests.line import Line, expire
from tests.noting import Kept, summary_of
from tests.playground.store import Doc
from tests.scenarios.summaries import summary, typed_in

MESSAGES = 60
WORDS = "Truck {0} has passed gate {1} with {2} pallets of cement for the harbour wall today."
WRITTEN = "Trucks bring cement for the harbour wall. [1]\n- Pallets of cement passed the gate with a truck [2]\n"


@pytest.fixture(autouse=True)
def small(line: Line) -> None:
    """The model's window holds 600 words, so that a part reads 300."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)


def trucks(line: Line, first: int = 0, root: Doc | None = None, count: int = MESSAGES) -> Doc:
    """People tell of trucks in a thread; its root."""
    for number in range(first, first + count):
        who = (line.ann, line.bob, line.carol)[number % 3]
        post = line.playground.post_as(who, line.town, WORDS.format(number, number % 7, number % 13), root or "")
        root = root or post
    assert root is not None
    return root


def always(line: Line) -> None:
    line.model.repeat = True
    line.model.enqueue(WRITTEN)


def nodes(line: Line) -> int:
    with line.worker.database.read() as session:
        return session.scalar(select(func.count()).select_from(Node)) or 0


def asked(line: Line, root: Doc, who: Doc | None = None, more: str = "") -> None:
    """Somebody wants a summary, and it is admitted; no model has begun."""
    named = f" {line.playground.link(root)}" if line.playground.age == "5.37" else ""
    line.say(who or line.ann, f"summarize{named}{more}", root=root)
    while line.step("admit", "notify"):
        pass


def parts_read(line: Line) -> list[str]:
    """What the model was asked for, one word each."""
    return ["question" if "pallet?" in prompt.question else "part" for prompt in line.model.history]


def test_every_message_is_read_once_and_all_of_them_in_the_receipt(line: Line) -> None:
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    read = "\n".join(turn.text for prompt in line.model.history for turn in prompt.turns)
    assert [read.count(f": Truck {number} has") for number in range(MESSAGES)] == [1] * MESSAGES
    assert len(line.model.history) > 4
    assert f"{MESSAGES} of {MESSAGES} messages read" in summary(line, line.ann)


def test_no_part_reads_more_than_half_of_the_window(line: Line) -> None:
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    lengths = [
        len(" ".join([prompt.system, *(turn.text for turn in prompt.turns), prompt.question]).split())
        for prompt in line.model.history
    ]
    assert max(lengths) <= 300


def test_what_was_read_once_is_kept_and_costs_nothing(line: Line) -> None:
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    before = len(line.model.history)
    typed_in(line, line.bob, root, "summarize")
    assert len(line.model.history) == before == nodes(line)


def test_new_messages_cost_a_part_and_what_stands_above_it(line: Line) -> None:
    root = trucks(line, count=200)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    before = len(line.model.history)
    trucks(line, 200, root, count=4)
    typed_in(line, line.ann, root, "summarize")
    assert len(line.model.history) - before <= 5
    assert "204 of 204 messages read" in summary(line, line.ann)


def test_an_edit_reads_the_part_it_is_in_and_what_stands_above_it(line: Line) -> None:
    root = trucks(line, count=200)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    before = len(line.model.history)
    edited = line.playground.posts(line.town)[100]
    line.playground.edit(edited["user_id"], edited, "Truck 100 was turned away at the gate.")
    line.hear()
    typed_in(line, line.ann, root, "summarize")
    assert len(line.model.history) - before <= 4


def test_a_question_waits_for_one_part_and_not_for_the_summary(line: Line) -> None:
    root = trucks(line)
    always(line)
    asked(line, root)
    line.say(line.bob, "ask What is a pallet?")
    line.step("admit")  # beside the model's lane, as always
    line.settle()
    assert parts_read(line).index("question") <= 1
    assert f"{MESSAGES} of {MESSAGES} messages read" in summary(line, line.ann)


def test_so_does_the_question_of_who_waits_for_the_summary(line: Line) -> None:
    root = trucks(line)
    always(line)
    asked(line, root)
    line.say(line.ann, "ask What is a pallet?")
    line.step("admit")
    line.settle()
    assert parts_read(line).index("question") <= 1


def test_a_second_summary_waits_for_the_first_but_not_for_ever(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summarize, "PATIENCE", 0.0)
    root = trucks(line)
    always(line)
    asked(line, root)
    asked(line, root, line.bob, " --kind brief")
    line.settle()
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.bob)
    kinds = ["at most 3 lines" in prompt.system for prompt in line.model.history]
    assert kinds != sorted(kinds)
    assert kinds != sorted(kinds, reverse=True)


@contextmanager
def held_at(line: Line, part: int) -> Iterator[threading.Thread]:
    """The worker summarises in a lane of its own, and holds the part of that number back to the end of the block."""
    gate = threading.Event()
    line.model.enqueue(*[WRITTEN] * (part - 1), Step(WRITTEN, gates={0: gate}), *[WRITTEN] * 30)
    lane = threading.Thread(target=line.step, args=(queue.model_queue("tiny"),))
    lane.start()
    eventually(lambda: len(line.model.history) == part, "the part is not begun")
    try:
        yield lane
    finally:
        gate.set()
        lane.join(30)


def test_stop_keeps_what_is_there_and_says_how_much(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 4):
        line.say(line.ann, "stop")
    line.settle()
    text = summary(line, line.ann)
    assert "stopped: this is what was read until then" in text
    assert f" of {MESSAGES} messages read" in text
    assert f"{MESSAGES} of {MESSAGES}" not in text
    assert "Pallets of cement" in text


def test_stopped_before_the_first_part_there_is_nothing_to_keep(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 1) as lane:
        line.say(line.ann, "stop")
        eventually(lambda: not lane.is_alive(), "the model writes on")
    line.settle()
    assert line.private_answers(line.ann) == []
    assert nodes(line) == 0


def test_a_worker_that_goes_hands_it_back_and_the_next_goes_on(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 4):
        line.worker.stopping.set()
    line.worker.stopping.clear()
    assert nodes(line) == 3
    before = len(line.model.history)
    always(line)
    line.settle()
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)
    assert len(line.model.history) - before == nodes(line) - 3


def test_a_model_that_dies_once_is_asked_again_for_that_part(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    line.model.enqueue(WRITTEN, WRITTEN, Step("", error=ModelDied("it was killed")))
    line.step("model:tiny")
    line.model.enqueue(*[WRITTEN] * 30)
    line.hurry()
    line.settle()
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)
    assert len(line.model.history) == nodes(line) + 1


def test_one_that_dies_again_and_again_leaves_what_is_there(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    line.model.enqueue(WRITTEN, WRITTEN, *[Step("", error=ModelDied("it was killed"))] * 3)
    for _ in range(4):
        line.step("model:tiny")
        line.hurry()
    line.settle()
    text = summary(line, line.ann)
    assert "cut off: " in text
    assert "Pallets of cement" in text


def test_who_waits_is_told_now_and_then_how_far_it_is(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TIMES", (0.0001,))
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    told = [text for text in line.told(line.ann) if "parts" in text]
    assert len(told) == 1
    assert "Your summary: 1 of " in told[0]
    assert "Stop keeps what is there." in told[0]


def test_with_what_is_left_as_the_model_s_speed_lets_expect_where_no_part_was_written_yet(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    trucks(line, MESSAGES, root, count=4)
    with line.worker.database.write() as session:
        record = session.get_one(ModelRecord, "tiny")
        record.prefill, record.decode = 50.0, 10.0  # tokens a second: 300 are read and 60 written, which takes 12 s
    monkeypatch.setattr(telling, "TIMES", (0.0001,))
    line.worker.told.clear()
    asked(line, root)
    line.step("model:tiny")
    (told,) = [text for text in line.told(line.ann) if "parts" in text]
    parts = int(re.findall(r"1 of (\d+) parts", told)[0])
    assert f"1 of {parts} parts, {about((parts - 1) * 12.0)} left. Stop keeps" in told


def test_then_with_what_its_parts_have_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "time", SimpleNamespace(monotonic=lambda: 140.0))
    under_way = Making(summary_of([], None, Kept()), Read([], 0), {}, began=100.0, computed=2)
    assert texts.progress(2, 4, under_way.seconds_left(Part(2, 4), usual=1.0)).endswith(
        "2 of 4 parts, about 40 s left. Stop keeps what is there."
    )
    assert texts.progress(2, 4, None) == "Your summary: 2 of 4 parts. Stop keeps what is there."


def test_the_button_of_that_message_stops_it(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TIMES", (0.0001,))
    root = trucks(line)
    asked(line, root)
    with held_at(line, 4):
        (told,) = [post for post in line.playground.ephemerals(line.ann) if "parts" in post["message"]]
        line.playground.click(line.ann, told, "Stop")
    line.settle()
    assert "stopped" in summary(line, line.ann)


def test_one_that_is_deleted_while_it_is_made_is_never_posted(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 3):
        line.say(line.ann, "delete")
    line.hurry()
    line.settle()
    line.hurry()
    line.settle()
    assert line.private_answers(line.ann) == []
    assert nodes(line) == 0


def test_a_lease_that_was_lost_between_two_parts_writes_nothing_more(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    line.model.enqueue(*[WRITTEN] * 40)
    claimed = line.claim("model:tiny")
    assert claimed is not None
    expire(line)
    lanes.do(line.worker, claimed)
    assert nodes(line) == 0
    line.settle()
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)


def test_each_part_that_is_kept_gives_all_attempts_back(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 3), line.worker.database.read() as session:
        job = session.scalars(select(Job).where(Job.kind == "summarize")).one()
        assert (job.attempts, job.parts_done) == (1, 2)
        assert job.parts > 3


def test_who_types_ai_alone_sees_how_far_it_is(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 3):
        menu = line.say(line.ann, "").text
    assert "summarize" in menu
    assert ", 2 of " in menu
    assert " parts read" in menu
