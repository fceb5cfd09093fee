"""Does any message support this line, and which? A warning and not a proof.

Window and threshold were chosen on 41 meetings of QMSum (481 lines written by people: 0.74 supported by their own meeting,
0.18 by a foreign one). As it stands here, on the 107 lines that answer the general and the specific queries of four of
them, each held against its own meeting and the three others: 0.76 and 0.12 (words with their endings: 0.65 and 0.08).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Literal

from llm.relevance import words

Verdict = Literal["supported", "unsupported", "unchecked"]

WINDOW, STEP = 9, 4  # messages that talk about one thing, and how far the next window begins
THRESHOLD = 0.35  # of a line's content words, weighted by rarity, in the best window
FEWEST = 3  # content words; a line of fewer says nothing that could be looked up
_COMMON = (
    "they he she we you i has have had will would can could should do does did been its their there then than but if so"
)
STOPPED = frozenset(_COMMON.split())
_NUMBER = re.compile(r"(?<![\w.,:])\d+(?:[.,:]\d+)*(?!\w)")
_LINK = re.compile(r"https?://[^\s)>\]]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“\"(]\s*)(\w+)")
_CAPITAL = re.compile(r"[^\W\d_][\w-]+")  # a word, or its part before 's; whether it begins with a capital is looked at
_ENDINGS = ("ing", "ed", "es", "s")
SHORTEST_STEM = 4
# Written with a capital, and names of nobody.
_CALENDAR = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    | {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october"}
    | {"november", "december"}
)


def content(text: str) -> set[str]:
    """The words that can tell what a text is about, without their endings; numbers are looked at by themselves."""
    return {
        _stem(word)
        for word in words(text)
        if word not in STOPPED and not word.isdigit() and (len(word) > 2 or not word.isascii())
    }


def _stem(word: str) -> str:
    """`orders`, `ordered` and `ordering` are one word: people are quoted in another tense than they speak in."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


@dataclass(frozen=True)
class Found:
    """What was found for a line: whether it is supported, and the message that fits it best (None: none fits)."""

    verdict: Verdict
    place: int | None = None


class Sources:
    """The messages that lines are held against. `texts` are as a model has read them, with names and times.

    `times` are all ways in which each one's time may be written. `same_language`: whether the lines are written in the
    messages' language. Where not, words cannot be compared, but names, numbers and links can.
    """

    def __init__(
        self,
        texts: Sequence[str],
        times: Sequence[str] = (),
        *,
        same_language: bool = True,
        nouns_capital: bool = False,
    ) -> None:
        self.same_language, self.nouns_capital = same_language, nouns_capital
        self._texts = texts
        self._exact = [_exact_in(f"{text} {time}") for text, time in zip_longest(texts, times, fillvalue="")]
        self._words = [content(text) for text in texts]
        seen = Counter(word for found in self._words for word in found)
        # Never nothing: where everybody talks of one thing, a line about it holds.
        self._rarity = {word: math.log(1 + len(texts) / count) for word, count in seen.items()}
        self._unseen = math.log(1 + len(texts) / 0.5)

    def check(self, line: str, cited: Collection[int] = ()) -> Found:
        """Whether the messages support a line, those around the `cited` ones first."""
        exact = _exact(line, nouns_capital=self.nouns_capital)
        missing = [one for one in exact if one not in self._all_exact]
        if not self.same_language:
            place = next(iter(cited), None)
            return Found("unsupported" if missing else "supported" if exact else "unchecked", place)
        line_words = content(line)
        holding = [place for place in cited if self.holds(place, line)]
        if holding:
            wrong = missing or not self._hold_figures(line, holding)
            return Found("unsupported" if wrong else "supported", holding[0])
        if len(line_words) < FEWEST:
            return self._said_so(line_words, missing=bool(missing))
        best, start = max((self._support(line_words, held), -span.start) for span, held in self._windows)
        if best < THRESHOLD:
            return Found("unsupported")
        span = _from(-start, len(self._texts))
        place = max(span, key=lambda each: (self._weight(line_words & self._words[each]), -each))
        return Found("unsupported" if missing else "supported", place)

    def holds(self, place: int, line: str) -> bool:
        """Whether the messages around this one support the line."""
        found, around = content(line), _around(place, len(self._texts))
        if len(found) < FEWEST:
            return bool(found) and found <= self._words[place]
        return self._support(found, self._held(around)) >= THRESHOLD

    def knows(self, name: str, places: Collection[int]) -> bool:
        """Whether somebody of that name says something around these messages, or is named there."""
        wanted = {word.casefold() for word in _CAPITAL.findall(name)}
        return wanted <= set().union(
            *(self._exact[near] for place in places for near in _around(place, len(self._texts)))
        )

    def _hold_figures(self, line: str, places: Collection[int]) -> bool:
        """Whether the line's numbers and links stand around these messages: among thousands, any number stands somewhere."""
        figures = [*_LINK.findall(line), *map(_number, _NUMBER.findall(_LINK.sub(" ", line)))]
        return set(figures) <= set().union(
            *(self._exact[near] for place in places for near in _around(place, len(self._texts)))
        )

    def _said_so(self, line: set[str], *, missing: bool) -> Found:
        """A line of a word or two: it holds where one message has all of them."""
        place = next((place for place, found in enumerate(self._words) if line and line <= found), None)
        return Found("unsupported" if missing or place is None else "supported", place)

    @cached_property
    def _all_exact(self) -> frozenset[str]:
        return _CALENDAR.union(*self._exact)

    @cached_property
    def _windows(self) -> list[tuple[range, set[str]]]:
        spans = [_from(start, len(self._texts)) for start in range(0, len(self._texts), STEP)]
        return [(span, self._held(span)) for span in spans]

    def _held(self, span: range) -> set[str]:
        return set().union(*(self._words[place] for place in span))

    def _support(self, line: set[str], held: set[str]) -> float:
        whole = self._weight(line)
        return self._weight(line & held) / whole if whole else 0.0

    def _weight(self, found: Collection[str]) -> float:
        return sum(self._rarity.get(word, self._unseen) for word in found)


def counts(line: str) -> bool:
    """Whether a line says enough to be looked up."""
    return len(content(line)) >= FEWEST


def _from(start: int, count: int) -> range:
    return range(start, min(count, start + WINDOW))


def _around(place: int, count: int) -> range:
    start = max(0, place - WINDOW // 2)
    return _from(start, count)


def _exact_in(text: str) -> set[str]:
    """All numbers, links and words of a message, as lines take them over."""
    found = {*map(_number, _NUMBER.findall(text)), *_LINK.findall(text)}
    return found | {word.casefold() for word in _CAPITAL.findall(text)}


def _exact(line: str, *, nouns_capital: bool) -> list[str]:
    """What a line takes over letter by letter: links, numbers, and names, which begin with a capital inside a sentence."""
    links = _LINK.findall(line)
    rest = _LINK.sub(" ", line)
    starts = {match.start(1) for match in _SENTENCE_START.finditer(rest)}
    names = [
        match[0].casefold()
        for match in _CAPITAL.finditer(rest)
        if match[0][0].isupper() and match.start() not in starts and not nouns_capital
    ]
    return [*links, *map(_number, _NUMBER.findall(rest)), *names]


def _number(written: str) -> str:
    """1,000 and 1000 are one number, and 09:12 and 9:12 one time."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)|^0+(?=\d+:)", "", written)
