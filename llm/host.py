"""The parent's side of a model's process: starts it, asks it, watches over it, stops it and starts it again.

A model lives in a process of its own, because bad files, bad arguments and newer quantisations abort the interpreter
(measured). One request at a time; everything that waits yields ticks, so that the caller can do its own work.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm import base
from llm.base import EngineFault, ModelBroken, ModelDied, ModelError, ModelHung, OutOfMemory, PromptTooLong
from llm.process import Child

TICK = 0.25
LONGEST_STOP = 2.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
CRASHES = (signal.SIGABRT, signal.SIGBUS, signal.SIGSEGV, signal.SIGILL, signal.SIGFPE)

Event = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """Seconds: without a sign of life while it works, and for loading."""

    hang: float = 60.0
    load: float = 300.0


@dataclass
class BackOff:
    """Waits longer after each death in a row, by the monotonic clock: 0, 0.5, 1, 2, … 30 seconds."""

    deaths: int = 0
    not_before: float = 0.0

    def died(self) -> None:
        """Wait longer the next time."""
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (self.deaths - 1)) if self.deaths else 0.0
        self.deaths, self.not_before = min(self.deaths + 1, 20), time.monotonic() + wait

    def lived(self) -> None:
        """Begin anew: it answered."""
        self.deaths, self.not_before = 0, 0.0

    @property
    def left(self) -> float:
        """Seconds until it may start again."""
        return max(0.0, self.not_before - time.monotonic())


class Host:
    """One model file's process. `settings` is its first request: n_ctx, threads, states_bytes, memory, known, approved and
    chat, as host_session.Session takes them; `module` is what it runs."""

    def __init__(
        self, path: Path, settings: Event, limits: Limits | None = None, module: str = "llm.host_child"
    ) -> None:
        self.path, self.settings, self.limits, self.module = path, settings, limits or Limits(), module
        self.back_off = BackOff()
        self.child: Child | None = None
        self.ready: Event | None = None
        self._started, self._id = 0.0, 0
        self._busy = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that holds the model, while there is one."""
        return self.child.pid if self.child else None

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        return self._busy.locked()

    def load(self) -> Iterator[None]:
        """Have the model loaded; yields while that takes. Closed in between, it goes on loading for the next request.

        Raises a ModelError: ModelBroken where loading crashed.
        """
        if self.ready:
            return
        while not self.child:
            if self.back_off.left:
                time.sleep(min(TICK, self.back_off.left))
                yield
            else:
                self._start()
        while not self.ready:
            event = self._receive(TICK, loading=True)
            if event is None:
                self._watch_loading()
            elif event["event"] == "error":
                raise self._not_loaded(_translated(event))
            elif event["event"] == "done":
                self.ready = event
            yield

    def ask(self, op: str, **fields: Any) -> Iterator[Event | None]:
        """Load if need be and put a request; yields its events, None while nothing is heard; ends behind `done`.

        Closing it cancels the request, and the model stays usable. Raises a ModelError.
        """
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("one request at a time")
        try:
            for _ in self.load():
                yield None
            self._id += 1
            self._send({"id": self._id, "op": op, **fields})
            yield from self._answers(self._id)
        finally:
            self._busy.release()

    def tell(self, op: str, **fields: Any) -> None:
        """Put a request whose answer nobody waits for; nothing where no model is loaded. From any thread."""
        if self.child and self.ready:
            self.child.send({"id": 0, "op": op, **fields})

    def close(self) -> None:
        """End the process."""
        child, self.child, self.ready = self.child, None, None
        if child:
            child.kill()

    def _start(self) -> None:
        self.child, self._started = Child(self.module), time.monotonic()
        self._send({"id": 0, "op": "load", "path": str(self.path.absolute()), **self.settings})

    def _watch_loading(self) -> None:
        if time.monotonic() - self._started > self.limits.load:
            self._fail()
            raise ModelHung(f"it was not loaded after {self.limits.load:.0f} seconds")

    def _answers(self, number: int) -> Iterator[Event | None]:
        ended, silent = False, 0.0
        try:
            while not ended:
                waited = time.monotonic()
                event = self._receive(TICK)
                if event is None:
                    silent += time.monotonic() - waited
                    self._watch(silent)
                    yield None
                elif event["id"] == number:  # else the end of a request that was told, not asked
                    ended, silent = event["event"] in ("done", "error"), 0.0
                    if event["event"] == "error":
                        raise _translated(event)
                    if ended:
                        self.back_off.lived()
                    yield event
        except ModelError:
            ended = True
            raise
        finally:
            if not ended:
                self._cancel(number)

    def _watch(self, silent: float) -> None:
        if silent > self.limits.hang:
            self._fail()
            raise ModelHung(f"no sign of life for {self.limits.hang:.0f} seconds")

    def _cancel(self, number: int) -> None:
        """Stop the request and read on to its end; a model that does not end is killed."""
        if not self.child:
            return
        deadline = time.monotonic() + LONGEST_STOP
        try:
            self.child.send({"id": number, "op": "cancel"})
            while (left := deadline - time.monotonic()) > 0:
                event = self.child.receive(left)
                if event and event["id"] == number and event["event"] in ("done", "error"):
                    return
        except ModelDied:
            pass  # then it has stopped as well
        self._fail()

    def _send(self, request: Event) -> None:
        if not self.child:
            raise ModelDied("the model's process was closed")
        try:
            self.child.send(request)
        except ModelDied:
            self._fail()
            raise

    def _receive(self, timeout: float, *, loading: bool = False) -> Event | None:
        child = self.child
        if not child:
            raise ModelDied("the model's process was closed")
        try:
            return child.receive(timeout)
        except ModelDied as death:
            self._fail()
            raise _explained(death, child) if loading else death from None

    def _not_loaded(self, error: ModelError) -> ModelError:
        """The child said why and ends; the next request may try at once."""
        child = self.child
        if child:
            child.died()  # to its very end: llama.cpp says why in a thread of its own, a moment later
        self.close()
        return _with_tail(error, child) if child and isinstance(error, ModelBroken) else error

    def _fail(self) -> None:
        self.close()
        self.back_off.died()


def _translated(event: Event) -> ModelError:
    if event["kind"] == "PromptTooLong":
        return PromptTooLong(event["tokens"], event["window"])
    kind = getattr(base, event["kind"], EngineFault)
    found = kind(event["detail"])
    return found if isinstance(found, ModelError) else EngineFault(event["detail"])


def _explained(death: ModelDied, child: Child) -> ModelError:
    """A crash while loading is the file's fault (51 % of flipped header bytes abort); a kill may be the system's."""
    if child.signal in CRASHES or not child.signal:
        return _with_tail(ModelBroken(f"loading it ended its process: {death.detail}"), child)
    return death


def _with_tail(error: ModelBroken, child: Child) -> ModelError:
    tail = child.tail
    if "alloc" in tail.lower():
        return OutOfMemory(f"{error.detail}: {tail}")
    return ModelBroken(f"{error.detail}: {tail}" if tail else error.detail)
