"""Values in and out of JSON, however loosely they came."""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSET = "[object Object]"
"""What the web app sends for a radio's default in lookups, and for other values that it failed to turn into text."""


def dump(value: Any) -> bytes:
    """JSON as UTF-8: escapes would take up to six times the bytes, and v11 refuses bodies over 300,000."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def text(value: object) -> str:
    """A text out of JSON: null and "[object Object]" are empty, numbers digits, half characters U+FFFD."""
    if value is None or value == _UNSET:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _SURROGATE.sub("\ufffd", str(value)) if isinstance(value, str | int | float) else ""


def number(value: object) -> int:
    """A whole number out of JSON, 0 where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if math.isfinite(value) else 0


def json_object(value: object) -> JsonObject:
    """A JSON object, empty where it is none."""
    return value if isinstance(value, dict) else {}
