"""Does any message support this line, and which? A warning and not a proof.

Window and threshold were chosen on 41 meetings of QMSum (481 lines written by people: 0.74 supported by their own meeting,
0.18 by a foreign one). As it stands here, on the 107 lines that answer the general and the specific queries of four of
them, each held against its own meeting and the three others: 0.76 and 0.12 (words with their endings: 0.65 and 0.08).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from typing import Literal

from llm import relevance
from mmapp.chat import days, exact, numbered

Verdict = Literal["supported", "unsupported", "unchecked"]

WINDOW, STEP = 9, 4  # messages that talk about one thing, and how far the next window begins
THRESHOLD = 0.35  # of a line's content words, weighted by rarity, in the best window
FEWEST = 3  # content words; a line of fewer says nothing that could be looked up
_COMMON = (
    "they he she we you i has have had will would can could should do does did been its their there then than but if so"
)
STOPPED = frozenset(_COMMON.split())
_ENDINGS = ("ing", "ed", "es", "s")
SHORTEST_STEM = 4


def content(text: str) -> set[str]:
    """The words that can tell what a text is about, without their endings; numbers are looked at by themselves."""
    return {
        _stem(word)
        for word in relevance.words(text)
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
    """What was found for a line: whether it is supported, the message that fits it best (None: none fits), and which of the
    cited ones hold it."""

    verdict: Verdict
    place: int | None = None
    holding: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Taken:
    """What a line takes over letter by letter, and the days that it speaks of."""

    figures: frozenset[str]
    names: frozenset[str]
    dates: frozenset[str]
    weekdays: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.figures or self.names or self.dates or self.weekdays)


@dataclass
class _Message:
    """A message behind its author's name and a colon, `at` that time where its reader is, and what lines can take from it."""

    text: str
    at: datetime | None

    @cached_property
    def exact(self) -> set[str]:
        return exact.said(self.text, self.at)

    @cached_property
    def words(self) -> set[str]:
        return content(f"{self.text} {numbered.day(self.at)}" if self.at else self.text)

    @cached_property
    def named(self) -> set[int]:
        """The weekdays that it names."""
        return days.named(self.text, self.at)

    @cached_property
    def weekdays(self) -> set[int]:
        """All weekdays that can be meant: its own, too."""
        return self.named.union(day.weekday() for day in days.near(self.text, self.at))

    @cached_property
    def dates(self) -> set[str]:
        """All ways in which its days may be written."""
        return days.ways(self.text, self.at)

    @cached_property
    def own(self) -> str:
        """What it says itself. Its author's name belongs to that where it says no more than "yes, I do it"."""
        _, _, said = self.text.partition(": ")
        return said if len(content(said)) >= FEWEST else self.text

    def shares(self, taken: _Taken) -> bool:
        """Whether it says itself something that a line takes over."""
        if (taken.figures | taken.names) & exact.said(self.own, self.at):
            return True
        names_day = bool(taken.weekdays) and not taken.weekdays.isdisjoint(self.named)
        return names_day or (bool(taken.dates) and not taken.dates.isdisjoint(self.dates))


