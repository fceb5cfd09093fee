"""Programs that are started again whenever they end, and the process that is inside a write of an SQLite database."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.acceptance.processes import LOOK_EVERY, Process, eventually, is_stopped

_FLOCK = "hhqqi4x"  # struct flock of 64-bit Linux
_WAL_WRITE_LOCK = 120  # the byte of the -shm file that a writer holds, from BEGIN IMMEDIATE to the end of its COMMIT


class Service:
    """One program and its process of the moment. It is started again after a `pause`, as a supervisor does."""

    def __init__(self, start: Callable[[], Process], pause: Callable[[], float]) -> None:
        self._start, self._pause = start, pause
        self._over = threading.Event()
        self.process = start()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        with self.process:
            pass

    def _keep(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            if self.process.code is not None and not self._over.wait(self._pause()):
                self.process = self._start()


class Writer:
    """Whoever is inside a write of this SQLite database. Close our own connections to it before leaving.

    A process that closes a file loses all its locks on it, those of its SQLite too.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(f"{path}-shm", os.O_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def holder(self) -> int:
        """The process that holds the lock for writing; 0 for nobody."""
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _WAL_WRITE_LOCK, 1, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(self._file, fcntl.F_GETLK, asked))
        return 0 if kind == fcntl.F_UNLCK else int(pid)

    def kill(self) -> int:
        """Kill -9 a process that is inside a write: it is stopped there first, so that it is known. Its id."""
        return eventually(self._kill, "nobody writes")

    def _kill(self) -> int:
        for _ in range(2000):
            pid = self.holder()
            if pid:
                break
        else:
            return 0
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(pid, signal.SIGSTOP)
            eventually(lambda: is_stopped(pid), "it does not stop")
            inside = self.holder() == pid
            os.kill(pid, signal.SIGKILL if inside else signal.SIGCONT)
            return pid if inside else 0
        return 0
