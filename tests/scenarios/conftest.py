"""A line for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line import Line


@pytest.fixture
def line(database_url: str, tmp_path: Path) -> Iterator[Line]:
    with Line(database_url, tmp_path / "models") as running:
        yield running
