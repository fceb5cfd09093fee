"""What the tests of Mattermost's interface share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import CapturingLogger

from mmapp.mattermost import events
from tests.unit.mattermost.listening import TOKEN


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the listener writes into the log, which is never its token."""
    logger = CapturingLogger()
    monkeypatch.setattr(events, "log", logger)
    yield logger.calls
    assert TOKEN not in str(logger.calls)
