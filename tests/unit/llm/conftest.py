"""One loaded copier a test process: loading costs a quarter of a second, and tests do not disturb each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llm.gpt4all_model import Gpt4AllModel
from tests import gguf_files
from tests.smollm2 import smollm2_path
from tests.unit.llm.asking import load


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def copier_path(models: Path) -> Path:
    """A copier that goes on where the question ends."""
    return gguf_files.copier(models / "copier.gguf")


@pytest.fixture(scope="session")
def copier(copier_path: Path) -> Iterator[Gpt4AllModel]:
    model = load(copier_path)
    yield model
    model.close()


@pytest.fixture(scope="session")
def chatting(models: Path) -> Iterator[Gpt4AllModel]:
    """A copier with a chat template like the real ones, which closes the question and opens the answer."""
    model = load(gguf_files.copier(models / "chatting.gguf", template=gguf_files.CHAT))
    yield model
    model.close()


@pytest.fixture(scope="session")
def smollm2() -> Iterator[Gpt4AllModel]:
    model = load(smollm2_path(), window=2048)
    yield model
    model.close()
