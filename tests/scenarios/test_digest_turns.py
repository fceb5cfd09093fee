"""Digests are made when nobody waits: people's questions and summaries go first, and nobody's room or place is taken."""

from __future__ import annotations

from sqlalchemy import select

from llm.scripted import Step
from mmapp.jobs import lanes, tick, typing
from mmapp.models import Job
from tests.line import Line
from tests.scenarios.digesting import (
    Show,
    admitted,
    at_nine,
    begin,
    digest,
    due,
    states,
    trucks,
)
from tests.scenarios.summaries import WRITTEN, talk

# Below what people want


def test_a_question_waits_for_one_part_of_it_and_so_does_a_summary(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [line.town])
    begin(line, number)
    admitted(line)
    claimed = line.claim("model:tiny")
    assert claimed
    line.say(line.bob, "ask What is a pallet?")
    line.say(line.carol, "summarize channel --kind brief")
    admitted(line)
    lanes.do(line.worker, claimed)
    line.settle()
    asked = [
        "question" if "pallet?" in one.question else "brief" if "3 lines" in one.system else "digest"
        for one in line.model.history
    ]
    assert asked[0] == "digest"
    assert asked.count("digest") > 3
    assert "digest" not in asked[1 : 2 + asked.count("brief")]
    assert states(line, number) == ["posted"]


def test_two_of_them_do_not_give_way_to_each_other(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    numbers = [digest(line, who, [line.town], language=name) for who, name in ((line.ann, ""), (line.bob, "French"))]
    for number in numbers:
        begin(line, number)
    line.settle()
    languages = ["French" in one.system for one in line.model.history]
    assert languages == sorted(languages)
    assert set(languages) == {False, True}


def test_it_gives_way_again_and_again_and_keeps_its_place_among_its_like(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    numbers = [digest(line, who, [line.town], language=name) for who, name in ((line.ann, ""), (line.bob, "French"))]
    for number in numbers:
        begin(line, number)
    admitted(line)
    for _ in range(3):
        claimed = line.claim("model:tiny")
        assert claimed
        line.say(line.carol, "ask What is a pallet?")
        line.step("admit")
        lanes.do(line.worker, claimed)  # a part of the first one, which then gives way
        line.step("model:tiny")
    assert len(line.model.history) == 6
    line.settle()
    parts = ["French" in one.system for one in line.model.history if "pallet?" not in one.question]
    assert parts == sorted(parts)


def test_a_hundred_that_wait_take_no_room_and_no_place_from_anybody(line: Line, show: Show) -> None:
    for _ in range(100):
        at_nine(line, line.ann, [line.town], line.town)
    show("8:30")
    tick.tick(line.worker.database)
    said = line.say(line.ann, "ask Why?")
    assert "questions waiting" not in said.text
    assert "in line" not in said.text
    assert "Stopped" in line.say(line.ann, "stop").text
    assert "nothing to stop" in line.say(line.ann, "stop").text
    with line.worker.database.read() as session:
        assert len(list(session.scalars(select(Job).where(Job.kind == "prepare", Job.state == "queued")))) == 100


def test_nobody_sees_that_the_bot_is_typing_while_one_waits_or_is_made(line: Line) -> None:
    talk(line)
    begin(line, digest(line, line.ann, [line.town], line.town))
    admitted(line)
    assert line.claimable("model:tiny")
    typing.announce(line.worker)
    assert line.playground.typing_events() == []


def test_what_it_takes_of_the_model_counts_against_nobody(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    line.model.enqueue(Step(WRITTEN, delay_ms=300))
    due(line, number)
    line.model.enqueue("It is.", "It is.")
    line.say(line.ann, "ask Is it?")
    line.say(line.bob, "ask Is it?")
    line.settle()
    people = [job.person_id for job in _by_claim(line)]
    assert people == [line.ann["id"], line.bob["id"]]


def _by_claim(line: Line) -> list[Job]:
    with line.worker.database.read() as session:
        return list(session.scalars(select(Job).where(Job.kind == "answer").order_by(Job.started_at)))
