"""A line for each test."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmapp.config import Settings
from tests.doctor import Doctor
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import Show, stop_clock
from tests.scenarios.summaries import WRITTEN, talk


@pytest.fixture
def age(request: pytest.FixtureRequest, database_url: str) -> str:
    """The Mattermost's: each test meets both ages and both databases, in two runs instead of four.

    Which age goes with which database is drawn by the test's name, so that all four pairs are met.
    """
    drawn = zlib.crc32(request.node.originalname.encode()) % 2
    return "11" if database_url.startswith("sqlite") == bool(drawn) else "5.37"


@pytest.fixture
def others() -> tuple[str, ...]:
    """The names of further bots of a line; files that have some say so."""
    return ()


@pytest.fixture
def line(database_url: str, age: str, others: tuple[str, ...], tmp_path: Path) -> Iterator[Line]:
    with Line(database_url, tmp_path / "models", age=age, others=others) as running:
        yield running
        assert running.playground.server.warnings == []  # no props that v11 takes today and not for ever


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, line: Line) -> Show:
    """Sets the database's clock, which stands still otherwise; the model always has something to say."""
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    return stop_clock(monkeypatch)


@pytest.fixture
def talked(line: Line) -> None:
    """Something was said in the town, and the model always has something to say about it."""
    talk(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)


@pytest.fixture
def guide(line: Line) -> Doc:
    """The second bot of lines that have one."""
    return line.others["guide"]


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(record.msg))


@pytest.fixture
def log() -> Iterator[Kept]:
    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield kept
    logging.getLogger().removeHandler(kept)


@pytest.fixture
def listed(database_url: str, age: str, others: tuple[str, ...], tmp_path: Path) -> Iterator[Line]:
    """A line on which a channel must be switched on; bob is an admin of each, as its creator is, and root of the server."""
    with Line(database_url, tmp_path / "models", age=age, others=others, access="listed") as running:
        for channel in (running.town, running.secret):
            running.playground.make_channel_admin(running.bob, channel)
        running.playground.add_user("root", roles="system_admin system_user")
        yield running
        assert running.playground.server.warnings == []


@pytest.fixture
def doctor(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Who visits this line; the settings are those of a `.env` in the test's own folder."""
    env = tmp_path / ".env"
    monkeypatch.setitem(Settings.model_config, "env_file", env)
    return Doctor(line, env)
