"""No token twice: a prompt is a list of segments, and reading goes on from the longest equal run of any known state.

A follow-up, another person's question about the same thread, a thread that grew: only what is new is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from llm.base import EngineFault, PromptTooLong
from llm.engine import State
from llm.templates import Segment
from llm.vocabulary import START

MARGIN = 8  # beyond n_ctx - 8 the engine drops 75 % of the context in silence, the instructions first


@dataclass(frozen=True)
class Known:
    """A segment that was read, and n_past behind it."""

    segment: Segment
    n_past: int


@dataclass(frozen=True)
class Saved:
    """A state kept aside. The first `shared` segments came before the question that it was saved for."""

    known: tuple[Known, ...]
    state: State
    shared: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.state.data)


@dataclass(frozen=True)
class Reading:
    """What a prompt cost: tokens read and tokens known before; `whole` is False where it was told to stop."""

    read: int
    reused: int
    whole: bool


@dataclass(frozen=True)
class Controls:
    """The ids that no people's text may turn into, and whether the engine begins with one of its own accord."""

    ids: frozenset[int]
    adds_bos: bool


class Reads(Protocol):
    """The part of the engine that reading needs."""

    @property
    def n_past(self) -> int: ...
    @property
    def state_size(self) -> int: ...
    def ids(self, start: int = 0) -> list[int]: ...
    def stand(self, n_past: int) -> None: ...
    def feed(self, segment: Segment, go_on: Callable[[int], bool], *, fresh: bool) -> bool: ...
    def save(self) -> State: ...
    def restore(self, state: State) -> bool: ...


class Counts(Protocol):
    """The part of the vocabulary that reading needs."""

    def count(self, segments: Iterable[Segment], last: int = START) -> int: ...


