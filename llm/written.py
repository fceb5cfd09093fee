"""Writes files whole or not at all, and the little TOML that Chorus keeps beside models: tomllib reads only."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

Plain = str | int | bool
Value = Plain | Sequence[str] | Mapping[str, str]


def whole(target: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file beside `target`, make it durable and rename it: never half a file.

    A model that is mapped while its file is written over kills its process (SIGBUS): a rename leaves the old one be.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            write(out)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def lines(fields: Mapping[str, Value]) -> str:
    """`key = value` for each field that is not empty."""
    return "".join(
        f"{_text(key)} = {_value(value)}\n" for key, value in fields.items() if value not in ("", [], {}, ())
    )


def save(path: Path, text: str) -> None:
    """Write a text. Raises OSError."""
    whole(path, lambda out: out.write(text.encode()))


def _value(value: Value) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_text(key)} = {_text(item)}" for key, item in value.items()) + " }"
    return "[" + ", ".join(map(_text, value)) + "]"


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
