"""Which lines of a digest stand in its post, and which in the reply below it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mmapp.chat.notes import Line, Section
from mmapp.jobs.front import AT_MOST, ROOM, Row, shared_out

SECTIONS: tuple[Section, ...] = ("decided", "todo", "open", "")


def lines(section: Section, count: int) -> list[Row]:
    """So many new ones."""
    return [Row(Line(f"{section} {number}", section)) for number in range(count)]


def again(section: Section, count: int, *, old: bool = False) -> list[Row]:
    """So many that are carried forward."""
    return [Row(Line(f"{section} again {number}", section), "i", 20 if old else 3, old=old) for number in range(count)]


def words(rows: list[Row]) -> list[str]:
    return [row.line.text for row in rows]


def test_what_fits_stands_in_the_post_and_nothing_below() -> None:
    rows = [*lines("decided", 3), *lines("todo", 3), *lines("open", 3)]
    assert shared_out(rows) == (rows, [])


def test_no_section_is_hidden_by_another() -> None:
    shown, below = shared_out([*lines("decided", 30), *lines("todo", 1), *lines("open", 1), *lines("", 1)])
    assert Counter(row.line.section for row in shown) == {"decided": ROOM - 3, "todo": 1, "open": 1, "": 1}
    assert words(below) == [f"decided {number}" for number in range(6, 30)]


def test_beside_sections_there_are_three_threads_at_most() -> None:
    shown, below = shared_out([*lines("decided", 1), *lines("", 5)])
    assert words(shown) == ["decided 0", " 0", " 1", " 2"]
    assert words(below) == [" 3", " 4"]


def test_where_nothing_is_sorted_into_sections_the_threads_are_all_of_it() -> None:
    shown, below = shared_out(lines("", 12))
    assert (len(shown), len(below)) == (ROOM, 12 - ROOM)


def test_three_of_what_is_carried_forward_stand_there_the_oldest_first() -> None:
    shown, below = shared_out([*again("todo", 2), *again("open", 3)])
    assert words(shown) == ["todo again 0", "todo again 1", "open again 0"]
    assert words(below) == ["open again 1", "open again 2"]


def test_a_section_in_which_nothing_is_new_gets_one_of_them() -> None:
    shown, below = shared_out([*again("todo", 5), *again("open", 2)])
    assert words(shown) == ["todo again 0", "todo again 1", "open again 0"]
    assert len(below) == 4
    shown, _ = shared_out([*lines("open", 1), *again("todo", 5), *again("open", 2)])
    assert words(shown) == ["open 0", "todo again 0", "todo again 1", "todo again 2"]


def test_what_is_old_stands_below_alone() -> None:
    shown, below = shared_out([*lines("todo", 1), *again("todo", 2, old=True)])
    assert words(shown) == ["todo 0"]
    assert words(below) == ["todo again 0", "todo again 1"]


def test_what_is_new_is_not_hidden_by_what_is_carried_forward() -> None:
    shown, _ = shared_out([*lines("todo", 6), *again("todo", 6), *lines("", 6)])
    assert Counter(row.group for row in shown) == {"todo": 3, "carried": 3, "": 3}


@given(
    st.lists(st.tuples(st.sampled_from(SECTIONS), st.sampled_from((None, 0, 3, 20)))),
    st.integers(min_value=5, max_value=9),
)
def test_nothing_is_lost_or_told_twice_and_every_section_has_its_line(
    drawn: list[tuple[Section, int | None]], room: int
) -> None:
    rows = [
        Row(Line(str(number), section), age=age if section in ("todo", "open") else None, old=age == 20)
        for number, (section, age) in enumerate(drawn)
    ]
    shown, below = shared_out(rows, room)
    assert len(shown) <= room
    assert sorted(words(shown) + words(below), key=int) == words(rows)
    assert words(shown) == sorted(words(shown), key=int)
    assert {row.group for row in shown} == {row.group for row in rows if not row.old}
    assert {row.line.section for row in shown} == {row.line.section for row in rows if not row.old}
    assert sum(row.group == "carried" for row in shown) <= AT_MOST
