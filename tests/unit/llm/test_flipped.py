"""Thirty headers with a flipped bit, through the real engines: a sentence each, or an answer, and this process lives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from llm import header
from llm.base import ModelError
from llm.describe import ENGINES
from tests.gguf_files import flipped
from tests.unit.llm.asking import ask, thread

PLACES = 30


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(PLACES))
def test_a_flipped_header_is_a_model_error_or_works(
    copier_path: Path, tmp_path: Path, number: int, engine: str
) -> None:
    draw = random.Random(number)
    byte, bit = draw.randrange(header.read(copier_path).end), draw.randrange(8)
    path = flipped(copier_path, tmp_path / "flipped.gguf", byte, bit)
    model = ENGINES[engine](path, name="flipped", threads=1, window=512, states_mb=16)
    try:
        assert ask(model, thread("bob: the code is 4711"), max_tokens=8).finish
    except ModelError as error:
        assert str(error)  # noqa: PT017 - either way is right
    finally:
        model.close()
