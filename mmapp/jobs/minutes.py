"""A summary as people read it: a bold sentence, the receipt, lines with links to their messages, and what it is on the foot."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mmapp.chat import permalink
from mmapp.chat.notes import Line, Notes
from mmapp.chat.numbered import local
from mmapp.chat.read import Said
from mmapp.mattermost import render
from mmapp.models import DigestItem
from mmapp.texts import summarize as texts

ORDER = ("decided", "todo", "open")
_EDGES = re.compile(r"`[^`]*`|https?://\S+|((?<!\w)_+(?=\w)|(?<=[^\W_])_+(?!\w))")  # of words, but for code and links
FEW = 5  # authors; of fewer, a number of messages tells whose they are


@dataclass(frozen=True)
class Read:
    """What was read: the `posts` that the summary is about, `of` so many, `people` who wrote them; `notes` for the foot."""

    posts: Sequence[Said]
    of: int
    notes: tuple[str, ...] = ()

    @property
    def people(self) -> int:
        return len({post.person_id for post in self.posts})

    def when(self, zone: str, now: datetime) -> str:
        times = [post.at for post in self.posts]
        return texts.when(local(min(times), zone), local(max(times), zone), now)


@dataclass
class Links:
    """Numbers for messages, in the order in which lines name them. Messages in `joined` channels are linked; of others it
    is said where they are."""

    site: str
    team: str
    posts: dict[str, Said]
    joined: Collection[str]
    channels: dict[str, str]
    numbers: dict[str, int]

    def of(self, line: Line) -> str:
        """` [[1]](link) [[2]](link)`"""
        shown = dict.fromkeys(self._one(post_id) for post_id in line.posts if post_id in self.posts)
        return "".join(f" {one}" for one in shown)

    def _one(self, post_id: str) -> str:
        post = self.posts[post_id]
        opens = post.opens or post_id
        number = self.numbers.setdefault(opens, len(self.numbers) + 1)
        if post.channel_id in self.joined:
            return f"[[{number}]]({permalink.link(self.site, self.team, opens)})"
        return f"({number}, {texts.in_channel(self.channels.get(post.channel_id, ''))})"


@dataclass(frozen=True)
class Shown:
    """What is posted, what a model meets again of it, and when that was. Of a digest also the people whose words it tells
    again, the `items` that it tells first, and what else is `known` of it."""

    text: str
    raw: str
    when: str
    authors: frozenset[str] = frozenset()
    items: tuple[DigestItem, ...] = ()
    known: dict[str, Any] = field(default_factory=dict)


def text(notes: Notes, kind: str, receipt: str, links: Links, foot: str) -> str:
    """The whole post."""
    verdict = _verdict(notes, kind, links)  # first, as it is read first: its messages have the first numbers
    bullets = [_bullet(line, links) for line in notes.lines if not line.section]
    sections = [
        f"{texts.LABELS[section]} · {words(line, links)}"
        for section in ORDER
        for line in notes.lines
        if line.section == section
    ]
    parts = [f"{verdict}\n{receipt}", "\n".join(bullets), "\n".join(sections), foot]
    return "\n\n".join(filter(None, parts))


def plain(notes: Notes) -> str:
    """What a model meets again of it, when somebody asks further: nothing that no message supports."""
    return "\n".join(f"- {line.plain}" for line in notes.all_lines if line.support != "unsupported")


def _verdict(notes: Notes, kind: str, links: Links) -> str:
    line = notes.verdict
    if line is None and notes.lines:
        return f"**{texts.quotes()}**" if notes.quoted else f"**{dict(texts.KINDS)[kind]}**"
    if line is None:
        return f"**{texts.nothing_of(kind)}**"
    return f"**{inert(line.text)}**{behind(line, links)}"


def _bullet(line: Line, links: Links) -> str:
    return f"* {words(line, links)}"


def words(line: Line, links: Links) -> str:
    """A line as people read it."""
    author = f"{render.bold_name(line.author)}: " if line.author else ""
    return f"{author}{inert(line.text)}{behind(line, links)}"


def behind(line: Line, links: Links) -> str:
    """Its numbers, and a warning where no message supports it."""
    return links.of(line) + (f" {texts.UNSUPPORTED}" if line.support == "unsupported" else "")


def inert(words: str) -> str:
    """On one line: what a line of its own would begin, a heading or a quotation, is words here; and `__init__` is no bold."""
    literal = _EDGES.sub(lambda found: found[1].replace("_", r"\_") if found[1] else found[0], words)
    return " ".join(render.neutralise(literal).split())