class Prefixes:
    """What the model has behind it, and the states kept aside, newest last, within `budget` bytes.

    States belong to this process, and so to one file, one n_ctx and one engine.
    """

    def __init__(self, engine: Reads, vocabulary: Counts, window: int, budget: int, controls: Controls) -> None:
        self.engine, self.vocabulary, self.n_ctx = engine, vocabulary, window
        self.budget, self.controls = budget, controls
        self.behind: list[Known] = []
        self.saved: list[Saved] = []

    def read(
        self, segments: Sequence[Segment], room: int, shared: int, on_token: Callable[[int, int], bool]
    ) -> Reading:
        """Stand behind `segments`, with room for as many tokens of an answer.

        `on_token(read, of)` says whether to go on. The state behind the first `shared` segments is kept aside. Raises
        PromptTooLong before anything is fed, and EngineFault.
        """
        # With nothing to feed, the next token would come from stale logits: the last segment is always read again.
        run = min(self._longest(segments), len(segments) - 1)
        start = self.behind[run - 1].n_past if run else 0
        of = self._count(segments[run:], start, room)
        del self.behind[run:]
        whole = self._feed_all(segments[run:], of, shared, on_token)
        return Reading(self._standing() - start, start, whole)

    def known(self, segments: Sequence[Segment]) -> int:
        """How many tokens at the beginning of `segments` need not be read again: those of the longest equal run."""
        last = len(segments) - 1  # read in any case
        runs = [(min(_equal(known, segments), last), known) for known in (self.behind, *(s.known for s in self.saved))]
        run, known = max(runs, key=lambda found: found[0])
        return known[run - 1].n_past if run else 0

    def answered(self, segment: Segment, tokens: int, shared: int) -> None:
        """The model wrote `segment` in `tokens` tokens behind what it read: that is a known segment as well."""
        end = self._standing() + tokens
        clean = self.engine.n_past == end
        self.engine.stand(end)
        self.behind.append(Known(segment, end))
        if clean:
            self._keep(shared)

    def forget(self, texts: Iterable[str]) -> int:
        """Drop every state where one of these texts of people ends a segment; returns how many there were.

        In front of it stand whose it is, and the end of what was told before it.
        """
        gone = tuple(text.rstrip("\n") for text in texts)
        kept = [saved for saved in self.saved if not _holds(saved.known, gone)]
        dropped = len(self.saved) - len(kept)
        self.saved = kept
        if _holds(self.behind, gone):
            self.drop()
            dropped += 1
        return dropped

    @property
    def kept(self) -> int:
        """Bytes of the states kept aside."""
        return sum(saved.size for saved in self.saved)

    def drop(self) -> None:
        """Stand behind nothing; the next segment is fed into an empty context."""
        self.behind = []
        self.engine.stand(0)

    def _longest(self, segments: Sequence[Segment]) -> int:
        """Stand behind the longest equal run of any state, and return its length.

        A restore that this process refuses is no candidate: then the next longest counts, down to what the model has
        behind it now.
        """
        run = _equal(self.behind, segments)
        for saved in sorted(self.saved, key=lambda saved: -_equal(saved.known, segments)):
            longer = _equal(saved.known, segments)
            if longer <= run:
                break
            if self.engine.restore(saved.state):
                self.behind, run = list(saved.known), longer
                self._touch(saved)
                break
        return run

    def _count(self, segments: Sequence[Segment], start: int, room: int) -> int:
        ids = self.engine.ids()[:start]
        tokens = self.vocabulary.count(segments, ids[-1] if ids else START)
        if start + tokens + room > self.n_ctx - MARGIN:
            raise PromptTooLong(start + tokens, self.n_ctx - MARGIN - room)
        return tokens

    def _feed_all(
        self, segments: Sequence[Segment], of: int, shared: int, on_token: Callable[[int, int], bool]
    ) -> bool:
        done = 0

        def go_on(_token: int) -> bool:
            nonlocal done
            done += 1
            return on_token(done, of)

        for segment in segments:
            if not self._feed(segment, go_on):
                return False
            # Straight behind the shared part: after a later trim the state would hold other people's questions too.
            if len(self.behind) == shared:
                self._keep(shared)
        return True

    def _feed(self, segment: Segment, go_on: Callable[[int], bool]) -> bool:
        before, fed = self._standing(), 0

        def counted(token: int) -> bool:
            nonlocal fed
            fed += 1
            return go_on(token)

        self.engine.stand(before)
        try:
            whole = self.engine.feed(segment, counted, fresh=not self.behind)
        except EngineFault:
            self.drop()
            raise
        if not whole:  # what was read of it is trimmed; everything before it stays
            self.engine.stand(before)
            return False
        self._check(segment, before, fed)
        self.behind.append(Known(segment, self.engine.n_past))
        return True

    def _check(self, segment: Segment, before: int, fed: int) -> None:
        """After each segment n_past has grown by what was fed, else the context was shifted; and people's text has come
        out as text alone."""
        if fed == 0 or self.engine.n_past != before + fed:
            self.drop()
            raise EngineFault("the context was shifted while it was read")
        came = self.engine.ids(before)
        if before == 0 and self.controls.adds_bos:
            del came[0]
        if not segment.special and not self.controls.ids.isdisjoint(came):
            self.drop()
            raise EngineFault("a control token came out of people's text")

    def _standing(self) -> int:
        return self.behind[-1].n_past if self.behind else 0

    def _keep(self, shared: int) -> None:
        """Keep the state aside that the model has behind it now, in the place of those it makes superfluous: its own
        beginnings, and other questions about the same shared part."""
        size = self.engine.state_size
        segments = [known.segment for known in self.behind]
        if size > self.budget or any(_equal(saved.known, segments) == len(segments) for saved in self.saved):
            return
        new = Saved(tuple(self.behind), self.engine.save(), shared)
        self.saved = [
            saved for saved in self.saved if _equal(saved.known, segments) < min(len(saved.known), saved.shared)
        ]
        self.saved.append(new)
        while self.kept > self.budget:
            self.saved.pop(0)

    def _touch(self, saved: Saved) -> None:
        self.saved.remove(saved)
        self.saved.append(saved)


def _equal(known: Sequence[Known], segments: Sequence[Segment]) -> int:
    """How many segments at the beginning are equal."""
    run = 0
    for one, wanted in zip(known, segments, strict=False):
        if one.segment != wanted:
            break
        run += 1
    return run


def _holds(known: Iterable[Known], texts: tuple[str, ...]) -> bool:
    return any(one.segment.text.rstrip("\n").endswith(texts) for one in known if not one.segment.special)
