"""Real processes for tests: started with a clean environment, watched with a bound, ended by their own ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

ROOT = Path(__file__).resolve().parent.parent.parent
BOUND = 60.0  # seconds: far more than anything takes here, since these machines are shared
LOOK_EVERY = 0.05

T = TypeVar("T")


def eventually(
    look: Callable[[], T],
    what: str,
    *,
    within: float = BOUND,
    every: float = LOOK_EVERY,
    unless: Callable[[], str] = str,
) -> T:
    """Look until there is something; its value. Fails with `what` after the bound, or as soon as `unless` says why not."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        reason = unless()
        if reason or time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within:.0f} s. {reason}")
        time.sleep(every)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Process:
    """One process and what it says. Leaving its `with` ends it, whatever happened."""

    def __init__(
        self,
        *arguments: str,
        env: Mapping[str, str],
        log: Path,
        cwd: Path = ROOT,
        wire: socket.socket | BinaryIO | None = None,
    ) -> None:
        """It writes to the end of the file `log`, or to a `wire`."""
        self.log = log
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CHORUS_")}
        with log.open("ab") as out:
            to = wire or out
            self._process = subprocess.Popen(
                [sys.executable, *arguments], env=clean | env, cwd=cwd, stdout=to, stderr=to, stdin=subprocess.DEVNULL
            )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.code is None:
            self.signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    @property
    def code(self) -> int | None:
        """How it ended; None while it lives."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ended(self, within: float = BOUND) -> int:
        """Wait for its end: the exit code, negative for a signal."""
        eventually(lambda: self.code is not None, "the process has not ended", within=within, unless=str)
        return self._process.wait()

    def is_stopped(self) -> bool:
        """Whether it was sent to sleep by SIGSTOP."""
        return is_stopped(self.pid)

    @property
    def said(self) -> str:
        """All that it has written, to both of its outputs."""
        return self.log.read_text(errors="replace")

    def trouble(self) -> str:
        """Why it can no longer be waited for; empty while it lives."""
        return "" if self.code is None else f"The process ended with {self.code}: {self.said[-3000:]}"


def is_stopped(pid: int) -> bool:
    """Whether a process was sent to sleep by SIGSTOP. Raises FileNotFoundError where there is none."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def run(*arguments: str, env: Mapping[str, str], log: Path, cwd: Path = ROOT) -> tuple[int, str]:
    """Run a program to its end: exit code and all that it said."""
    with Process(*arguments, env=env, log=log, cwd=cwd) as process:
        return process.ended(), process.said


def living(marker: str) -> dict[int, str]:
    """The command lines of all processes that have this text in the environment they were started with, by id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if marker.encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # gone meanwhile, or somebody else's
                continue
    return found
