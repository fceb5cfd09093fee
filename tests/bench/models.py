"""The two models that are measured, and where they lie."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.processes import ROOT
from tests.bench.random_model import random_model
from tests.smollm2 import smollm2_path

FOLDER = ROOT / "var" / "bench"


def random_500m() -> Path:
    """508 million random weights; written the first time."""
    folder = FOLDER / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return random_model(folder / "random-500m.gguf")


def smollm2() -> Path:
    """The smallest one that writes sense."""
    return smollm2_path()
