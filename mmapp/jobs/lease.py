"""Keeping a claimed job ours while we work on it."""

from __future__ import annotations

import time

import structlog
from sqlalchemy.exc import OperationalError

from mmapp.db import Database
from mmapp.errors import LeaseLost
from mmapp.jobs import queue
from mmapp.jobs.queue import Claim

log = structlog.get_logger()

OFTEN = 1.0  # seconds between heartbeats: Stop is heard of within one
MARGIN = 0.2  # of the lease: with an unreachable database we stop that long before it runs out


class Lease:
    """One claim, kept up by calling `keep` often. The monotonic clock judges: nobody can set it back."""

    def __init__(self, database: Database, claimed: Claim, seconds: float) -> None:
        self.claimed = claimed
        self._database, self._seconds = database, seconds
        self._kept_at = time.monotonic()
        self._saved = claimed.words
        self._stop = claimed.stop

    @property
    def left(self) -> float:
        """Seconds until somebody else may take the job, at the most pessimistic."""
        return self._kept_at + self._seconds * (1 - MARGIN) - time.monotonic()

    def keep(self, words: str = "") -> bool:
        """Heartbeat where one is due, with the words so far. True: a person asked to stop. Raises LeaseLost."""
        if time.monotonic() - self._kept_at < min(OFTEN, self._seconds / 4):
            return self._stop
        asked_at = time.monotonic()
        try:
            changed = words if words != self._saved else None
            self._stop = queue.heartbeat(self._database, self.claimed, self._seconds, changed)
        except OperationalError:
            log.warning("heartbeat failed: the database did not answer", job=self.claimed.id)
            if self.left < 0:
                raise LeaseLost from None
        else:
            self._kept_at, self._saved = asked_at, words
        return self._stop
