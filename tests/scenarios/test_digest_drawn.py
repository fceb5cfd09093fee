"""Weeks of a digest, drawn at random: whatever happens, what was said is told, and once where it goes on from the one before."""

from __future__ import annotations

import os

import pytest

from tests.line import Line
from tests.scenarios.digesting import Show
from tests.scenarios.drawn_days import Story
from tests.scenarios.test_digest_window import Days

SEEDS = range(int(os.environ.get("CHORUS_TEST_WEEKS", "6")))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_is_told(line: Line, show: Show, seed: int) -> None:
    story = Story(line, Days(line, show), seed)
    story.live()
    story.require_all_told()
