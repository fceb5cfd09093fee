"""One line of Markdown that can do nothing: it notifies nobody, fetches nothing and links nowhere unknown.

Output of models is untrusted, and Mattermost's server and web app read Markdown with different parsers. So the result
leaves nothing to disagree on: a code span ends on its line, every other backtick is escaped, every `@` outside of code
is followed by a zero-width space (tests/fixtures, v11_e_mention_matrix).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from mmapp.mattermost import characters
from mmapp.mattermost.links import code_span, is_known, trimmed

ZWSP = "\u200b"

_TOKEN = re.compile(
    r"""
    (?P<escape>\\[!-/;-?\[-`{-~])                              # not before @ # : ~, which Mattermost reads all the same
  | (?P<ticks>`+)
  | (?P<link>!?\[(?P<label>(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]){0,1000})\]
        \(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))
        (?P<title>(?:\s+(?:"[^"\n]*"|'[^'\n]*'|=\d*x?\d*))*)\s*\))
  | (?P<opener>\]\()
  | <(?P<auto>(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:|[wW]{3}\.)[^\s<>`\\]+)>
  | (?P<url>(?:[A-Za-z][A-Za-z0-9+.-]{0,31}://|[wW]{3}\d{0,3}\.)[^\s<>`\\|]+)
  | (?P<email>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}+(?![A-Za-z]|://))
  | (?P<at>@)
  | (?P<hash>(?<!\w)\#(?=[^\W\d_]))
  | (?P<tilde>(?<![\w~])~(?=[A-Za-z0-9]))
  | (?P<emoji>:(?=(?:100|1234):|(?!\d+:|-+:)[A-Za-z0-9_+-]{1,64}:))
  | (?P<face>(?<![A-Za-z0-9_])(?::(?=(?:-?[)(\]\[|$/@oOdDpPsSxX]|['’]-?\()(?![A-Za-z0-9_]))|;(?=-?\)))
           | <(?=/?3(?![A-Za-z0-9_])) )
  | (?P<stars>\*+)
    """,
    re.VERBOSE,
)
_DEFINITION = re.compile(r"\[[^\[\]\n]{1,999}\]:")


class _Line(NamedTuple):
    """One line of text on its way: what stands, what is being read, and which targets are known."""

    text: str
    links: Collection[str]
    in_link: bool


def inline(text: str, links: Collection[str] = (), *, in_link: bool = False) -> str:
    """One line without block structure, made inert once: what that brings to light is inert after the next time."""
    text = characters.plain(text).replace("\n", " ")
    if _DEFINITION.match(text):  # `[name]: target` would show nothing and make links of every [name]
        text = "\\" + text
    return _joined(_pieces(_Line(text, links, in_link)))


def _pieces(line: _Line) -> Iterator[str]:
    """The line's tokens, each made inert, with the text between them."""
    closers = _closing_ticks(line.text)
    stars: list[int] = []
    position = 0
    while found := _TOKEN.search(line.text, position):
        yield line.text[position : found.start()]
        position = found.end()
        kind = found.lastgroup or ""
        if kind == "ticks":
            end = closers.get(found.start())
            yield line.text[found.start() : end] if end else "\\`" * len(found[0])
            position = end or position
        elif kind == "stars":
            yield _stars(found, stars)
        elif kind in ("url", "email"):
            kept = trimmed(found[0])
            yield _bare(kept, found, line)
            position = found.start() + len(kept)
        else:
            yield _HANDLERS.get(kind, _handle_link)(found, line)
    yield line.text[position:]


def _closing_ticks(text: str) -> dict[int, int]:
    """Where code spans begin and end: runs of equally many backticks on one line. An escaped backtick opens nothing."""
    runs = [(found.start(), len(found[0])) for found in re.finditer("`+", text)]
    later: dict[int, list[int]] = {}
    for start, length in reversed(runs):
        later.setdefault(length, []).append(start)
    closers: dict[int, int] = {}
    for start, length in [(s + k, n - k) for s, n in runs for k in (0, 1) if n > k]:
        starts = later.get(length, [])
        while starts and starts[-1] <= start:
            starts.pop()
        if starts:
            closers[start] = starts[-1] + length
    return closers


def _stars(found: re.Match[str], opened: list[int]) -> str:
    """Emphasis as somebody means it stays; `2*3*4` and ` * ` are escaped."""
    text, run = found.string, len(found[0])
    before = text[found.start() - 1] if found.start() else " "
    after = text[found.end()] if found.end() < len(text) else " "
    if not before.isspace() and _closes(run, opened):
        return found[0]
    if after.isspace() or all(one.isascii() and one.isalnum() for one in (before, after)):
        return "\\*" * run
    opened.append(run)
    return found[0]


def _closes(run: int, opened: list[int]) -> bool:
    """Whether so many stars close emphasis that is open: all of `**a *b***`, or a part of `***a** b*`."""
    if opened and opened[-1] > run:
        opened[-1] -= run
        return True
    rest = list(opened)
    while rest and run >= rest[-1]:
        run -= rest.pop()
    if run or len(rest) == len(opened):
        return False
    opened[:] = rest
    return True


def _handle_link(found: re.Match[str], line: _Line) -> str:
    """A link to a known target stays; of others, and of images, text and address stay as words."""
    target = found["angled"] if found["angled"] is not None else found["target"] or ""
    image = found["link"].startswith("!")
    label = inline(found["label"], line.links, in_link=True)
    title = inline(found["title"].strip(), (), in_link=True)
    if not image and not line.in_link and not title and label.strip() and is_known(target, line.links):
        return f"[{label}]({target})"
    words = [label.strip(), f"({code_span(target)})" if target else "", title]
    return " ".join(word for word in words if word)


def _bare(url: str, found: re.Match[str], line: _Line) -> str:
    """A bare address: a Markdown link where it is known (bare ones embed a preview), else code: nobody fetches it."""
    image = found.string[: found.start()].endswith("!")  # `![…](…)` would be one
    if image or line.in_link or not is_known(url, line.links):
        return code_span(url)
    return f"[{inline(url.split('://', 1)[1], (), in_link=True)}]({url})"


def _marked(found: re.Match[str], line: _Line) -> str:  # noqa: ARG001 - one of the handlers below
    return found[0] + ZWSP


def _kept(found: re.Match[str], line: _Line) -> str:  # noqa: ARG001 - one of the handlers below
    return found[0]


def _split_opener(found: re.Match[str], line: _Line) -> str:  # noqa: ARG001 - one of the handlers below
    return "]\\("


def _handle_auto(found: re.Match[str], line: _Line) -> str:
    return _bare(found["auto"], found, line)


_HANDLERS: dict[str, Callable[[re.Match[str], _Line], str]] = {
    "escape": _kept,
    "opener": _split_opener,
    "auto": _handle_auto,
    **dict.fromkeys(("at", "hash", "tilde", "emoji", "face"), _marked),
}


def _joined(pieces: Iterator[str]) -> str:
    """Pieces side by side, so that no code span touches a backtick or is opened by an escaped one."""
    out: list[str] = []
    tail = ""
    for piece in pieces:
        if not piece:
            continue
        if piece[0] == "`" and tail:
            slashes = len(tail) - len(tail.rstrip("\\"))
            out.append("\\" if slashes % 2 else " " if tail[-1] == "`" else "")
        out.append(piece)
        tail = piece if piece.strip("\\") else tail + piece
    return "".join(out)
