"""What is read for an answer: a thread, or what was posted in a channel in some time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

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


@dataclass(frozen=True)
class Origin:
    """What an answer was made from, itself or by what was answered before it: ids of channels, and of the people whose words
    were read there. None: whose they were, nobody knows any more."""

    channels: frozenset[str] = frozenset()
    people: frozenset[str] | None = frozenset()

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> Self:
        """As an answer's provenance keeps it."""
        people = provenance["authors"]
        return cls(frozenset(provenance["sources"]), None if people is None else frozenset(people))

    @classmethod
    def joined(cls, origins: Iterable[Origin]) -> Self:
        """Of all these together."""
        found = list(origins)
        people = [each.people for each in found if each.people is not None]
        known = len(people) == len(found)
        return cls(frozenset().union(*(each.channels for each in found)), frozenset().union(*people) if known else None)

    def to_json(self) -> dict[str, Any]:
        """As `of` reads it."""
        return {"sources": sorted(self.channels), "authors": None if self.people is None else sorted(self.people)}


def to_json(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """As a job and a conversation keep them."""
    return [asdict(source) for source in sources]


def from_json(found: Iterable[Mapping[str, Any]]) -> tuple[Source, ...]:
    return tuple(Source(**one) for one in found)
