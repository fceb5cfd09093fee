"""What a part of a summary reads: as much as a model reads in 20 seconds, within what its window allows, and always the same."""

from __future__ import annotations

import pytest

from llm.base import Speed
from mmapp.jobs import engines
from mmapp.models import ModelRecord
from tests.line import Line


def leaf(line: Line) -> int:
    return engines.leaf_tokens(line.worker, line.model, iter)


@pytest.mark.parametrize(
    ("prefill", "window", "tokens"),
    [
        (10.0, 8192, 1500),  # the least
        (100.0, 8192, 2000),  # 20 seconds
        (5000.0, 8192, 4096),  # half of the window
        (100.0, 2048, 1024),
        (10.0, 2048, 1024),  # the window counts more than the least
    ],
)
def test_it_is_what_is_read_in_20_seconds_within_its_bounds(
    line: Line, prefill: float, window: int, tokens: int
) -> None:
    line.model.speed = Speed(0.1, prefill, 50.0, window)
    assert leaf(line) == tokens


def test_it_stays_when_the_model_becomes_faster_since_parts_are_found_again_by_it(line: Line) -> None:
    line.model.speed = Speed(0.1, 100.0, 50.0, 8192)
    before = leaf(line)
    line.model.speed = Speed(0.1, 150.0, 50.0, 8192)
    engines.probe(line.worker, "tiny")
    assert leaf(line) == before


def test_a_model_whose_speed_is_known_from_answers_alone_is_probed_for_it(line: Line) -> None:
    line.model.speed = Speed(0.1, 100.0, 50.0, 1024)
    with line.worker.database.write() as session:
        session.get_one(ModelRecord, "tiny").prefill = 90.0
    assert leaf(line) == 512
