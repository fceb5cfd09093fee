"""Keeping a claimed job ours while we work on it, from a thread of its own: no wait for a model or a server delays it."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from mmapp.db import Database
from mmapp.errors import LeaseLost
from mmapp.jobs import queue
from mmapp.jobs.claim import Claim

log = structlog.get_logger()

OFTEN = 1.0  # seconds between heartbeats: Stop is heard of within one
MARGIN = 0.2  # of the lease: with an unreachable database we stop that long before it runs out


class Lease:
    """One claim, kept up until the block ends. `words` are saved with each heartbeat; `stop`: a person asked for it.

    The monotonic clock judges how much is left: nobody can set it back.
    """

    def __init__(self, database: Database, claimed: Claim, seconds: float) -> None:
        self._database, self._claimed, self._seconds = database, claimed, seconds
        self.words = self._saved = claimed.words
        self.stop = claimed.stop
        self._kept_at = time.monotonic()
        self._lost = False
        self._saving = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{claimed.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def left(self) -> float:
        """Seconds until somebody else may take the job, at the most pessimistic."""
        return self._kept_at + self._seconds * (1 - MARGIN) - time.monotonic()

    def check(self) -> None:
        """Raises LeaseLost where the job is ours no more, or may not be."""
        if self._lost or self.left < 0:
            raise LeaseLost

    def save(self) -> str:
        """Save the words so far, now, and return them: what people are shown must not be lost.

        Raises LeaseLost or SQLAlchemyError.
        """
        self.check()
        return self._keep(words=True)

    def _keep(self, *, words: bool) -> str:
        with self._saving:  # or an earlier text could be saved over a later one
            asked_at, now = time.monotonic(), self.words if words else self._saved
            changed = now if now != self._saved else None
            try:
                self.stop = queue.heartbeat(self._database, self._claimed, self._seconds, changed)
            except LeaseLost:
                self._lost = True
                raise
            self._kept_at, self._saved = asked_at, now
            return now

    def _beat(self) -> None:
        room = True
        while not self._lost and not self._over.wait(min(OFTEN, self._seconds / 4)):
            try:
                self._keep(words=room)
            except LeaseLost:
                return
            except SQLAlchemyError as error:
                room = not room  # a full disk may take the lease where it does not take the words
                log.warning("a heartbeat failed: the database did not answer", job=self._claimed.id, exc_info=error)
            else:
                room = True
