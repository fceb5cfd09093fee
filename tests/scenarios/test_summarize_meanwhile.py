"""What happens while a summary is made: messages go, people come and go, questions are asked, somebody stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from llm.base import Speed
from llm.scripted import Step
from mmapp.db import clock
from mmapp.jobs import lanes, material, queue
from mmapp.models import Job, Message, Node
from tests.acceptance.processes import eventually
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import found, summary
from tests.scenarios.test_gaps import nobody_listening
from tests.scenarios.test_share import share
from tests.scenarios.test_summarize_parts import MESSAGES, WRITTEN, always, asked, held_at, nodes, parts_read, trucks

TOLD = "Truck 1 waits at the gate, which opens with hunter22."
NOTED = "Trucks bring cement for the harbour wall. [1]\n- The gate opens with hunter22 [2]\n"
LATER = "Truck 30 has"  # of a part behind the one that holds it


@pytest.fixture(autouse=True)
def small(line: Line) -> None:
    """The model's window holds 600 words, so that a part reads 300."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)


@contextmanager
def holding(line: Line, words: str = LATER) -> Iterator[None]:
    """The worker summarises in a lane of its own, and holds the part with these words back to the end of the block."""
    gate = threading.Event()
    line.model.repeat = True
    line.model.enqueue(Step(NOTED, contains="hunter22"), Step(WRITTEN, contains=words, gates={0: gate}), WRITTEN)
    lane = threading.Thread(target=line.step, args=(queue.model_queue("tiny"),))
    lane.start()
    eventually(lambda: any(words in line.prompt(at) for at in range(len(line.model.history))), "it is not begun")
    try:
        yield
    finally:
        gate.set()
        lane.join(30)


def told(line: Line, channel: Doc | None = None) -> tuple[Doc, Doc]:
    """A long thread with something in it that will be regretted; its root, and that message."""
    where = channel or line.town
    root = line.playground.post_as(line.ann, where, "Truck 0 has passed the gate with cement for the harbour wall.")
    regretted = line.playground.post_as(line.bob, where, TOLD, root)
    for number in range(2, MESSAGES):
        words = (
            f"Truck {number} has passed gate {number % 7} with {number % 13} pallets of cement for the harbour wall."
        )
        line.playground.post_as(line.ann, where, words, root)
    return root, regretted


def noted(line: Line) -> str:
    """All that is noted of messages."""
    with line.worker.database.read() as session:
        return "\n".join(session.scalars(select(Node.notes)))


