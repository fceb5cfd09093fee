"""What is due, looked up once for all lanes of a worker: an empty queue costs one look each 0.1 s, however many wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

LOOK_EVERY = 0.1  # seconds; half of it is what a question waits on average before somebody takes it up
AT_MOST = 1.0  # seconds that a lane waits before it asks again whether it is to go


class News:
    """The queues that have something due. One thread `watch`es; lanes `wait` for theirs."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: frozenset[str] = frozenset()
        self._stale = False

    def wait(self, queues: Iterable[str]) -> bool:
        """Wait until one of these queues has something; False where it had nothing for a second."""
        wanted = frozenset(queues)
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._due & wanted), AT_MOST)

    def nothing(self, queues: Iterable[str]) -> None:
        """Somebody else has taken what was due there."""
        with self._changed:
            self._due -= frozenset(queues)

    def stale(self) -> None:
        """A job has ended, and may have led to the next: nothing is known until the next look, which is now."""
        with self._changed:
            self._due, self._stale = frozenset(), True
            self._changed.notify_all()

    def watch(self, look: Callable[[], frozenset[str]]) -> None:
        """One look, after the pause that is due before it."""
        with self._changed:
            self._changed.wait_for(lambda: self._stale, LOOK_EVERY)
            self._stale = False
        due = look()
        with self._changed:
            self._due = due
            if due:
                self._changed.notify_all()
