"""Many orders of events that nobody thinks of, each drawn by another seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orders.walk import Ground, told

ORDERS, EVENTS = 500, 40  # of each age; ten minutes


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("age", ["11", "5.37"])
def test_many_orders(migrated: Path, tmp_path: Path, age: str) -> None:
    ground = Ground(migrated, tmp_path / "walk", age)
    for seed in range(ORDERS):
        broken, story = ground.walk(seed, EVENTS)
        if broken:
            only, broken, story = ground.shortest(seed, EVENTS, broken)
            pytest.fail(told(seed, broken, story, only))
