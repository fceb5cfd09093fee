"""Watches an answer while it is written: its characters, its stop texts, its end, and whether it repeats itself.

Small models fall into loops (SmolLM2 wrote "You can use the `ls` command…" four times). The third time of a line, or of
a run of 40 tokens, ends the answer, and what is kept ends before the first repetition.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from llm.thoughts import Thoughts

RUN = 40
TIMES = 3
WORDS = re.compile(r"\w{2,}")
FEWEST_WORDS = 3  # shorter lines come back in good answers too: "Yes.", "```", table rules


class Lines:
    """Counts the lines of an answer, those in fenced code aside: code repeats itself with reason."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}
        self.fenced = False

    def add(self, line: str, start: int) -> int | None:
        """Note a line that begins at `start`. At its third time: where its second began."""
        said = line.strip()
        if said.startswith(("```", "~~~")):
            self.fenced = not self.fenced
        if self.fenced or len(WORDS.findall(said)) < FEWEST_WORDS:
            return None
        starts = self.seen.setdefault(said, [])
        starts.append(start)
        return starts[1] if len(starts) == TIMES else None


@dataclass
class _Run:
    times: int
    end: int
    second: int = -1


class Runs:
    """Counts runs of 40 tokens, each at its third time that does not overlap the ones before."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.seen: dict[tuple[int, ...], _Run] = {}

    def add(self, token: int) -> int | None:
        """Note a token. At a run's third time: the number of the token at which it came back first."""
        self.ids.append(token)
        if len(self.ids) < RUN:
            return None
        window, start = tuple(self.ids[-RUN:]), len(self.ids) - RUN
        run = self.seen.get(window)
        if run is None:
            self.seen[window] = _Run(1, len(self.ids))
            return None
        if run.second < 0:
            run.second = start
        if start >= run.end:
            run.times, run.end = run.times + 1, len(self.ids)
        return run.second if run.times == TIMES else None


class Writing:
    """One answer as it grows. `emit` gets its text in pieces, as soon as no stop text can begin in them.

    Thoughts at its beginning are no part of it; `thinks`: it begins with them at once.
    """

    def __init__(
        self, stop: tuple[str, ...], controls: frozenset[int], emit: Callable[[str], None], *, thinks: bool = False
    ) -> None:
        self.stop, self.controls, self.emit = tuple(filter(None, stop)), controls, emit
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.thoughts = Thoughts(inside=thinks)
        self.lines, self.runs = Lines(), Runs()
        self.offsets: list[int] = []
        self.text, self.emitted, self.line_start = "", 0, 0
        self.reason: Literal["stop", "repeat"] = "stop"
        self.keep: int | None = None
        self.cut = False

    @property
    def tokens(self) -> int:
        """How many tokens were written, those of thoughts as well."""
        return len(self.offsets)

    def add(self, token: int, piece: bytes) -> bool:
        """Take one token. False: the answer ends here."""
        if token in self.controls:  # it would begin a turn of somebody else's
            return False
        self.offsets.append(len(self.text))
        self.text += self.thoughts.take(self.decoder.decode(piece))
        return not (self._stopped() or self._repeats(token))

    def end(self) -> None:
        """Nothing comes any more: give out what was held back."""
        if not self.cut:
            self.text += self.thoughts.end()
        if not self.cut and self.decoder.getstate()[0]:  # half a character is none: the answer is not the tokens' text
            self.cut = True
        if self.keep is None:
            self._repeat(self.lines.add(self.text[self.line_start :], self.line_start))
        self._give_out(len(self.text))

    def _stopped(self) -> bool:
        found = [at for stop in self.stop if (at := self.text.find(stop, max(0, self.emitted - len(stop)))) >= 0]
        if found:
            self.text, self.cut = self.text[: min(found)], True
            return True
        self._give_out(len(self.text) - self._held())
        return False

    def _held(self) -> int:
        """How much of the text's end could be the beginning of a stop text."""
        ends = (size for stop in self.stop for size in range(1, len(stop)) if self.text.endswith(stop[:size]))
        return max(ends, default=0)

    def _repeats(self, token: int) -> bool:
        again = self.runs.add(token)
        if again is not None:
            return self._repeat(self.offsets[again])
        while (newline := self.text.find("\n", self.line_start)) >= 0:
            start, self.line_start = self.line_start, newline + 1
            if self._repeat(self.lines.add(self.text[start:newline], start)):
                return True
        return False

    def _repeat(self, start: int | None) -> bool:
        if start is None:
            return False
        self.reason, self.cut, self.keep = "repeat", True, len(self.text[:start].rstrip())
        return True

    def _give_out(self, end: int) -> None:
        if end > self.emitted:
            self.emit(self.text[self.emitted : end])
            self.emitted = end
