"""What this machine lets a worker use, as its control group says it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TypedDict

CGROUP = Path("/sys/fs/cgroup")
# What is left to everything but models: web process, worker and listener stay under 150 MB each (docs/BENCHMARKS.md), and
# the system, a database and whatever else runs here need their part.
OTHERS_MB = 1024
LEAST_MB = 256


class Limits(TypedDict):
    """What loaded models may use, by the names that a Registry takes."""

    threads: int
    window: int
    memory_mb: int


def cores(cgroup: Path = CGROUP) -> int:
    """Whole cores this process may use: its CPU quota where there is one, else what the scheduler allows."""
    allowed = len(os.sched_getaffinity(0))
    quota = _read(cgroup / "cpu.max").split()
    if len(quota) == 2 and quota[0] != "max":
        return max(1, min(allowed, math.floor(int(quota[0]) / int(quota[1]))))
    return allowed


def memory(cgroup: Path = CGROUP) -> int:
    """Bytes of memory this process may use: the control group's limit, else the machine's."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _read(cgroup / "memory.max").strip()
    return min(total, int(limit)) if limit.isdigit() else total


def for_models_mb(cgroup: Path = CGROUP) -> int:
    """Megabytes that loaded models may take together: what this process may use, less what everything else needs."""
    return max(LEAST_MB, memory(cgroup) // 2**20 - OTHERS_MB)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # no control groups of version 2 here: the machine's own figures count
        return ""
