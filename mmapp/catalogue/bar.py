"""The bar of a model that is fetched, checked or copied: how much of it, how fast, how long still."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from llm.install import Progress
from mmapp.texts import catalog as texts

RECENT = 10.0  # seconds that the speed is taken over: a download that has slowed down tells so soon
EVERY = 0.2


class Rate:
    """Bytes a second over the last seconds, by a clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.seen: deque[tuple[float, int]] = deque()

    def at(self, done: int) -> float:
        """The speed now that so many bytes are there; 0 where it cannot be told yet."""
        now = self.clock()
        if self.seen and done < self.seen[-1][1]:  # begun anew
            self.seen.clear()
        if not self.seen or now - self.seen[-1][0] >= EVERY:
            self.seen.append((now, done))
        while len(self.seen) > 1 and now - self.seen[0][0] > RECENT:
            self.seen.popleft()
        since, before = self.seen[0]
        return (done - before) / (now - since) if now > since else 0.0


@contextmanager
def shown() -> Iterator[Progress]:
    """A bar for as long as something is installed. Through pip nothing is heard of how far it is."""
    rate, what_before = Rate(), ""
    with click.progressbar(length=1000, show_eta=False, item_show_func=lambda said: said or "") as bar:

        def show(what: str, done: int, of: int) -> None:
            nonlocal what_before
            if what != what_before:
                what_before = what
                _stand(bar, 0)
            speed = rate.at(done) if what == "fetch" else 0.0
            _stand(bar, 1000 * done // of if of else 0)
            bar.update(0, texts.fetched(done, of, speed) if what == "fetch" and done else texts.step(what))

        yield show


def _stand(bar: Any, place: int) -> None:
    bar.pos, bar.finished = min(1000, place), False
