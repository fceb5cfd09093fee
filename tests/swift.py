"""Where tests keep what they write: temporary files in memory where there is room, for each makes hundreds; bytecode.

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


def use_memory(folder: Path = MEMORY, a_process: int = A_PROCESS) -> None:
    """For this process and all that it starts. `TMPDIR` is somebody's choice, and stays."""
    wanted = 2 * machine.cores() * a_process  # as many as `make test` starts
    if "TMPDIR" not in os.environ and os.access(folder, os.W_OK) and has_room(os.statvfs(folder), wanted):
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def keep_bytecode() -> None:
    """Let all that this process starts keep what it compiles. Images of containers often say no, and then each of hundreds of
    processes compiles all of Chorus: an eighth of its start (measured: 0.12 s of 0.98)."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def has_room(found: os.statvfs_result, wanted: int) -> bool:
    """Whether so many bytes may lie there, programs among them, and are a quarter of the memory at most."""
    room = min(found.f_bavail * found.f_frsize, machine.memory() // 4)
    return room >= wanted and not found.f_flag & os.ST_NOEXEC
