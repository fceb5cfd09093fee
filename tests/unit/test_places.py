"""What stands before a question: its own lane's requests alone, and those of an endpoint as many at a time as it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mmapp.commands import place
from mmapp.jobs.fairness import Request, Standing
from mmapp.models import ModelRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENGINES = {"small": "gpt4all", "newer": "llamacpp", "quotes": "extractive", "far": "openai", "farther": "openai"}
RECORDS = {name: ModelRecord(name=name, engine=engine) for name, engine in ENGINES.items()}


def asked(number: int, person: str, model: str, *, running: bool = False, estimate: float = 10.0) -> Request:
    return Request(number, 0, person, model, "", NOON + timedelta(seconds=number), estimate, running)


def rivals(model: str, *others: Request) -> list[int]:
    return [each.id for each in place.rivals(asked(99, "zoe", model), list(others), RECORDS)]


def test_models_of_this_machine_wait_for_each_other_and_for_nobody_else() -> None:
    others = [asked(number, "ann", model) for number, model in enumerate(ENGINES)]
    assert rivals("small", *others) == rivals("newer", *others) == [0, 1]
    assert rivals("quotes", *others) == [2]
    assert rivals("far", *others) == [3]
    assert rivals("farther", *others) == [4]


def test_a_model_that_nobody_has_listed_yet_is_taken_for_one_of_a_machine() -> None:
    assert rivals("unknown", asked(1, "ann", "small"), asked(2, "ann", "far")) == [1]


def test_whoever_is_being_answered_waits_for_the_end_of_that() -> None:
    assert rivals("far", asked(1, "zoe", "small", running=True), asked(2, "ann", "small", running=True)) == [1]


def before(at_a_time: int, *others: Request, person: str = "zoe") -> Standing:
    return place.before(asked(99, person, "far"), list(others), {}, at_a_time)


def running(count: int) -> list[Request]:
    return [asked(number, f"person-{number}", "far", running=True) for number in range(count)]


@pytest.mark.parametrize(("others", "at_a_time"), [(0, 1), (1, 2), (3, 4)])
def test_where_there_is_room_nobody_waits(others: int, at_a_time: int) -> None:
    assert before(at_a_time, *running(others)) == Standing(0, 0.0)


def test_one_at_a_time_waits_for_all() -> None:
    assert before(1, *running(1), asked(7, "ann", "far"), asked(8, "bob", "far")) == Standing(3, 30.0)


def test_several_at_a_time_wait_for_the_first_to_end() -> None:
    assert before(4, *running(4)) == Standing(1, 10.0)
    assert before(4, *running(4), *(asked(number, f"waiting-{number}", "far") for number in (7, 8))) == Standing(
        3, 15.0
    )


def test_however_much_room_there_is_a_person_has_one_answer_at_a_time() -> None:
    assert before(4, asked(1, "zoe", "small", running=True, estimate=25.0)) == Standing(1, 25.0)
