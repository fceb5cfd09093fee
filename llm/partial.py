"""A download that is not finished: the bytes that are there, and a note of what they are the beginning of.

Its name begins with a dot and does not end like a model's, so no listing takes it for one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from llm import written
from llm.catalog import Url


def path_of(model: Path) -> Path:
    """Where the bytes of a model's file are that are not all there."""
    return model.with_name(f".{model.name}.part")


def note_of(partial: Path) -> Path:
    """Where it stands what they are the beginning of."""
    return partial.with_name(f"{partial.name}.json")


class Partial:
    """The first `size` bytes of what is behind an address, to be used with `with`. Raises OSError."""

    def __init__(self, path: Path, url: Url) -> None:
        self.path, self.url = path, url
        self.note = note_of(path)
        self.validator = ""
        """The ETag, or else the time of the last change, of the answer that these bytes are from; empty where it gave none."""
        self.size = 0
        self._file = -1

    def __enter__(self) -> Self:
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        known = self._noted()
        if known.get("source") == self._source():
            self.validator, self.size = str(known.get("validator", "")), os.fstat(self._file).st_size
        else:
            self.begin("")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
        if not self.size:
            self.drop()

    def begin(self, validator: str) -> None:
        """Start anew with the first byte."""
        os.truncate(self._file, 0)
        self.size, self.validator = 0, validator
        note = json.dumps({"source": self._source(), "validator": validator})
        written.whole(self.note, lambda out: out.write(note.encode()))

    def write(self, piece: bytes) -> None:
        """Append. What was written before an error stays."""
        rest = memoryview(piece)
        while rest:
            written = os.write(self._file, rest)
            rest, self.size = rest[written:], self.size + written

    def drop(self) -> None:
        """Nothing of it is worth keeping."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def _source(self) -> dict[str, Any]:
        """What the bytes must be the beginning of."""
        return {"address": self.url.address, "size": self.url.size, **self.url.hashes}

    def _noted(self) -> dict[str, Any]:
        try:
            found = json.loads(self.note.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
