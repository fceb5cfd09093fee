"""What a model does, step by step, watched: it ends as soon as somebody stops it, the worker goes, or the job is ours no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from llm.base import Chunk
from mmapp.jobs.base import Worker
from mmapp.jobs.lease import Lease

Step = TypeVar("Step")


class Interrupted(Exception):
    """Somebody pressed Stop, or the worker is `leaving`."""

    def __init__(self, *, leaving: bool) -> None:
        super().__init__()
        self.leaving = leaving


def watched(worker: Worker, lease: Lease, steps: Iterator[Step], *, heeds_stop: bool = True) -> Iterator[Step]:
    """These steps, while the job is ours. Raises LeaseLost, and Interrupted to end it; a Stop only where it `heeds_stop`."""
    try:
        for step in steps:
            lease.check()
            if lease.stop and heeds_stop:
                raise Interrupted(leaving=False)
            yield step
            if worker.stopping.is_set() and not (isinstance(step, Chunk) and step.finish):
                raise Interrupted(leaving=True)
    finally:
        _close(steps)


def _close(steps: Iterator[object]) -> None:
    """Closing the generator is what stops the engine."""
    close = getattr(steps, "close", None)
    if close is not None:
        close()
