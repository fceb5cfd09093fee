"""A house for each soak."""

from __future__ import annotations

from tests.acceptance.conftest import house

__all__ = ["house"]
