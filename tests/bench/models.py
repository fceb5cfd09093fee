"""The models that are measured, and where they lie."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.processes import ROOT
from tests.bench.random_model import SHAPE_135M, random_model
from tests.smollm2 import smollm2_path

FOLDER = ROOT / "var" / "bench"


def random_500m() -> Path:
    """508 million random weights; written the first time."""
    return random_model(_folder() / "random-500m.gguf")


def random_135m() -> Path:
    """As many as SmolLM2 has; written the first time."""
    return random_model(_folder() / "random-135m.gguf", SHAPE_135M)


def smollm2() -> Path:
    """The smallest one that writes sense."""
    return smollm2_path()


def _folder() -> Path:
    folder = FOLDER / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
