"""Lanes of endpoints: each has as many as it writes answers at a time, so no question to it waits for the processor's models."""

from __future__ import annotations

import threading
from collections import defaultdict

from mmapp.jobs import lanes, queue
from mmapp.jobs.base import Worker

EVERY = 2.0


class EndpointLanes:
    """The lanes of a worker's endpoints, each also put into `threads` when it starts. A lane that is wanted no more stays,
    looks at nothing, and serves when it is again."""

    def __init__(self, worker: Worker, threads: list[threading.Thread]) -> None:
        self._worker, self._threads = worker, threads
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._started: set[tuple[str, int]] = set()

    def staff(self) -> None:
        """Start what is missing: models are declared while the worker runs."""
        for model in list(self._worker.models):
            for number in range(self._worker.at_a_time(model)):
                if (model, number) not in self._started:
                    self._started.add((model, number))
                    self._threads.append(self._start(model, number))

    def _start(self, model: str, number: int) -> threading.Thread:
        def queues() -> list[str]:
            return [queue.model_queue(model)] if number < self._worker.at_a_time(model) else []

        return lanes.start(f"{model}-{number + 1}", self._worker, queues, self._turns[model])