def jobs(line: Line, kind: str = "summarize") -> list[Job]:
    with line.worker.database.read() as session:
        return list(session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)))


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each time that everything is read, the job that does it."""
    reads: list[int] = []
    real = material.gathered
    monkeypatch.setattr(material, "gathered", lambda *given: reads.append(given[1].id) or real(*given))
    return reads


# What was read, and is no more


def test_a_message_that_is_deleted_while_it_is_made_is_neither_posted_nor_kept(line: Line) -> None:
    root, regretted = told(line)
    asked(line, root)
    with holding(line):
        line.playground.delete(line.bob, regretted)
        line.hear()
    line.settle()
    assert "hunter22" not in summary(line, line.ann)
    assert "hunter22" not in noted(line)
    assert f"{MESSAGES - 1} of {MESSAGES - 1} messages read" in summary(line, line.ann)


def test_one_that_is_edited_is_summed_up_as_it_reads_now_also_where_nobody_listens(line: Line) -> None:
    root, regretted = told(line)
    asked(line, root)
    with holding(line):
        line.playground.edit(line.bob, regretted, "Truck 1 waits at the gate.")
    line.settle()
    assert "hunter22" not in summary(line, line.ann)
    assert "hunter22" not in noted(line)
    assert "Truck 1 waits at the gate." in "\n".join(line.prompt(at) for at in range(len(line.model.history)))


def test_only_the_part_that_held_it_is_read_again_and_what_stands_above_it(line: Line) -> None:
    root, regretted = told(line)
    asked(line, root)
    with holding(line):
        line.playground.edit(line.bob, regretted, "Truck 1 waits at the gate.")
    whole = len(line.model.history)
    line.settle()
    assert 0 < len(line.model.history) - whole < whole / 2


def test_one_that_goes_while_the_summary_has_given_way_is_not_remembered(line: Line) -> None:
    root, regretted = told(line)
    asked(line, root)
    with holding(line):
        line.say(line.bob, "ask What is a pallet?")
        line.step("admit")
    line.playground.delete(line.bob, regretted)
    line.settle()
    assert "hunter22" not in summary(line, line.ann)
    assert "hunter22" not in noted(line)


def test_with_its_root_the_whole_thread_goes_and_nothing_is_posted(line: Line) -> None:
    root, _ = told(line)
    asked(line, root)
    with holding(line):
        line.playground.delete(line.ann, root)
        line.hear()
    line.settle()
    assert line.private_answers(line.ann) == []
    assert "hunter22" not in noted(line)
    assert "is gone" in found(line, line.ann)


def test_a_new_message_is_no_reason_to_read_again(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 3):
        trucks(line, MESSAGES, root, count=1)
    line.settle()
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)
    assert len(line.model.history) == nodes(line)


# Rights that are lost


def board(line: Line) -> tuple[Doc, Doc, Doc]:
    """A private channel, the root of what is told there, and another channel of the same people."""
    members = (line.ann, line.bob, line.bot)
    source, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    return source, told(line, source)[0], few


def test_who_is_put_out_of_the_source_while_it_is_made_gets_nothing(line: Line) -> None:
    source, root, _ = board(line)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.step("admit")
    with holding(line):
        line.playground.remove_member(line.ann, source)
    line.settle()
    assert not any("Trucks bring" in text for text in line.private_answers(line.ann))
    assert "You are not a member of that channel" in found(line, line.ann)


def test_where_somebody_has_joined_while_it_was_made_it_is_not_posted(line: Line) -> None:
    _, root, few = board(line)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.step("admit")
    with holding(line):
        line.playground.join(line.carol, few)
    line.settle()
    assert line.answers(few) == []
    assert "Somebody has come into that channel who may not read" in found(line, line.ann)


def test_nor_where_somebody_joins_between_its_end_and_its_posting_and_no_later_prompt_holds_it(line: Line) -> None:
    _, root, few = board(line)
    always(line)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}", few)
    line.step("admit")
    line.step("model:tiny")
    line.playground.join(line.carol, few)
    line.settle()
    assert line.answers(few) == []
    assert "Somebody has come into that channel who may not read" in found(line, line.ann)
    with line.worker.database.read() as session:
        assert [*filter(None, session.scalars(select(Message.raw)))] == []


def test_a_shared_one_is_looked_at_once_more_before_it_is_posted(line: Line) -> None:
    _, root, few = board(line)
    always(line)
    line.say(line.ann, f"summarize {line.playground.link(root)}", few)
    line.settle()
    post = line.posts(line.direct(line.ann))[-1]
    line.pick(line.ann, line.more(line.ann, post), line.direct(line.ann), what="share", channel=few["id"])
    line.step("admit")
    line.playground.join(line.carol, few)
    line.settle()
    assert line.answers(few) == []
    assert "It was not shared: not everybody in that channel" in found(line, line.ann)
    assert "Trucks bring" in line.playground.post(post)["message"]


def test_who_opts_out_while_it_is_made_is_not_in_it(line: Line) -> None:
    root, _ = told(line)
    asked(line, root)
    with holding(line):
        line.pick(line.bob, _privacy(line, line.bob), me="no", channel="yes")
    line.settle()
    assert "hunter22" not in summary(line, line.ann)
    assert "hunter22" not in noted(line)


def test_a_summary_of_a_channel_that_was_closed_is_not_shared_anew(line: Line) -> None:
    _, root, few = board(line)
    always(line)
    line.say(line.ann, f"summarize {line.playground.link(root)}", few)
    line.settle()
    post = line.posts(line.direct(line.ann))[-1]
    source = line.playground.post(root)["channel_id"]
    line.playground.make_channel_admin(line.bob, {"id": source})
    line.pick(line.bob, _privacy(line, line.bob, {"id": source}), me="yes", channel="no")
    assert "does not want its messages read" in share(line, post, few)
    assert line.answers(few) == []


def _privacy(line: Line, who: Doc, channel: Doc | None = None) -> Doc:
    line.say(who, "privacy", channel)
    return line.playground.dialogs(who)[-1]


@pytest.mark.parametrize("heard", [True, False])
def test_a_channel_that_the_bot_is_removed_from_takes_what_was_noted_of_it(line: Line, *, heard: bool) -> None:
    root = trucks(line)
    always(line)
    asked(line, root)
    line.settle()
    assert nodes(line) > 0
    with nullcontext() if heard else nobody_listening(line):
        line.playground.remove_member(line.bot, line.town, by=line.bob)
    if heard:
        line.hear()
    assert nodes(line) == 0


# A worker that dies


class _Killed(BaseException):
    """As if the process were gone."""


def test_a_part_that_kills_its_worker_each_time_ends_the_summary(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    root = trucks(line)
    asked(line, root)
    always(line)
    real = line.model.generate

    def generate(prompt, options):  # type: ignore[no-untyped-def]
        if LATER in "\n".join(turn.text for turn in prompt.turns):
            raise _Killed
        yield from real(prompt, options)

    monkeypatch.setattr(line.model, "generate", generate)
    for _ in range(queue.MAX_ATTEMPTS):
        claimed = line.claim("model:tiny")
        assert claimed is not None
        with pytest.raises(_Killed):
            lanes.do(line.worker, claimed)
        expire(line)
    assert [job.state for job in jobs(line)] == ["dead"]
    assert nodes(line) > 0


# Stop


def given_way(line: Line, root: Doc, parts: int) -> None:
    """A summary has read so many parts, and stands behind somebody's question."""
    asked(line, root)
    with held_at(line, parts):
        line.say(line.bob, "ask What is a pallet?")
        line.step("admit")
    assert [(job.state, job.parts_done) for job in jobs(line)] == [("queued", parts)]


