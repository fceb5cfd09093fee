"""What a line takes over letter by letter: links, numbers, times of day, and names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime

from mmapp.mattermost import links

_LINK = re.compile(r"https?://[^\s)>\]]+")
# With the unit that stands right behind it, and a version's "v" before it; "1st" is no number, and "p95" a name.
_NUMBER = re.compile(r"(?<![A-Za-z\d_.,:])[vV]?(\d+(?:[.,:]\d+)*)(?![A-Za-z]{6}|(?:st|nd|rd|th)\b|[A-Za-z]*[\d_])")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“\"(]\s*)(\w+)")
_CAPITAL = re.compile(r"[^\W\d_][\w-]+")  # a word, or its part before 's; whether it begins with a capital is looked at
# Written with a capital, and names of nobody.
CALENDAR = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    | {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october"}
    | {"november", "december"}
)


def said(text: str, at: datetime | None) -> set[str]:
    """All numbers, links and words of a message, as lines take them over, and when it was posted, where that is known."""
    clock = {f"{at.hour}:{at.minute:02}"} if at else set()
    return clock | {*figures(text), *words(text)}


def figures(text: str) -> list[str]:
    """Links and numbers."""
    return [*map(links.trimmed, _LINK.findall(text)), *map(_number, _NUMBER.findall(_LINK.sub(" ", text)))]


def names(line: str) -> list[str]:
    """The words that begin with a capital inside a sentence."""
    rest = _LINK.sub(" ", line)
    starts = {match.start(1) for match in _SENTENCE_START.finditer(rest)}
    found = [match for match in _CAPITAL.finditer(rest) if match[0][0].isupper() and match.start() not in starts]
    return [match[0].casefold() for match in found]


def words(text: str) -> set[str]:
    """What can be a name."""
    return {word.casefold() for word in _CAPITAL.findall(text)}


def scripts(texts: Collection[str]) -> set[str]:
    """The scripts that letters of these are of: LATIN, CYRILLIC, CJK."""
    return {script(letter) for letter in set().union(*texts) if letter.isalpha()}


def script(letter: str) -> str:
    """By the first word of its name in Unicode."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _number(written: str) -> str:
    """1,000 and 1000 are one number, and 09:12 and 9:12 one time."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)|^0+(?=\d+:)", "", written)
