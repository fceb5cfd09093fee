"""A text cut into posts: nothing lost, at paragraphs, lines, sentences or words, fences closed and opened again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmapp.mattermost.characters import CLUSTER
from mmapp.mattermost.messages import MAX_RUNES

DEFAULT_LIMIT = 15_500
"""Characters a post, of the 16,383 that fit: the quoted question and the foot need the rest."""
MIN_LIMIT = 128
_FENCE = re.compile(r"(?P<lead>[ >]*)(?:(?:[-*+]|\d{1,9}[.)]) +)*(?P<marks>`{3,}|~{3,})(?P<info>[^`\n]*)")
_WHOLE = re.compile(r"(?<![`\\])(`++)[^\n]*?(?<!`)\1(?!`)|!?\[[^\]\n]{0,2000}\]\([^)\n]{0,2000}\)")
"""A code span or a link. Bounded, and a run of backticks is taken as a whole, or a text of marks alone takes minutes."""
_MAX_INFO = 32
_LONGEST_WHOLE = 2_000
_BOUNDARIES = (
    (re.compile(r"\n(?=\n)|(?<=\n)(?=\n*[^\n])(?<=\n\n)"), 0.5),
    (re.compile(r"(?<=\n)"), 0.4),
    (re.compile(r"(?<=[.!?。！？…])\s+|(?<=[。！？])"), 0.4),
    (re.compile(r"(?<=\s)(?=\S)"), 0.2),
)
"""Where to cut, best first, and how far into the piece such a place must lie to be taken."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence that is open: its indentation or quotation, marks and language."""

    lead: str
    marks: str
    info: str

    @property
    def opening(self) -> str:
        """The line that opens it again."""
        return f"{self.lead}{self.marks}{self.info}\n"

    @property
    def closing(self) -> str:
        """The line that closes it, without a newline."""
        return self.lead + self.marks


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, `body`, and what opens and closes the fence that was cut."""

    opening: str
    body: str
    closing: str

    def __str__(self) -> str:
        return self.opening + self.body + self.closing


def split(text: str, limit: int = DEFAULT_LIMIT) -> list[str]:
    """The messages of as few posts as fit; blank ones are left out. 16,383 characters never exceed 65,535 bytes."""
    return [str(piece) for piece in pieces(text, limit) if piece.body.strip()]


def pieces(text: str, limit: int = DEFAULT_LIMIT) -> list[Piece]:
    """The parts, whose bodies put together are the text."""
    if not MIN_LIMIT <= limit <= MAX_RUNES:
        raise ValueError(f"a post holds {MIN_LIMIT} to {MAX_RUNES} characters")
    found: list[Piece] = []
    start, fence = 0, None
    while start < len(text):
        opening = fence.opening if fence else ""
        end = _end(text, start, limit - len(opening))
        body = text[start:end]
        fence = _open_fence(body, fence)
        closing = "" if fence is None or end == len(text) else ("" if body.endswith("\n") else "\n") + fence.closing
        found.append(Piece(opening, body, closing))
        start = end
    return found


def _end(text: str, start: int, room: int) -> int:
    """Where the piece that begins at `start` ends."""
    if len(text) - start <= room:
        return len(text)
    room -= _MAX_INFO  # for the line that closes a fence; its marks and lead are short, or it is none (below)
    window = text[start : start + room + 1]
    cut = _boundary(window, room)
    cut = _before_fence_line(window, cut)
    cut = _outside_of_whole(text, start, cut)
    return _between_clusters(text, start, cut)


def _boundary(window: str, room: int) -> int:
    for pattern, share in _BOUNDARIES:
        places = [found.end() for found in pattern.finditer(window, int(room * share)) if found.end() <= room]
        if places:
            return places[-1]
    return room


def _before_fence_line(window: str, cut: int) -> int:
    """Not inside a fence's own line, nor right behind the one that opens it."""
    line = window.rfind("\n", 0, max(cut - 1, 0)) + 1
    if line and _is_fence(window[line:].split("\n", 1)[0]) and window[:line].strip():
        opens = _open_fence(window[:cut], None) is not None
        if opens or window[cut - 1 : cut] != "\n":
            return line
    return cut


def _outside_of_whole(text: str, start: int, cut: int) -> int:
    """Not inside a code span or a link, unless it fills the piece."""
    line = text.rfind("\n", start, start + cut) + 1 or start
    for found in _WHOLE.finditer(text, line, start + cut + _LONGEST_WHOLE):
        if found.start() < start + cut < found.end() and found.start() > start:
            return found.start() - start
    return cut


def _between_clusters(text: str, start: int, cut: int) -> int:
    """Not inside of what is one sign to the reader, nor behind a backslash."""
    for back in range(min(64, cut - 1)):
        at = start + cut - back
        before, after = text[at - 1], text[at]
        flags = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
        if not (CLUSTER.match(after) or before in "\u200d\\@" or flags):
            return at
    return start + cut


def _is_fence(line: str) -> bool:
    found = _FENCE.match(line)
    return bool(found) and len(line) <= MIN_LIMIT // 4


def _open_fence(body: str, fence: Fence | None) -> Fence | None:
    """The fence that is open at the end of a body, given the one at its beginning."""
    for line in body.split("\n"):
        found = _FENCE.match(line)
        if not found or not _is_fence(line):
            continue
        if fence is None:
            lead = "".join(one if one in " >" else " " for one in line[: found.start("marks")])
            fence = Fence(lead, found["marks"], found["info"].strip()[:_MAX_INFO])
        elif found["marks"].startswith(fence.marks) and not found["info"].strip():
            fence = None
    return fence