def read_until_then(line: Line) -> int:
    """How many messages the summary of who stopped it tells of."""
    text = summary(line, line.ann)
    assert "stopped: this is what was read until then" in text
    return int(text.split("\n")[1].split(" of ")[0].strip("*"))


def test_stopped_while_it_waits_for_others_it_tells_what_it_has_read_and_asks_no_model(line: Line) -> None:
    given_way(line, trucks(line), 4)
    line.say(line.ann, "stop")
    line.settle()
    assert read_until_then(line) > MESSAGES / 4
    assert parts_read(line).count("part") == 4


def test_stopped_in_a_later_turn_it_tells_of_all_parts_that_are_there(line: Line) -> None:
    given_way(line, trucks(line), 4)
    line.step("model:tiny")
    claimed = line.claim("model:tiny")
    assert claimed is not None
    line.say(line.ann, "stop")
    lanes.do(line.worker, claimed)  # it hears of it while it writes the next one
    line.settle()
    assert read_until_then(line) > MESSAGES / 4
    assert parts_read(line).count("part") == 5


def test_also_where_another_worker_has_to_read_the_messages_again_first(line: Line) -> None:
    given_way(line, trucks(line), 4)
    line.worker.aside.clear()
    line.say(line.ann, "stop")
    line.settle()
    assert read_until_then(line) > MESSAGES / 4
    assert parts_read(line).count("part") == 4


def test_also_what_was_known_behind_the_part_that_is_being_written(line: Line) -> None:
    root = trucks(line)
    always(line)
    asked(line, root)
    line.settle()
    edited = line.playground.posts(line.town)[1]
    line.playground.edit(edited["user_id"], edited, "Truck 1 was turned away.")
    line.hear()
    asked(line, root)
    line.model.steps.clear()
    with holding(line, "turned away"):
        line.say(line.ann, "stop")
    line.settle()
    assert read_until_then(line) > MESSAGES / 2


def test_the_deletion_of_one_that_waits_ends_it_at_once(line: Line) -> None:
    given_way(line, trucks(line), 4)
    line.say(line.ann, "delete")
    assert [job.state for job in jobs(line)] == ["cancelled"]
    line.settle()
    assert line.private_answers(line.ann) == []
    assert line.worker.aside == {}


# Giving way


def test_what_was_read_is_at_hand_when_its_turn_comes_again(line: Line, gathered: list[int]) -> None:
    root = trucks(line)
    asked(line, root)
    always(line)
    for number in range(4):
        line.say((line.bob, line.carol)[number % 2], "ask What is a pallet?")
        line.step("admit")
        line.step("model:tiny")
        line.step("model:tiny")
    line.settle()
    assert len(gathered) == 1
    assert f"{MESSAGES} of {MESSAGES}" in summary(line, line.ann)
    assert parts_read(line).count("part") == nodes(line)


def test_for_a_question_that_cannot_begin_nothing_gives_way(line: Line, gathered: list[int]) -> None:
    """Bob's first question is written by another worker, and his second waits for that."""
    root = trucks(line)
    always(line)
    asked(line, root)
    for words in ("ask What is a pallet?", "ask What is a crane?"):
        line.say(line.bob, words)
        line.step("admit")
    first, _ = jobs(line, "answer")
    with line.worker.database.write() as session:
        until = clock(session) + timedelta(seconds=600)
        running = {"state": "running", "lease_token": "x" * 32, "lease_until": until, "started_at": clock(session)}
        session.execute(update(Job).where(Job.id == first.id).values(running))
    line.step("model:tiny")
    assert [job.state for job in jobs(line)] == ["done"]
    assert len(gathered) == 1


def test_for_the_question_of_its_own_person_it_does(line: Line) -> None:
    root = trucks(line)
    asked(line, root)
    with held_at(line, 2):
        line.say(line.ann, "ask What is a pallet?")
        line.step("admit")
    assert [job.state for job in jobs(line)] == ["queued"]
    line.step("model:tiny")
    assert parts_read(line)[-1] == "question"
