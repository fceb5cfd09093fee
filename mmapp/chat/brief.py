"""What is wanted of a summary, as far as it matters to what is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from mmapp.chat.notes import Section
from mmapp.wanted import LINES, Wanted

ONLY: dict[str, Section] = {"actions": "todo", "decisions": "decided", "questions": "open"}
"""The kinds of which every line is of one section."""


@dataclass(frozen=True)
class Brief:
    """What is wanted. `language` is its English name, empty for whichever the model takes; `zone` is the reader's. A `take`
    is one more that is to differ from those before: each has nodes of its own."""

    kind: str = "summary"
    length: str = "medium"
    language: str = ""
    wish: str = ""
    zone: str = "UTC"
    take: int = 0

    @classmethod
    def of(cls, wanted: Wanted, take: int = 0) -> Self:
        return cls(wanted.kind, wanted.length, wanted.language, wanted.wish, wanted.zone, take)

    @property
    def lines(self) -> int:
        """How many lines it has at most."""
        return 3 if self.kind == "brief" else LINES[self.length]
