"""Many people ask while everything is killed with -9 at random: each question is answered once, and none is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import swift
from tests.acceptance.storm import weather
from tests.postgres import PostgreSQL

PEOPLE, KILLS = 40, 20


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[PostgreSQL | None]:
    """A server that can be killed: it writes to the disk as a real one does, and no other test uses it."""
    if request.param == "sqlite":
        yield None
        return
    with PostgreSQL("-c", "fsync=on") as found:
        yield found


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder that is not in memory, for SQLite's file."""
    with tempfile.TemporaryDirectory(prefix="chorus-storm-", dir=swift.DISK) as found:
        yield Path(found)


@pytest.mark.timeout(600)
def test_every_acknowledged_question_is_answered_once_though_everything_is_killed_again_and_again(
    disk: Path, server: PostgreSQL | None
) -> None:
    weather(disk, server, PEOPLE, KILLS)
