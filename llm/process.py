"""One child process and the JSON lines to and from it; nothing here knows what they mean."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from llm import environment
from llm.base import ModelDied

ROOT = Path(__file__).resolve().parent.parent
TAIL_LINES, TAIL_WIDTH = 4, 300
TELLING = ("error", "assert", "what():", "alloc")  # else it is chatter: missing CUDA libraries, a table of tensors
REPEATING = "LLAMA ERROR: failed to load model from"
LAST_WORDS = 5.0


class Child:
    """A running `python -m MODULE`. Sending is thread-safe; receiving is for one thread at a time."""

    def __init__(self, module: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=environment.of_a_model(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if not (self.process.stdin and self.process.stdout and self.process.stderr):
            raise ModelDied("the model's process has no pipes")
        self._in, self._out, self._err = self.process.stdin, self.process.stdout, self.process.stderr
        self._buffer = bytearray()
        self._sending, self._receiving = threading.Lock(), threading.RLock()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._tail: collections.deque[str] = collections.deque(maxlen=TAIL_LINES)
        self._drain = threading.Thread(target=self._keep_tail, daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self.process.pid

    def send(self, request: dict[str, Any]) -> None:
        """Hand a request over. Raises ModelDied."""
        line = json.dumps(request).encode() + b"\n"
        try:
            with self._sending:
                self._in.write(line)
                self._in.flush()
        except (BrokenPipeError, ValueError) as error:  # ValueError: the pipe was closed on this side
            raise self.died() from error

    def receive(self, timeout: float) -> dict[str, Any] | None:
        """The next event, or None when none came within `timeout` seconds. Raises ModelDied."""
        with self._receiving:
            line = self._line(time.monotonic() + timeout)
        event: dict[str, Any] | None = json.loads(line) if line else None
        return event

    def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            left = deadline - time.monotonic()
            if self._out.closed:
                raise self.died()
            if left <= 0 or not self._selector.select(left):
                return b""
            piece = os.read(self._out.fileno(), 65_536)
            if not piece:
                raise self.died()
            self._buffer += piece
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def died(self) -> ModelDied:
        """How the process ended. The engine's own words are in `tail`."""
        try:
            code = self.process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return ModelDied("the model's process closed its pipe and had to be killed")
        self._drain.join(LAST_WORDS)
        return ModelDied(f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}")

    @property
    def signal(self) -> int:
        """The signal that ended it, or 0."""
        return -min(0, self.process.poll() or 0)

    @property
    def tail(self) -> str:
        """The last telling things that the engine said. It is for failures of loading: later it might hold people's words."""
        return " | ".join(self._tail)

    def kill(self) -> None:
        """End it at once, and leave nothing of it behind. From any thread: who receives is told that it died."""
        self.process.kill()
        self.process.wait()
        self._drain.join(LAST_WORDS)
        with self._receiving, self._sending:
            self._selector.close()
            self._out.close()
            with contextlib.suppress(BrokenPipeError):  # a request was still in the buffer; nobody will read it
                self._in.close()

    def _keep_tail(self) -> None:
        with self._err:
            for line in iter(lambda: self._err.readline(4096), b""):
                said = line.decode("utf-8", "replace").strip()[:TAIL_WIDTH]
                if any(word in said.lower() for word in TELLING) and not said.startswith(REPEATING):
                    self._tail.append(said)
