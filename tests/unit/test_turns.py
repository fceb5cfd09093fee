"""Whose turn it is, with real rows in the queue, on both databases: jobs/fairness.py and the statement that feeds it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert

from mmapp.db import Database, clock
from mmapp.jobs import queue, waiting
from mmapp.jobs.claim import Claim
from mmapp.models import Message, new_id
from tests.unit.test_queue import PAYLOAD, add, end, take

MANY = 1_200  # a thousand, and more than are weighed at once


def add_many(
    database: Database,
    person: str,
    count: int,
    class_: int = queue.PERSON,
    kind: str = "answer",
    name: str = "model:tiny",
) -> None:
    """So many jobs of one person, a second apart, the newest a minute old; in an order that says nothing."""
    with database.write() as session:
        now = clock(session)
        ids = [new_id() for _ in range(count)]
        asked = {"role": "question", "person_id": person, "person_name": person, "text": "why?", "created_at": now}
        session.execute(insert(Message), [{"id": request} | asked for request in ids])
        ages = random.Random(1).sample(range(60, 60 + count), count)
        for request, age in zip(ids, ages, strict=True):
            queue.enqueue(
                session, kind, name, PAYLOAD.but(person_id=person), request_id=request,
                now=now, run_at=now - timedelta(seconds=age), class_=class_,
            )  # fmt: skip


@pytest.mark.parametrize("took", [0.1, 600.0], ids=["a short answer", "a long one"])
def test_a_thousand_requests_of_one_person_delay_another_by_at_most_one_job(database: Database, took: float) -> None:
    add_many(database, "ann", MANY)
    mine = add(database, person="bob")
    first = take(database)
    assert first.payload.person_id == "ann"
    end(database, first, took)
    assert take(database).request_id == mine


def serve(database: Database) -> Claim:
    """What is done next of all that needs no model."""
    claimed = queue.claim(database, ["admit", "notify", "post"], 30)
    assert claimed is not None
    return claimed


@pytest.mark.parametrize("kind", waiting.ERRANDS)
@pytest.mark.parametrize("used", [0.0, 600.0], ids=["who asked nothing yet", "who has asked much"])
def test_a_thousand_errands_of_one_person_delay_another_s_question_by_at_most_one_job(
    database: Database, kind: str, used: float
) -> None:
    add(database, person="bob")
    end(database, take(database), used)
    add_many(database, "ann", MANY, kind=kind, name="notify" if kind == "notify" else "admit")
    mine = add(database, "admit", "admit", person="bob")
    first = serve(database)
    assert first.payload.person_id == "ann"
    end(database, first)
    assert serve(database).request_id == mine


def test_without_a_model_it_goes_round_and_who_came_last_waits_for_one_of_each(database: Database) -> None:
    for person in ("ann", "carol"):
        add_many(database, person, 5, kind="on", name="admit")
    mine = [add(database, "admit", "admit", person="bob") for _ in range(2)]
    served = [serve(database) for _ in range(6)]
    assert [claimed.request_id in mine for claimed in served] == [False, False, True] * 2


def test_what_is_to_be_posted_waits_for_nobody_s_errands(database: Database) -> None:
    add_many(database, "ann", 5, kind="on", name="admit")
    serve(database)
    answer = add(database, "post", "post", person="ann")
    assert serve(database).request_id == answer


def test_while_one_of_a_thousand_runs_another_person_s_begins_beside_it(database: Database) -> None:
    add_many(database, "ann", MANY)
    mine = add(database, person="bob")
    take(database)
    assert take(database).request_id == mine  # one answer at a time is written for a person
    assert queue.claim(database, ["model:tiny"], 30) is None


def test_a_thousand_jobs_of_a_machine_delay_nobody(database: Database) -> None:
    add_many(database, "", MANY, queue.BACKGROUND)
    mine = add(database, person="bob")
    assert take(database).request_id == mine


def test_a_person_s_question_goes_before_background_work_and_that_before_evaluation(database: Database) -> None:
    evaluation = add(database, person="", class_=queue.EVALUATION)
    background = add(database, person="", class_=queue.BACKGROUND)
    question = add(database, person="ann")
    assert [take(database).request_id for _ in range(3)] == [question, background, evaluation]


def test_nobody_s_question_waits_for_what_a_machine_does_for_the_same_person(database: Database) -> None:
    evaluation = add(database, person="ann", class_=queue.EVALUATION)
    background = add(database, person="ann", class_=queue.BACKGROUND)
    question = add(database, person="ann")
    for expected in (question, background, evaluation):
        claimed = take(database)
        assert claimed.request_id == expected
        end(database, claimed, 5.0)


def test_who_has_used_much_still_goes_before_a_machine(database: Database) -> None:
    add(database, person="ann")
    end(database, take(database), 500.0)
    add(database, person="", class_=queue.BACKGROUND)
    question = add(database, person="ann")
    assert take(database).request_id == question


def test_what_machines_do_for_one_person_is_done_in_its_order_and_counts_against_nobody(database: Database) -> None:
    first, second = (add(database, person="ann", class_=queue.BACKGROUND) for _ in range(2))
    third = add(database, person="bob", class_=queue.BACKGROUND)
    for expected in (first, second, third):
        claimed = take(database)
        assert claimed.request_id == expected
        end(database, claimed, 60.0)
    questions = [add(database, person="ann"), add(database, person="bob")]
    assert [take(database).request_id for _ in questions] == questions


def test_a_person_s_question_runs_beside_what_a_machine_does_for_them(database: Database) -> None:
    add(database, person="ann", class_=queue.BACKGROUND)
    take(database)
    question = add(database, person="ann")
    assert take(database).request_id == question


def test_what_a_machine_asks_for_gives_way_to_people_and_not_to_its_like(database: Database) -> None:
    add(database, person="ann", class_=queue.BACKGROUND)
    running = take(database)

    def gives_way() -> bool:
        with database.read() as session:
            lane = ["model:tiny"]
            return waiting.is_waited_for(session, clock(session), running.id, 600.0, lane, waiting.WRITING)

    add(database, person="bob", class_=queue.BACKGROUND)
    assert not gives_way()
    add(database, "summarize", person="ann")  # and it has used the model for ten minutes for her
    assert gives_way()


def test_after_it_gave_way_it_goes_on_before_its_like(database: Database) -> None:
    first = add(database, person="ann", class_=queue.BACKGROUND)
    claimed = take(database)
    add(database, person="bob", class_=queue.BACKGROUND)
    queue.give_way(database, claimed)
    assert take(database).request_id == first


def test_of_what_a_machine_asks_for_one_part_stands_before_a_question(database: Database) -> None:
    add(database, "summarize", person="ann", class_=queue.BACKGROUND)
    claimed = take(database)
    with database.write() as session:
        queue.checkpoint(session, claimed, 2, 10, 80.0, written=True)
    with database.read() as session:
        (seen,) = waiting.open_requests(session, clock(session))
    assert (seen.person, seen.running, seen.estimate) == ("", True, 10.0)
