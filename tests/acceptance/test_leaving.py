"""A worker that is told to go leaves in time, whatever its threads wait for."""

from __future__ import annotations

import time
from typing import Any

from mmapp import supervise
from mmapp.jobs import worker


class Stuck:
    """A thread in the middle of a call that a hanging Mattermost does not answer."""

    def __init__(self) -> None:
        self.waited_for: list[float] = []

    def join(self, timeout: float) -> None:
        self.waited_for.append(timeout)
        time.sleep(timeout)


def test_a_worker_waits_for_all_its_threads_together_no_longer_than_its_patience() -> None:
    threads: list[Any] = [Stuck() for _ in range(8)]
    worker.leave(threads, 0.2)
    assert sum(sum(thread.waited_for) for thread in threads) <= 0.21
    assert all(thread.waited_for for thread in threads)


def test_a_worker_gives_up_waiting_before_the_supervisor_gives_up_on_it() -> None:
    (stopwait,) = {
        line.partition("=")[2] for line in supervise.PROGRAM.splitlines() if line.startswith("stopwaitsecs=")
    }
    assert int(stopwait) >= worker.PATIENCE + 5
