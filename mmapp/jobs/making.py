"""A summary in the making, with all that it was made from; one that has given way is gone on with from here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field

from llm.base import Chunk
from mmapp.chat.summary import Part, Summary
from mmapp.jobs.minutes import Read
from mmapp.jobs.seen import Seen


@dataclass
class Making:
    """One summary in the making: what was `read` for it, and the `posts` as they were then. `began` and `computed` are of
    this turn: time.monotonic(), and how many nodes were written."""

    summary: Summary
    read: Read
    posts: Mapping[str, Seen]
    began: float = field(default_factory=time.monotonic)
    computed: int = 0
    _steps: Generator[Chunk | Part] | None = None

    def steps(self) -> Iterator[Chunk | Part]:
        """Those that are left. Who watches them does not close them: in another turn they may be gone on with."""
        if self._steps is None:
            self._steps = self.summary.run()
        return iter(self._steps.__next__, None)

    def turn(self) -> None:
        """It is its turn again."""
        self.began, self.computed = time.monotonic(), 0

    def close(self) -> None:
        """Closing the steps is what stops the engine."""
        if self._steps is not None:
            self._steps.close()

    def seconds_left(self, part: Part, usual: float | None) -> float | None:
        """As long as the parts have taken so far; before the first one, as the model's speed lets expect."""
        left = max(0, part.of - part.done)
        if self.computed:
            return left * (time.monotonic() - self.began) / self.computed
        return left * usual if usual is not None else None
