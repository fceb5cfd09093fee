"""How much may wait, and whose turn it is, as people meet it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import update

from mmapp.db import clock
from mmapp.models import ModelRecord, WorkerRecord
from tests.line import Line
from tests.playground.store import Doc


def measured(line: Line) -> None:
    """The model's speed is known, so that times can be named: an answer takes about 15 s."""
    with line.worker.database.write() as session:
        session.execute(update(ModelRecord).values(prefill=1000.0, decode=10.0, answer_tokens=150.0))


def always(line: Line) -> None:
    """Every question has the same answer."""
    line.model.enqueue("Because.")
    line.model.repeat = True


def ask(line: Line, who: Doc, number: int = 1) -> str:
    return line.say(who, f"ask Question {number}?").text


def answer_all(line: Line) -> None:
    """Admission is a lane of its own, quicker than any model: it is done when the model takes up the first."""
    while line.step("admit"):
        pass
    line.settle()


def test_a_person_s_sixth_waiting_question_is_refused_with_a_time_and_given_back(line: Line) -> None:
    measured(line)
    for number in range(5):
        assert "busy" not in ask(line, line.ann, number)
    refused = line.say(line.ann, "ask --private And the sixth?").text
    assert "You already have 5 questions waiting" in refused
    assert "`/ai stop`" in refused
    assert "/ai ask --private And the sixth?" in refused
    assert line.jobs("queued") == 5
    assert "Your turn now" not in ask(line, line.bob)  # others may still ask


def test_the_time_that_a_refusal_names_is_when_the_next_one_starts(line: Line) -> None:
    measured(line)
    ask(line, line.ann)
    line.step("admit")
    line.claim("model:tiny")
    for number in range(5):
        ask(line, line.ann, number)
    assert "room for another in about 15 s" in ask(line, line.ann)


def test_beside_five_that_wait_one_may_be_answered(line: Line) -> None:
    for number in range(5):
        ask(line, line.ann, number)
    while line.step("admit"):
        pass
    assert line.claim("model:tiny") is not None
    assert "questions waiting" not in ask(line, line.ann)
    assert "questions waiting" in ask(line, line.ann)


def test_when_an_answer_is_there_the_next_question_may_wait(line: Line) -> None:
    always(line)
    for number in range(5):
        ask(line, line.ann, number)
    assert "questions waiting" in ask(line, line.ann)
    line.settle()
    assert "questions waiting" not in ask(line, line.ann)


def test_stopping_one_makes_room(line: Line) -> None:
    for number in range(5):
        ask(line, line.ann, number)
    line.say(line.ann, "stop")
    assert "questions waiting" not in ask(line, line.ann)


def crowd(line: Line, size: int) -> list[Doc]:
    people = [line.playground.add_user(f"person{number}") for number in range(size)]
    for each in people:
        line.playground.join(each, line.town)
    return people


def test_the_fifty_first_that_waits_is_told_that_it_is_busy_and_until_when(line: Line) -> None:
    measured(line)
    for who in crowd(line, 10):
        for number in range(5):
            assert "questions waiting" not in ask(line, who, number)
    refused = ask(line, line.ann)
    assert "50 questions are already waiting" in refused
    assert "ask again in" in refused
    assert "/ai ask Question 1?" in refused
    assert line.jobs("queued") == 50


def test_asking_at_the_same_moment_makes_no_more_room(line: Line) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda number: ask(line, line.ann, number), range(16)))
    assert sum("questions waiting" in text for text in told) == 11
    assert line.jobs("queued") == 5


def test_who_asked_five_things_waits_for_who_asked_one(line: Line) -> None:
    always(line)
    measured(line)
    for number in range(5):
        ask(line, line.ann, number)
    assert "2nd in line" in line.say(line.bob, "ask Mine?").text
    answer_all(line)
    assert [prompt.asked for prompt in line.model.history][:3] == ["Question 0?", "Mine?", "Question 1?"]


def test_the_place_of_a_question_to_the_quoting_model_does_not_count_the_writing_ones(line: Line) -> None:
    measured(line)
    for number in range(3):
        ask(line, line.ann, number)
    assert "in line" not in line.say(line.bob, "ask --model quotes Why?").text


def test_who_is_being_answered_is_not_told_that_a_quote_comes_at_once(line: Line) -> None:
    measured(line)
    ask(line, line.ann)
    line.step("admit")
    assert line.claim("model:tiny") is not None
    assert "2nd in line, about 15 s" in line.say(line.ann, "ask --model quotes Why?").text


def test_without_a_worker_a_refusal_names_no_time(line: Line) -> None:
    measured(line)
    with line.worker.database.write() as session:
        session.execute(update(WorkerRecord).values(seen_at=clock(session) - timedelta(hours=1)))
    for number in range(5):
        ask(line, line.ann, number)
    refused = ask(line, line.ann)
    assert "5 questions waiting" in refused
    assert "No worker is running" in refused
    assert "room for another" not in refused


def test_what_a_worker_has_just_read_is_at_hand(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, f"--thread {root['id']} Why?", answer="Because.")
    assert line.worker.at_hand().threads == {("tiny", root["id"])}


def test_among_those_who_came_together_a_thread_just_read_goes_first(line: Line) -> None:
    always(line)
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.carol, f"--thread {root['id']} Why?")
    ask(line, line.ann)
    line.say(line.bob, f"ask --thread {root['id']} Since when?")
    answer_all(line)
    assert [prompt.asked for prompt in line.model.history] == ["Why?", "Since when?", "Question 1?"]
