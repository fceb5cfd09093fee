"""What of a Markdown text is words, read as Mattermost's server reads it: no code, no addresses, no emoji names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

JOIN = "\x01"
"""Stands where a backslash stood that is no part of the words: `@my\\_bot` is one word."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_QUOTE = re.compile(r"(?: {0,3}> ?)*")
_FENCE = re.compile(r"(?P<marks>`{3,}(?=[^`]*$)|~{3,})")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?P<gap>[ \t]+|$)")
_DEFINITION = re.compile(r" {0,3}\[[^\[\]\n]{1,999}\]:\s*\S+.*")
_INLINE = re.compile(
    r"""
    (?P<escape>\\(?=[!-/:-@\[-`{-~]))(?P<escaped>.)
  | (?P<ticks>`+)
  | (?P<opener>!?\[)
  | (?P<closer>\])(?P<target>\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)
        (?:\s+(?:"[^"]{0,999}"|'[^']{0,999}'|=\d{0,5}(?:x\d{0,5})?))?\s*\))?
  | (?P<address>(?<![A-Za-z0-9])(?:https?|ftp|mailto|tel)://(?=[^\W_])
        | (?:^|(?<=[\s*_~()<>]))www\d{0,3}\.(?=[^\W_]))
  | (?P<emoji>(?<![A-Za-z0-9_]):[a-z0-9_+-]+:)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<]*")


def prose(text: str) -> str:
    """The text with spaces in the place of all that is not words: each character stands where it stood."""
    out = [" "] * len(text)
    for paragraph in _paragraphs(text):
        words = _inline("".join(" " if text[index] == JOIN else text[index] for index in paragraph))
        for index, one in zip(paragraph, words, strict=True):
            out[index] = one
    return "".join(out)


class _Fence(NamedTuple):
    """A fence that is open: its marks, in how many quotations it stands, and the column of its list item."""

    marks: str
    depth: int
    column: int


def _paragraphs(text: str) -> Iterator[list[int]]:
    """The paragraphs that are not code: where their characters stand, without marks of quotations and lists."""
    reader = _Reader()
    start = 0
    paragraph: list[int] = []
    for line in _LINE.findall(text):
        begins, kept = reader.read(line.rstrip("\r\n"))
        if begins and paragraph:
            yield paragraph
            paragraph = []
        if kept is not None:
            paragraph += range(start + kept, start + len(line))
        start += len(line)
    yield paragraph


class _Reader:
    """Reads lines one after the other and tells the words from the code."""

    def __init__(self) -> None:
        self.fence: _Fence | None = None
        self.items: list[int] = []
        """Columns at which the text of the open list items begins."""
        self.depth = 0
        self.fresh = True
        """Whether a paragraph would begin here, and four spaces are code."""

    def read(self, line: str) -> tuple[bool, int | None]:
        """Whether a paragraph ends before this line, and where its words begin; None where it has none."""
        prefix = _quote(line)
        depth = prefix.count(">")
        if self.fence and self._reads_code(line, depth, self.fence):
            return True, None
        begins = self.fresh or depth > self.depth
        self.fresh, self.depth = begins, depth
        return self._read_text(line, len(prefix) if depth else 0)

    def _reads_code(self, line: str, depth: int, fence: _Fence) -> bool:
        """Whether the open fence holds this line; its end does too, but that of its quotation or list item does not."""
        rest = re.sub(rf"^(?: {{0,3}}> ?){{{fence.depth}}}", "", line) if fence.depth else line
        if depth < fence.depth or (rest.strip() and _indent(rest) < fence.column):
            self.fence, self.fresh = None, True
            return False
        stripped = rest.strip()
        if stripped.startswith(fence.marks) and not stripped.strip(fence.marks[0]):
            self.fence, self.fresh = None, True
        return True

    def _read_text(self, line: str, at: int) -> tuple[bool, int | None]:
        rest = line[at:]
        if not rest.strip():
            self.fresh = True
            return True, None
        indent = _indent(rest)
        body = rest.lstrip(" \t")
        marker = _ITEM.match(body)
        ends = self.fresh or marker or _FENCE.match(body)  # anything else goes on with the item's paragraph
        while ends and self.items and self.items[-1] > indent:
            self.items.pop()
        base = self.items[-1] if self.items else 0
        if self.fresh and indent - base >= 4:
            return True, None
        begins = self.fresh or bool(marker)
        at += len(rest) - len(body)
        at, code = self._list_markers(line, at, indent)
        return self._open_or_words(line, at, begins, code)

    def _list_markers(self, line: str, at: int, column: int) -> tuple[int, bool]:
        """Where the text behind the markers of a line begins, and whether five spaces made it code."""
        while marker := _ITEM.match(line, at):
            wide = len(marker["gap"].expandtabs(4)) > 4
            column += len(marker[0]) - len(marker["gap"]) + (1 if wide else len(marker["gap"]) or 1)
            self.items.append(column)
            at = marker.end()
            if wide:
                return at, True
        return at, False

    def _open_or_words(self, line: str, at: int, begins: bool, code: bool) -> tuple[bool, int | None]:
        fence = _FENCE.match(line, at)
        if fence:
            self.fence = _Fence(fence["marks"], self.depth, self.items[-1] if self.items else 0)
            return True, None
        if code or (begins and _DEFINITION.fullmatch(line, at)):
            return True, None
        self.fresh = False
        return begins, at


def _quote(line: str) -> str:
    found = _QUOTE.match(line)
    return found[0] if found else ""


def _indent(line: str) -> int:
    """Columns before the first sign, a tab going to the next fourth."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(4))


def _inline(text: str) -> str:
    """A paragraph with spaces in the place of code spans, targets of links, addresses and emoji."""
    out: list[str] = []
    position = 0
    opened = 0
    while found := _INLINE.search(text, position):
        kind = found.lastgroup or ""
        end, kept = found.end(), found[0]
        if kind == "escaped":
            kept = JOIN + found["escaped"]
        elif kind == "ticks":
            end = _end_of_span(text, found)
            kept = found[0] if end == found.end() else ""
        elif kind == "opener":
            opened += 1
        elif kind in ("closer", "target"):
            end, kept = (found.end(), "") if opened else (found.start() + 1, "]")
            opened = max(0, opened - 1)
        elif kind == "emoji":
            kept = ""
        elif not opened:  # an address within the text of a link is text
            end, kept = _end_of_address(text, found), ""
        out += text[position : found.start()], kept.ljust(end - found.start())
        position = end
    return "".join(out) + text[position:]


def _end_of_span(text: str, ticks: re.Match[str]) -> int:
    """Where a code span ends that begins with these backticks; behind them where it never does."""
    end = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end())
    return end.end() if end else ticks.end()


def _end_of_address(text: str, begun: re.Match[str]) -> int:
    rest = _ADDRESS.match(text, begun.end())
    return rest.end() if rest else begun.end()
