"""Four schedulers that look at once and are killed (SIGKILL) at any moment, over the nights on which clocks are changed."""

from __future__ import annotations

from datetime import date

import pytest

from mmapp.db import Database
from tests.acceptance.schedulers import Killing
from tests.conftest import KEY


@pytest.mark.parametrize("first", [date(2026, 3, 6), date(2026, 10, 24)])
def test_each_time_of_each_zone_is_planned_once(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch, first: date
) -> None:
    machine = Killing(database, monkeypatch, first.toordinal(), database_url, (KEY,))
    machine.live_through("30 2 * * *", [(2, 30)], first, count=12)
    assert machine.kills
