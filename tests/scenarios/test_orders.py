"""Orders of events that nobody thinks of: whatever people do and whatever fails, nobody reads what they may not, and all that
was asked comes to one end. tests/soak/test_orders.py walks longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orders.walk import Ground, told

EVENTS = 30


@pytest.mark.parametrize("age", ["11", "5.37"])
@pytest.mark.parametrize("seed", range(6))
def test_an_order(migrated: Path, tmp_path: Path, age: str, seed: int) -> None:
    ground = Ground(migrated, tmp_path / "walk", age)
    broken, story = ground.walk(seed, EVENTS)
    if broken:
        only, broken, story = ground.shortest(seed, EVENTS, broken)
        pytest.fail(told(seed, broken, story, only))
