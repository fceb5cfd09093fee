"""What somebody wants summarised, and how, as it was typed or picked; and as it was understood."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

KINDS = ("summary", "actions", "decisions", "questions", "timeline", "brief")
LINES = {"short": 4, "medium": 8, "long": 16}


@dataclass(frozen=True)
class Wanted:
    """`scope`: `thread`, `channel`, or empty where nothing was said. Times, people and channels are as typed; `language` is
    a language's English name, and after admission the reader's own where none was typed; `zone` is the reader's."""

    scope: str = ""
    links: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    author: str = ""
    channel: str = ""
    kind: str = "summary"
    length: str = "medium"
    language: str = ""
    wish: str = ""
    zone: str = "UTC"

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        return cls(**{**found, "links": tuple(found.get("links", ()))})

    def to_json(self) -> dict[str, Any]:
        """What differs from the usual."""
        usual = dataclasses.asdict(type(self)())
        return {name: value for name, value in dataclasses.asdict(self).items() if value != usual[name]}
