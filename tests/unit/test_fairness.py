"""Whose turn it is: nobody waits behind another's many questions, and what is at hand goes first among equals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmapp.jobs import fairness
from mmapp.jobs.fairness import AtHand, Full, Request, Standing

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def asked(
    number: int, person: str, *, after: float = 0, model: str = "tiny", thread: str = "", class_: int = 0, **more: float
) -> Request:
    """A request; `after` so many seconds past noon."""
    return Request(number, class_, person, model, thread, NOON + timedelta(seconds=after), **more)  # type: ignore[arg-type]


def order(*waiting: Request, used: dict[str, float] | None = None, seconds: float = 10.0) -> list[int]:
    """The requests in the order in which one model answers them, each taking so many seconds."""
    left, spent, ids = list(waiting), dict(used or {}), []
    while left:
        chosen = fairness.next_of(left, spent)
        left.remove(chosen)
        ids.append(chosen.id)
        spent[chosen.person] = spent.get(chosen.person, 0.0) + seconds
    return ids


def test_who_asked_first_is_answered_first() -> None:
    assert order(asked(1, "ann"), asked(2, "bob", after=1), asked(3, "carol", after=2)) == [1, 2, 3]


def test_who_asked_much_waits_for_who_asked_little() -> None:
    many = [asked(number, "ann", after=number) for number in range(1, 6)]
    assert order(*many, asked(6, "bob", after=6)) == [1, 6, 2, 3, 4, 5]


def test_a_thousand_questions_of_one_person_delay_another_by_one() -> None:
    many = [asked(number, "ann", after=number) for number in range(1, 1001)]
    assert order(*many, asked(1001, "bob", after=2000))[1] == 1001


def test_who_used_the_model_lately_lets_others_go_first() -> None:
    assert order(asked(1, "ann"), asked(2, "bob", after=5), used={"ann": 30.0, "bob": 29.0}) == [2, 1]


def test_a_persons_question_goes_before_a_machines_work() -> None:
    assert order(asked(1, "", class_=1), asked(2, "ann", after=100), used={"ann": 500.0}) == [2, 1]


def test_a_persons_own_questions_keep_their_order_whatever_is_at_hand() -> None:
    first, second = asked(1, "ann", thread="a"), asked(2, "ann", after=1, thread="b")
    warm = AtHand(frozenset({"tiny"}), frozenset({("tiny", "b")}))
    assert fairness.next_of([second, first], {}, warm) == first


@pytest.mark.parametrize(
    ("models", "threads", "chosen"),
    [
        (set(), set(), 1),
        ({"tiny"}, set(), 2),
        ({"tiny", "large"}, set(), 1),
        ({"tiny"}, {("tiny", "pump")}, 3),
    ],
    ids=["nothing at hand", "a loaded model", "both loaded", "a thread just read"],
)
def test_among_equals_what_is_at_hand_goes_first(models: set[str], threads: set[tuple[str, str]], chosen: int) -> None:
    waiting = [
        asked(1, "ann", model="large"),
        asked(2, "bob", after=1),
        asked(3, "carol", after=2, thread="pump"),
    ]
    assert fairness.next_of(waiting, {}, AtHand(frozenset(models), frozenset(threads))).id == chosen


def test_what_is_at_hand_never_passes_a_question_more_than_ten_seconds_older() -> None:
    old, new = asked(1, "ann", model="large"), asked(2, "bob", after=10.5)
    assert fairness.next_of([old, new], {}, AtHand(frozenset({"tiny"}))) == old


def test_what_is_at_hand_never_passes_a_smaller_share() -> None:
    little, much = asked(1, "ann", model="large"), asked(2, "bob")
    assert fairness.next_of([little, much], {"bob": 0.1}, AtHand(frozenset({"tiny"}))) == little


def test_a_place_counts_those_who_really_go_first() -> None:
    many = [asked(number, "ann", after=number, estimate=10.0) for number in range(2, 6)]
    running = asked(1, "ann", running=True, estimate=4.0)
    mine = asked(0, "bob", after=9, estimate=7.0)
    assert fairness.standing(mine, [running, *many], {}) == Standing(1, 4.0)
    assert fairness.standing(mine, [running, *many], {"bob": 20.0}) == Standing(3, 24.0)


def test_a_person_s_question_is_placed_before_what_a_machine_does_for_the_same_person() -> None:
    evaluation = asked(1, "bob", class_=2, estimate=60.0)
    assert fairness.standing(asked(0, "bob", after=9), [evaluation], {}) == Standing(0, 0.0)
    assert order(evaluation, asked(2, "bob", after=9)) == [2, 1]


REQUESTS = st.lists(
    st.builds(
        lambda person, after, estimate: (person, after, estimate),
        st.sampled_from(["ann", "bob", "carol"]),
        st.integers(0, 30),
        st.floats(0.1, 60),
    ),
    max_size=8,
)


@given(REQUESTS, st.dictionaries(st.sampled_from(["ann", "bob", "carol", "dave"]), st.floats(0, 100)))
def test_the_place_that_is_named_is_the_turn_that_comes(
    given_: list[tuple[str, int, float]], used: dict[str, float]
) -> None:
    others = [asked(n, who, after=at, estimate=took) for n, (who, at, took) in enumerate(given_, start=1)]
    mine = asked(99, "dave", after=40, estimate=5.0)
    place = fairness.standing(mine, others, used)
    left, spent, waited = [mine, *others], dict(used), 0.0
    for _ in range(place.ahead):
        chosen = fairness.next_of(left, spent)
        left.remove(chosen)
        waited += chosen.estimate
        spent[chosen.person] = spent.get(chosen.person, 0.0) + chosen.estimate
    assert fairness.next_of(left, spent) == mine
    assert place.seconds == pytest.approx(waited)


def test_one_person_may_have_five_waiting_beside_the_one_that_runs() -> None:
    running = asked(1, "ann", running=True, estimate=8.0)
    four = [asked(number, "ann", after=number, estimate=3.0) for number in range(2, 6)]
    fifth = asked(6, "ann", after=6, estimate=3.0)
    assert fairness.room("ann", [running, *four]) is None
    assert fairness.room("ann", [running, *four, fifth]) == Full(5, 8.0, own=True)
    assert fairness.room("bob", [running, *four, fifth]) is None


def test_fifty_may_wait_in_all_beside_those_that_run() -> None:
    running = asked(1, "p0", running=True, estimate=12.0)
    waiting = [asked(number, f"p{number}", after=number) for number in range(2, 52)]
    assert fairness.room("zoe", [running, *waiting[:-1]]) is None
    assert fairness.room("zoe", [running, *waiting]) == Full(50, 12.0, own=False)


def test_what_machines_ask_for_takes_no_room_from_anybody() -> None:
    machine = [asked(number, "", class_=fairness.BACKGROUND) for number in range(1, 100)]
    assert fairness.room("ann", machine) is None
    mine = [asked(number, "ann", after=1, estimate=5.0) for number in range(100, 105)]
    assert fairness.room("ann", [*machine, *mine]) == Full(5, 5.0, own=True)


def test_a_machine_s_work_that_is_being_done_stands_before_a_question_until_it_gives_way() -> None:
    running = asked(1, "", class_=fairness.BACKGROUND, estimate=20.0, running=True)
    waiting = asked(2, "", class_=fairness.BACKGROUND, estimate=90.0)
    assert fairness.standing(asked(3, "ann"), [running, waiting], {}) == Standing(1, 20.0)
