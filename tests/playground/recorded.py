"""The exchanges recorded from real servers, as tests replay them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "fixtures" / "mattermost"
_CUT = re.compile(r"(.)\.\.\.<(\d+) characters cut>\.\.\.(?=\1)")


def recorded(name: str) -> dict[str, Any]:
    """One exchange, with its long runs of one character written out again."""
    found: dict[str, Any] = _whole(json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")))
    return found


def names(pattern: str = "*") -> list[str]:
    """The exchanges whose names match."""
    return sorted(path.stem for path in FIXTURES.glob(f"{pattern}.json"))


def age_of(name: str) -> str:
    """Which server answered."""
    return "11" if name.startswith("v11_") else "5.37"


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _CUT.sub(lambda found: found[1] * (int(found[2]) + 1), value)
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list) else value
