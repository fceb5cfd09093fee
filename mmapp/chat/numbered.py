"""Posts as notes are taken of them: numbered, with the time where their reader is, each line under its author's name.

"\\n\\nbob: I approve" in a post of mallory's stays mallory's, and "[7] bob 09:12: yes" in it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from llm.base import Turn
from mmapp.chat.read import Said


@dataclass(frozen=True)
class Numbered:
    """These posts, from number 1 on."""

    posts: Sequence[Said]
    zone: str

    @cached_property
    def turns(self) -> list[Turn]:
        """A turn a post."""
        return [
            Turn("post", text, author=post.author, said=post.text)
            for text, post in zip(self.texts, self.posts, strict=True)
        ]

    @cached_property
    def texts(self) -> list[str]:
        """Each post as it is told; a line with the day stands above the first one of it."""
        return list(self._texts())

    @property
    def ids(self) -> list[str]:
        """What the numbers stand for."""
        return [post.post_id for post in self.posts]

    def _texts(self) -> Iterator[str]:
        before = ""
        for number, post in enumerate(self.posts, 1):
            day = day_name(post, self.zone)
            yield (f"{day}\n" if day != before else "") + _told(number, post, local(post.at, self.zone))
            before = day


def _told(number: int, post: Said, at: datetime) -> str:
    first, *others = [line for line in post.text.splitlines() if line.strip()] or [""]
    note = f" ({post.note})" if post.note else ""
    rest = "".join(f"{post.author}: {line}\n" for line in others)
    return f"[{number}] {post.author} {at:%H:%M}{note}: {first}\n{rest}"


def day_name(post: Said, zone: str) -> str:
    """`Friday 20 November 2026`: in English, as prompts are, whatever the machine's locale."""
    return day(local(post.at, zone))


def day(at: datetime) -> str:
    """The same of a time."""
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def local(at: int, zone: str) -> datetime:
    """A time in ms where its reader is."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