class Sources:
    """The messages that lines are held against: `texts` with their authors, and `times` when each was posted, where its
    reader is.

    `same_language`: whether the lines are written in the messages' language. Where not, words cannot be compared, but names,
    numbers, days and links can.
    """

    def __init__(
        self,
        texts: Sequence[str],
        times: Sequence[datetime] = (),
        *,
        same_language: bool = True,
        nouns_capital: bool = False,
    ) -> None:
        self.same_language, self.nouns_capital = same_language, nouns_capital
        self._all = [_Message(text, at) for text, at in zip_longest(texts, times)]
        seen = Counter(word for message in self._all for word in message.words)
        # Never nothing: where everybody talks of one thing, a line about it holds.
        self._rarity = {word: math.log(1 + len(texts) / count) for word, count in seen.items()}
        self._unseen = math.log(1 + len(texts) / 0.5)

    def check(self, line: str, cited: Collection[int] = ()) -> Found:
        """Whether the messages support a line. Of the `cited` ones those hold it that say something of it, and around which
        the rest is said."""
        taken, words = self._taken(line), content(line)
        if not self.same_language and not taken:
            return Found("unchecked", next(iter(cited), None))
        holding = tuple(place for place in cited if self._holds(place, words, taken))
        place = holding[0] if holding else self._best(words, taken, cited)
        if place is None and self.same_language:
            return Found("unsupported")
        near = holding or ([place] if place is not None else range(len(self._all)))
        right = taken.figures | taken.names <= self._all_exact and self._hold_days(taken, near)
        if holding:  # among thousands, any number stands somewhere
            right = right and taken.figures <= self._said_around(holding)
        return Found("supported" if right else "unsupported", place, holding)

    def knows(self, name: str, places: Collection[int]) -> bool:
        """Whether somebody of that name says something around these messages, or is named there."""
        _, rest = days.taken_out(name)
        if days.claimed(rest):  # "Friday: …"
            return True
        return self._known(exact.words(rest) - exact.CALENDAR) <= self._said_around(places)

    def _taken(self, line: str) -> _Taken:
        dates, rest = days.taken_out(line)
        rest = rest.strip()
        names = set() if self.nouns_capital else self._known(set(exact.names(rest)) - exact.CALENDAR)
        figures = set(exact.figures(rest))
        dotted = {
            one for one in figures - self._all_exact if days.DOTTED.fullmatch(one)
        }  # "20.11." is a date or a number
        weekdays = frozenset(days.claimed(rest))
        return _Taken(frozenset(figures - dotted), frozenset(names), frozenset({*dates, *dotted}), weekdays)

    def _known(self, names: set[str]) -> set[str]:
        """Without those in a script that no message is in: in Russian minutes, bob is "Боб"."""
        return {name for name in names if exact.script(name[0]) in self._scripts}

    def _holds(self, place: int, words: set[str], taken: _Taken) -> bool:
        message = self._all[place]
        if not self.same_language:
            return message.shares(taken)
        if len(words) < FEWEST:
            return bool(words) and words <= message.words
        says = words & content(message.own) or message.shares(taken)
        return bool(says) and self._support(words, self._held(_around(place, len(self._all)))) >= THRESHOLD

    def _best(self, words: set[str], taken: _Taken, cited: Collection[int]) -> int | None:
        """The message that fits a line best; None where none fits."""
        if not self.same_language:
            shared = [len(taken.figures & message.exact) for message in self._all]  # a name stands in all that he says
            return shared.index(max(shared)) if any(shared) else next(iter(cited), None)
        if len(words) < FEWEST:  # a line of a word or two: it holds where one message has all of them
            return next((place for place, message in enumerate(self._all) if words and words <= message.words), None)
        support, start = max((self._support(words, held), -span.start) for span, held in self._windows)
        if support < THRESHOLD:
            return None

        def fits(place: int) -> tuple[float, int, int]:
            message = self._all[place]
            return self._weight(words & message.words), message.shares(taken), -place

        return max(_from(-start, len(self._all)), key=fits)

    def _hold_days(self, taken: _Taken, places: Collection[int]) -> bool:
        """Whether its dates stand around these messages, and its weekdays are those that they name, or count from their own;
        where they name none, those around them: to "by Friday?" somebody says "yes"."""
        if taken.dates and not taken.dates <= set().union(*(message.dates for message in self._around(places))):
            return False
        if not taken.weekdays:
            return True
        these = [self._all[place] for place in places]
        looked = these if any(message.named for message in these) else self._around(places)
        return taken.weekdays <= set().union(*(message.weekdays for message in looked))

    def _said_around(self, places: Collection[int]) -> set[str]:
        return set().union(*(message.exact for message in self._around(places)))

    def _around(self, places: Collection[int]) -> list[_Message]:
        near = {each for place in places for each in _around(place, len(self._all))}
        return [self._all[each] for each in near]

    @cached_property
    def _all_exact(self) -> set[str]:
        return set().union(*(message.exact for message in self._all))

    @cached_property
    def _scripts(self) -> set[str]:
        return exact.scripts([message.text for message in self._all])

    @cached_property
    def _windows(self) -> list[tuple[range, set[str]]]:
        spans = [_from(start, len(self._all)) for start in range(0, len(self._all), STEP)]
        return [(span, self._held(span)) for span in spans]

    def _held(self, span: range) -> set[str]:
        return set().union(*(self._all[place].words for place in span))

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
