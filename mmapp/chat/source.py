"""What is read for an answer: a thread, or what was posted in a channel in some time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

NO_END = 1 << 53


@dataclass(frozen=True)
class Source:
    """The thread `root_id`, or where that is empty the channel, from `since` to `until` (ms, by create_at); of one person
    where `person_id` is set."""

    channel_id: str
    root_id: str = ""
    since: int = 0
    until: int = NO_END
    person_id: str = ""

    def holds(self, at: int, person_id: str) -> bool:
        """Whether a post of that time and person belongs to it."""
        return self.since <= at <= self.until and self.person_id in ("", person_id)


def to_json(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """As a job and a conversation keep them."""
    return [asdict(source) for source in sources]


def from_json(found: Iterable[Mapping[str, Any]]) -> tuple[Source, ...]:
    return tuple(Source(**one) for one in found)
