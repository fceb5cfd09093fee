"""What this machine lets a worker use, as its control groups say it."""

from __future__ import annotations

import math
import os
from typing import TypedDict

from llm.cgroup import GROUPS, ControlGroups

# What is left to everything but models: web process, worker and listener stay under 150 MB each (docs/BENCHMARKS.md), and
# the system, a database and whatever else runs here need their part.
OTHERS_MB = 1024
LEAST_MB = 256


class Limits(TypedDict):
    """What loaded models may use, by the names that a Registry takes."""

    threads: int
    window: int
    memory_mb: int


def cores(groups: ControlGroups = GROUPS) -> int:
    """Whole cores this process may use: its CPU quota where there is one, else what the scheduler allows."""
    allowed = len(os.sched_getaffinity(0))
    quota = groups.cores()
    return allowed if quota is None else max(1, min(allowed, math.floor(quota)))


def memory(groups: ControlGroups = GROUPS) -> int:
    """Bytes of memory this process may use: its control groups' limit, else the machine's."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = groups.memory_limit()
    return total if limit is None else min(total, limit)


def for_models_mb(groups: ControlGroups = GROUPS) -> int:
    """Megabytes that loaded models may take together: what this process may use, less what everything else needs."""
    return max(LEAST_MB, memory(groups) // 2**20 - OTHERS_MB)
