"""Storm after storm, each with another seed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.acceptance.storm import weather
from tests.acceptance.test_storm import KILLS, PEOPLE, disk, server
from tests.postgres import PostgreSQL

__all__ = ["disk", "server"]
STORMS = 5  # on each database


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(STORMS))
def test_a_storm(number: int, disk: Path, server: PostgreSQL | None, capsys: pytest.CaptureFixture[str]) -> None:
    happened = weather(disk, server, PEOPLE, KILLS)
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *happened, ""]))
