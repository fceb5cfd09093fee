"""A tree of parts: everything is in exactly one, and a change moves nothing but what is around it."""

from __future__ import annotations

import random

import pytest

from mmapp.chat import tree

BUDGET = 400


def items(count: int, seed: int = 1) -> tuple[list[str], list[int]]:
    chance = random.Random(seed)
    return [f"post{seed}-{number}" for number in range(count)], [chance.randint(5, 60) for _ in range(count)]


def parts(ids: list[str], sizes: list[int], fewest: int = 1) -> list[tuple[str, ...]]:
    spans = tree.cut(sizes, [tree.mark(one) for one in ids], BUDGET, fewest=fewest)
    return [tuple(ids[span.start : span.stop]) for span in spans]


@pytest.mark.parametrize("count", [0, 1, 2, 37, 600, 5000])
def test_every_post_is_in_exactly_one_part(count: int) -> None:
    ids, sizes = items(count)
    assert [one for part in parts(ids, sizes) for one in part] == ids


def test_no_part_is_over_its_budget_and_none_is_small() -> None:
    ids, sizes = items(3000)
    size = dict(zip(ids, sizes, strict=True))
    totals = [sum(size[one] for one in part) for part in parts(ids, sizes)]
    assert max(totals) <= BUDGET
    assert min(totals[:-1]) >= BUDGET * 2 / 5
    assert sum(totals) / len(totals) > BUDGET * 0.65


def test_an_item_that_is_too_long_is_a_part_of_its_own() -> None:
    ids, sizes = items(40)
    sizes[20] = 10 * BUDGET
    assert (ids[20],) in parts(ids, sizes)


def test_an_edit_changes_the_part_it_is_in() -> None:
    ids, sizes = items(1000)
    before = parts(ids, sizes)
    assert parts(ids, [*sizes[:500], sizes[500] + 1, *sizes[501:]]) == before


@pytest.mark.parametrize("place", range(50, 950, 60))
def test_an_insertion_and_a_deletion_are_forgotten_a_few_parts_later(place: int) -> None:
    ids, sizes = items(1000)
    before = set(parts(ids, sizes))
    inserted = set(parts([*ids[:place], "new", *ids[place:]], [*sizes[:place], 30, *sizes[place:]]))
    deleted = set(parts(ids[:place] + ids[place + 1 :], sizes[:place] + sizes[place + 1 :]))
    assert len(inserted - before) <= 6
    assert len(deleted - before) <= 6


def test_mostly_one_part_changes_with_a_post() -> None:
    ids, sizes = items(1000)
    before = set(parts(ids, sizes))
    changed = [
        len(set(parts(ids[:place] + ids[place + 1 :], sizes[:place] + sizes[place + 1 :])) - before)
        for place in range(1000)
    ]
    assert sum(changed) / len(changed) < 1.3


@pytest.mark.parametrize("seed", range(10))
def test_ten_new_posts_change_the_last_part_and_no_other(seed: int) -> None:
    ids, sizes = items(1000, seed=seed)
    more, _ = items(10, seed=99)
    before = parts(ids, sizes)
    after = parts(ids + more, sizes + [15] * 10)
    assert after[: len(before) - 1] == before[:-1]
    assert len(after) - len(before) <= 1


@pytest.mark.parametrize("count", range(2, 12))
def test_parents_have_two_children_however_long_these_are_and_a_last_one_alone_goes_up_as_it_is(count: int) -> None:
    ids, _ = items(count)
    *others, last = parts(ids, [BUDGET] * count, fewest=2)
    assert all(len(part) == 2 for part in others)
    assert len(last) in (1, 2)


def test_a_node_s_name_depends_on_everything_it_was_made_from() -> None:
    names = {
        tree.key("secret", "leaf", "summary-1", ["a"]),
        tree.key("other", "leaf", "summary-1", ["a"]),
        tree.key("secret", "parent", "summary-1", ["a"]),
        tree.key("secret", "leaf", "summary-2", ["a"]),
        tree.key("secret", "leaf", "summary-1", ["a", "b"]),
        tree.key("secret", "leaf", "summary-1", ["ab"]),
    }
    assert len(names) == 6


def test_between_two_breaks_it_is_cut_as_if_it_stood_alone() -> None:
    ids, sizes = items(300)
    marks = [tree.mark(one) for one in ids]
    apart = [tree.cut(sizes[a:b], marks[a:b], BUDGET) for a, b in ((0, 90), (90, 200), (200, 300))]
    moved = [
        range(at + part.start, at + part.stop) for at, parts in zip((0, 90, 200), apart, strict=True) for part in parts
    ]
    assert tree.cut(sizes, marks, BUDGET, breaks=(90, 200)) == moved
