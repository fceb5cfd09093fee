"""Where tests keep their temporary files: in memory where there is room, for each makes hundreds.

On a disk whose journal counts each of them (measured: 3 ms a file, a database of PostgreSQL has 300) they took a third
of all time. What is promised about disks is tested by servers that are given `fsync=on`, and lie where `DISK` says.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mmapp import machine

MEMORY, DISK = Path("/dev/shm"), Path("/var/tmp")  # noqa: S108 - the file hierarchy standard's own places
A_PROCESS = 256 * 1024 * 1024  # bytes: a server of its own, and what its test of the moment writes


def use_memory(folder: Path = MEMORY) -> None:
    """For this process and all that it starts. `TMPDIR` is somebody's choice, and stays."""
    if "TMPDIR" not in os.environ and has_room(folder):
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def has_room(folder: Path) -> bool:
    """Whether programs may lie there, and as many processes as `make test` starts can have their share."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    wanted = 2 * machine.cores() * A_PROCESS
    return not found.f_flag & os.ST_NOEXEC and min(found.f_bavail * found.f_frsize, machine.memory() // 4) >= wanted
