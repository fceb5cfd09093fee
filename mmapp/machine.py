"""What this machine lets a worker use, as its control group says it."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


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


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # no control groups of version 2 here: the machine's own figures count
        return ""
