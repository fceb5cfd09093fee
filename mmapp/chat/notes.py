"""Notes on a stretch of talk: what a model wrote of it, taken apart into lines, each with the posts that it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from llm.base import Finish, Turn
from mmapp.chat import days
from mmapp.chat.none import says_none

Section = Literal["", "decided", "todo", "open"]

LONGEST = 320  # characters of a line
PARAGRAPH = 160  # characters; a line that is longer, and no item of a list, is several sentences
SHORTEST = 40  # characters of one that is told to a parent
_RANGE = r"#?\d{1,5}(?:\s*[–-]\s*#?\d{1,5})?"  # "[2026-11-20]" is none
_RANGES = rf"\s*({_RANGE}(?:\s*(?:,|;|&|and)\s*{_RANGE})*)\s*"
_CITATION = re.compile(rf"\s*[\[【]{_RANGES}[\]】]")
_LAST = re.compile(rf"\s*\({_RANGES}\)(?=(?:\s*\({_RANGES}\))*[\s.!?。]*$)")  # "option (2) is dropped" names no message
_IN_BACKTICKS = re.compile(r"`[^`]*`")
_WORD = re.compile(r"\w$", re.ASCII)  # before `[0]`, as names in code end; Chinese has no space before a citation
_NUMBERS = re.compile(r"(\d+)(?:\s*[–-]\s*#?(\d+))?")
_WIDEST = 10  # posts of a range such as [3-7]; a wider one is no citation
_OF_A_MONTH = rf"\.\s+(?:{days.MONTH}|\d{{1,2}}\.\s*\d{{4}})(?!\w)"  # behind a number: "20. November"
_BULLET = re.compile(rf"^\s*(?:[-*•–—]|\d{{1,2}}(?!{_OF_A_MONTH})[.)])\s+|^\s*#+\s*", re.IGNORECASE)
_FENCE = re.compile(r"\s*(?:```|~~~)\s*[\w-]*\s*")
_SAYS_SOMETHING = re.compile(r"[^\W_]")  # "---" does not
_SECTIONS: dict[str, Section] = {
    "decided": "decided", "decision": "decided", "decisions": "decided",
    "to do": "todo", "todo": "todo", "to-do": "todo", "action": "todo", "actions": "todo", "action item": "todo",
    "action items": "todo", "open": "open", "open question": "open", "open questions": "open", "question": "open",
    "questions": "open",
}  # fmt: skip
_SECTION = re.compile(
    rf"^(?:{'|'.join(sorted(map(re.escape, _SECTIONS), key=len, reverse=True))})\s*[:·]\s*", re.IGNORECASE
)
# Where a sentence can end: behind a full stop, in Chinese and Japanese without a space, and behind the citations after it.
_SENTENCE_END = re.compile(
    rf"(?:(?<=[^\W\d_]{{2}}[.!?…؟])|(?<=[\d)\]\"”»'%][.!?…؟])|(?<=\]))\s+|[。！？](?:{_CITATION.pattern})*\s*"
)
_WITHIN_DATE = re.compile(_OF_A_MONTH, re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:verdict|summary|minutes|notes?|key points?|main points?|the main points(?: are)?)\s*:\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """One line of notes. `posts` are the ids of what it comes from; `author` is set where it is a quotation of theirs.

    `support`: whether the messages support it.
    """

    text: str
    section: Section = ""
    posts: tuple[str, ...] = ()
    author: str = ""
    support: Literal["supported", "unsupported", "unchecked"] = "supported"

    @property
    def plain(self) -> str:
        """As a model reads it again: with what it is, and without its citations."""
        before = {"decided": "Decided: ", "todo": "To do: ", "open": "Open: ", "": ""}[self.section]
        return f"{before}{self.author + ': ' if self.author else ''}{self.text}"


@dataclass(frozen=True)
class Notes:
    """What it comes to in one sentence, and the lines. `quoted`: these are quotations, in the place of lines that the
    messages do not support. Of the citations that the model gave, `removed` were of no post that it was told; of the `cited`
    others `held` were of posts that support their lines, and for `mended` another post stands that does."""

    verdict: Line | None
    lines: tuple[Line, ...] = ()
    quoted: bool = False
    removed: int = 0
    cited: int = 0
    held: int = 0
    mended: int = 0

    @property
    def all_lines(self) -> list[Line]:
        """The verdict too."""
        return [*([self.verdict] if self.verdict else []), *self.lines]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Notes:
        """Raises ValueError, KeyError or TypeError."""
        found = json.loads(text)
        verdict = found["verdict"]
        return cls(
            _line(verdict) if verdict else None,
            tuple(map(_line, found["lines"])),
            **{name: found[name] for name in ("quoted", "removed", "cited", "held", "mended")},
        )


def _line(found: dict[str, Any]) -> Line:
    return Line(**found | {"posts": tuple(found["posts"])})


SHAPE = [each.name for form in (Notes, Line) for each in fields(form)]
"""What is kept of notes: those of another version that kept something else are not looked for (summary.py)."""


def whole(words: str, finish: Finish | None) -> str:
    """Without what a model did not end: a line that was cut off, or the beginning of a repetition."""
    if finish and finish.keep is not None:
        words = words[: finish.keep]
    if finish and finish.reason == "length" and "\n" in words.strip():
        words = words.rstrip().rpartition("\n")[0]
    return words


def parse(text: str, posts: Sequence[str], most: int, only: Section = "") -> Notes:
    """A model's words as notes. Number n in them stands for the n-th of `posts`, ids of what was read; others are removed.

    The first sentence that is no item of a list is the verdict, where lines are not `only` of one section. Repeated lines
    count once; at most `most` are kept.
    """
    verdict: Line | None = None
    lines: dict[str, Line] = {}
    section: Section = ""
    removed = 0
    for number, raw in enumerate(_rows(text)):
        bullet, said = _without_bullet(raw)
        cited, said, wrong = _citations(said, len(posts))
        said = _LABEL.sub("", _plain(said))
        own = _SECTION.match(f"{said}:" if said.casefold() in _SECTIONS else said)
        label: Section = _SECTIONS[own[0].rstrip(" :·").casefold()] if own else ""
        if own:
            said = said[own.end() :].strip() if own.end() <= len(said) else ""
        if own or (not bullet and number):  # a label by itself is a heading; with words behind it, it is theirs alone
            section = label if not said else ""
        removed += wrong
        if not said or said.endswith(":"):
            continue
        cites = tuple(dict.fromkeys(posts[each - 1] for each in cited))
        line = Line(shortened(said), label or section or only, cites)
        if verdict is None and not lines and not bullet and not line.section:
            verdict = line
        elif verdict is None or said.casefold() != verdict.text.casefold():
            lines.setdefault(said.casefold(), line)
    return _without_none(verdict, list(lines.values()), most, removed)


def _without_none(verdict: Line | None, lines: list[Line], most: int, removed: int) -> Notes:
    """Without "To do: None.", unless no line says more."""
    telling = [line for line in lines if not says_none(line.text)]
    if telling and verdict is not None and says_none(verdict.text):
        verdict = None
    kept = telling if telling or verdict is not None else lines
    return Notes(verdict, tuple(kept)[:most], removed=removed)


def turns(children: Iterable[Notes]) -> tuple[list[Turn], list[str]]:
    """Notes as a model reads them again, a turn a child, and the ids that the numbers in them stand for, in their order.

    A line that nothing supports is not passed on; a number in brackets that somebody wrote is no citation of ours.
    """
    children = list(children)
    most = sum(len(line.posts) for child in children for line in child.all_lines)
    posts: dict[str, int] = {}
    told = []
    for child in children:
        rows = []
        for line in child.all_lines:
            if line.support == "unsupported":
                continue
            numbers = [posts.setdefault(post, len(posts) + 1) for post in line.posts]
            rows.append(
                f"- {_uncited(line.plain, most, cites=bool(numbers))}{''.join(f' [{number}]' for number in numbers)}\n"
            )
        said = "\n".join(line.plain for line in child.all_lines)
        told.append(Turn("post", "".join(rows) or "- (nothing of note)\n", said=said))
    return told, list(posts)


def shorter(found: Notes) -> Notes:
    """The same with longest lines shorter by a quarter, or where these are short already, half of the lines."""
    longest = max((len(line.text) for line in found.all_lines), default=0) * 3 // 4
    if longest < SHORTEST:
        return replace(found, lines=found.lines[: max(1, len(found.lines) // 2)])
    verdict = replace(found.verdict, text=shortened(found.verdict.text, longest)) if found.verdict else None
    lines = tuple(replace(line, text=shortened(line.text, longest)) for line in found.lines)
    return replace(found, verdict=verdict, lines=lines)


def joined(parts: Iterable[Notes], most: int) -> Notes:
    """Notes on several stretches as one, without a model: as many lines of each, the decisions and tasks first."""
    parts = list(parts)
    rows = [[line for line in part.all_lines if line.support != "unsupported"] for part in parts]
    ranked = [
        (not line.section, place, number, line) for number, lines in enumerate(rows) for place, line in enumerate(lines)
    ]
    kept = sorted(ranked, key=lambda each: each[:3])[:most]
    lines = [line for *_, line in sorted(kept, key=lambda each: (each[2], each[1]))]
    written = [part for part in parts if not part.quoted]  # the citations of lines that gave way to quotations are gone
    counts = (sum(getattr(part, name) for part in written) for name in ("removed", "cited", "held", "mended"))
    return Notes(None, tuple(lines), bool(lines) and all(line.author for line in lines), *counts)


def _rows(text: str) -> Iterator[str]:
    """The lines of a text, and of a paragraph its sentences: small models write those where lines were wanted."""
    for raw in text.splitlines():
        if _FENCE.fullmatch(raw) or not _SAYS_SOMETHING.search(raw):
            continue
        if _BULLET.match(raw) or len(raw) < PARAGRAPH:
            yield raw
        else:
            yield from _sentences(raw)


def _sentences(paragraph: str) -> Iterator[str]:
    """Cut where the next sentence begins with a capital, or with a letter of a script that has none."""
    start = 0
    for end in _SENTENCE_END.finditer(paragraph):
        behind = paragraph[end.end() : end.end() + 1]
        if behind.isalpha() and not behind.islower() and not _WITHIN_DATE.match(paragraph, end.start() - 1):
            yield paragraph[start : end.end()].rstrip()
            start = end.end()
    yield paragraph[start:]


def _without_bullet(raw: str) -> tuple[bool, str]:
    match = _BULLET.match(raw)
    return match is not None, raw[match.end() :] if match else raw


def _citations(said: str, count: int) -> tuple[list[int], str, int]:
    """The numbers that are cited, the words without them, and how many stand for nothing that was read.

    Square brackets are meant as a citation, but for those of code; round ones where there are no others, and at the end.
    """
    pattern = _CITATION if _square(said) else _LAST
    return _numbers(pattern, said, count)


def _square(said: str, *, beside: bool = False) -> set[int]:
    """Where square brackets begin that are meant as a citation. Directly behind a word they are code where others stand apart,
    or are to stand `beside` them: `items[0] of the parser [2]`; in backticks always."""
    code = {place for span in _IN_BACKTICKS.finditer(said) for place in range(*span.span())}
    found = [one for one in _CITATION.finditer(said) if one.start() not in code]
    apart: list[re.Match[str]] = []
    for before, one in zip([None, *found], found, strict=False):
        if before and before.end() == one.start():
            stands_apart = before in apart
        else:
            stands_apart = one[0][0].isspace() or not _WORD.search(said[: one.start()])
        apart += [one] * stands_apart
    return {one.start() for one in (apart if apart or beside else found)}


def _uncited(said: str, count: int, *, cites: bool) -> str:
    """Without any number that could be taken for a citation; `cites`: its own will stand behind it."""
    for pattern in (_CITATION, _LAST):
        _, said, _ = _numbers(pattern, said, count, beside=cites)
    return said


def _numbers(pattern: re.Pattern[str], said: str, count: int, *, beside: bool = False) -> tuple[list[int], str, int]:
    cited: list[int] = []
    wrong = 0
    square = _square(said, beside=beside)

    def take(found: re.Match[str]) -> str:
        nonlocal wrong
        if pattern is _CITATION and found.start() not in square:
            return found[0]
        if pattern is _LAST and not _all_known(found[1], count):
            return found[0]  # "(2024)" is a year
        for start, end in _NUMBERS.findall(found[1]):
            span = range(int(start), int(end or start) + 1)
            known = [each for each in span if 1 <= each <= count] if len(span) <= _WIDEST else []
            cited.extend(known)
            wrong += not known
        return ""

    return cited, pattern.sub(take, said), wrong


def _all_known(written: str, count: int) -> bool:
    return all(1 <= int(number) <= count for number in re.findall(r"\d+", written))


def _plain(said: str) -> str:
    """Without the Markdown that a model puts around names and headings: what is bold here is ours to say. `2**8` and
    `__init__` are none."""
    said = re.sub(r"(?<![A-Za-z0-9])\*\*|\*\*(?![A-Za-z0-9])", "", said)
    said = re.sub(r"(?<!\w)__([^_]*[^\w][^_]*)__(?!\w)", r"\1", said)
    return " ".join(said.split()).strip(" *")


def shortened(said: str, longest: int = LONGEST) -> str:
    """At most so many characters of it."""
    return said if len(said) <= longest else said[: longest - 1].rstrip() + "…"
