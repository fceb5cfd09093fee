"""Blocks of Markdown: which lines are code, and which are text whose words must be made inert."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from mmapp.mattermost import characters
from mmapp.mattermost.inert import inline

_QUOTE = re.compile(r"(?: {0,3}> ?)*")
_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<info>.*)", re.DOTALL)
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?P<gap> +|$)")
_HEADING = re.compile(r"#{1,6} +")
_TABLE_RULE = re.compile(r"[ |:-]*-[ |:-]*")
_RULE = re.compile(r"([-*_])(?: *\1){2,} *")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}")


class _Fence(NamedTuple):
    """An open fence: what stands before each of its lines, its marks, and how far its text is indented."""

    prefix: str
    depth: int
    marks: str
    indent: int
    implied: bool = False
    """Whether four spaces began it, so that a line without them ends it."""


def made_inert(text: str, known: Collection[str]) -> str:
    """The text with its code fenced, everything else inert, and nothing left open; once, as `inert.inline` says."""
    text = characters.plain(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    reader = _Reader(known, "`" * max(3, longest + 1))
    for line in text.split("\n"):
        reader.read(line)
    return reader.finish()


def _without_quote(line: str, depth: int) -> str:
    """A line of a quotation without its marks."""
    return re.sub(rf"^(?: {{0,3}}> ?){{{depth}}}", "", line) if depth else line


class _Reader:
    """Reads lines one after the other and writes them inert."""

    def __init__(self, known: Collection[str], marks: str) -> None:
        self.known = known
        self.marks = marks
        """A fence longer than any in the text."""
        self.out: list[str] = []
        self.fence: _Fence | None = None
        self.items: list[int] = []
        """Columns at which the text of the open list items begins."""
        self.blank = True

    def read(self, line: str) -> None:
        """One more line."""
        quote = _QUOTE.match(line)
        prefix = quote[0] if quote else ""
        depth = prefix.count(">")
        if self.fence and self.fence.implied and line.strip(" ") and not line.startswith("    "):
            self._close_implied(self.fence)
        if self.fence and depth < self.fence.depth:
            self.close()  # the quotation has ended, and the fence in it with it
        if self.fence:
            self._read_code(line, self.fence)
        else:
            self._read_text(prefix if depth else "", line[len(prefix) :] if depth else line)

    def close(self) -> None:
        """End the fence that is open, if one is."""
        if self.fence:
            self.out.append(self.fence.prefix + self.fence.marks)
            self.fence = None
        self.blank = True

    def finish(self) -> str:
        """The whole text, with nothing left open."""
        if self.fence:
            self._close_implied(self.fence)
        return "\n".join(self.out)

    def _close_implied(self, fence: _Fence) -> None:
        """End a fence that nobody ended, before the blank lines that follow it."""
        blanks = []
        while self.out[-1] == fence.prefix.rstrip(" ") and len(self.out) > 1:
            blanks.append(self.out.pop())
        self.close()
        self.out += blanks

    def _read_code(self, line: str, fence: _Fence) -> None:
        rest = _without_quote(line, fence.depth)
        stripped = rest.strip(" ")
        if not fence.implied and stripped.startswith(fence.marks) and not stripped.strip(fence.marks[0]):
            self.close()
            return
        indent = min(len(rest) - len(rest.lstrip(" ")), fence.indent)
        self.out.append((fence.prefix + rest[indent:]) if rest else fence.prefix.rstrip(" "))

    def _read_text(self, quote: str, rest: str) -> None:
        rest = rest.expandtabs(4) if rest[: len(rest) - len(rest.lstrip())].count("\t") else rest
        body = rest.lstrip(" ")
        indent = len(rest) - len(body)
        if not body:
            self.out.append(quote.rstrip(" ") if quote else "")
            self.blank = True
            return
        lead, body = self._list_markers(indent, body)
        fence = _FENCE.fullmatch(body)
        if fence and not (fence["fence"][0] == "`" and "`" in fence["info"]):
            self._open(quote, lead, indent, fence)
        elif self.blank and indent >= 4 and not self.items and not quote:
            self._indented_code(rest)
        else:
            self.out.append(quote + lead + self._words(body))
        self.blank = False

    def _list_markers(self, indent: int, body: str) -> tuple[str, str]:
        """Take list markers off the line, and keep count of the items that are open."""
        marker = _ITEM.match(body) if not _RULE.fullmatch(body) else None
        if marker or self.blank or _FENCE.match(body):
            while self.items and self.items[-1] > indent:
                self.items.pop()
        lead = " " * indent
        while marker:
            lead += marker[0]
            self.items.append(len(lead))
            body = body[marker.end() :]
            marker = _ITEM.match(body) if len(marker["gap"]) < 5 and not _RULE.fullmatch(body) else None
        return lead, body

    def _open(self, quote: str, lead: str, indent: int, found: re.Match[str]) -> None:
        """Open a fence, indented so that no parser takes it for anything else."""
        base = self.items[-1] if self.items else 0
        column = base + min(max(len(lead) - base, 0), 3)
        start = lead if lead.strip() else " " * column
        info = found["info"].strip()
        language = (_LANGUAGE.match(info) or [""])[0] if info else ""
        rest = info[len(language) :].strip()
        if rest and not info[len(language) :].startswith(" "):
            language, rest = "", info
        self.out.append(quote + start + found["fence"] + language)
        self.fence = _Fence(quote + " " * len(start), quote.count(">"), found["fence"], max(indent, len(lead)))
        if rest:  # words behind the language would not be shown
            self.out.append(self.fence.prefix + rest)

    def _indented_code(self, rest: str) -> None:
        """Code by four spaces: written as a fence, since lists decide what four spaces mean."""
        self.out += [self.marks, rest[4:]]
        self.fence = _Fence("", 0, self.marks, 4, implied=True)

    def _words(self, body: str) -> str:
        if _TABLE_RULE.fullmatch(body) or _RULE.fullmatch(body):
            return body
        heading = _HEADING.match(body)
        lead = heading[0] if heading else ""
        return lead + inline(body[len(lead) :], self.known)
