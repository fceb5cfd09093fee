"""One process at a time installs a model of a name, or changes the approved list."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):
    """Another process is at it."""


@contextmanager
def alone(path: Path, *, waits: bool = False) -> Iterator[None]:
    """Hold the lock file at `path`, which goes with the process, however it ends. Raises OSError, and Busy unless it `waits`."""
    handle = _locked(path, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _locked(path: Path, how: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how)
        # Whoever held it before has removed it: then this is nobody's lock any more.
        if os.fstat(handle).st_nlink:
            return handle
    except BlockingIOError:
        os.close(handle)
        raise Busy from None
    os.close(handle)
    return _locked(path, how)
