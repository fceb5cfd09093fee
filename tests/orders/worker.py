"""A worker that does one job at a time, shows what it writes when it is told to look, and can die at each of its breaths."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import pytest
from sqlalchemy.orm import Session

from mmapp.jobs import answer, lanes
from mmapp.jobs.stream import Stream
from tests.line import ROUNDS, Line


class Killed(BaseException):
    """kill -9: nothing of it runs on."""


class _Once:
    """An event that is waited for once, and then has come."""

    def __init__(self) -> None:
        self.waited = False

    def wait(self, _seconds: float) -> bool:
        self.waited, before = True, self.waited
        return before


class Steps:
    """Does the jobs of a line. `seen` is called before and after each."""

    def __init__(self, line: Line, patch: pytest.MonkeyPatch) -> None:
        self.line = line
        self.stream: _Looked | None = None
        self._left, self._thread = -1, threading.get_ident()
        patch.setattr(answer, "Stream", self._begun)
        patch.setattr(line.worker.client, "_exchange", self._dying(line.worker.client._exchange))
        patch.setattr(line.worker.database, "write", self._dying_write(line.worker.database.write))

    def step(self, *queues: str) -> str:
        """One due job of these queues; its kind, empty where none is due."""
        claimed = self.line.claim(*queues)
        if claimed is None:
            return ""
        lanes.do(self.line.worker, claimed)
        return claimed.kind

    def all_steps(self) -> Iterator[str]:
        """All due jobs; their kinds."""
        for _ in range(ROUNDS):
            if not (kind := self.step()):
                return
            yield kind
        raise AssertionError("the line does not come to rest")

    def step_to_death(self, breaths: int) -> str:
        """The same, until it has asked Mattermost or the database so often; its kind."""
        claimed = self.line.claim()
        if claimed is None:
            return ""
        self._left = breaths
        try:
            lanes.do(self.line.worker, claimed)
        except Killed:
            return f"{claimed.kind}, at breath {breaths}"
        finally:
            self._left = -1
        return f"{claimed.kind}, after its end"

    def look(self) -> None:
        """Show what was written so far, and hear of a Stop, as it happens within a second while a model writes."""
        if self.stream:
            self.stream.look()

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """What others do meanwhile takes none of its breaths."""
        self._left, left = -1, self._left
        yield
        self._left = left

    def breathe(self) -> None:
        """One breath less. Raises Killed at the last one."""
        if self._left < 0 or threading.get_ident() != self._thread:
            return
        self._left -= 1
        if self._left < 0:
            raise Killed

    def _begun(self, *given: Any) -> Stream:
        self.stream = _Looked(self, *given)
        return self.stream

    def _dying(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def exchange(*given: Any, **more: Any) -> Any:
            self.breathe()
            found = call(*given, **more)
            self.breathe()
            return found

        return exchange

    def _dying_write(self, write: Callable[[], Any]) -> Callable[[], Any]:
        @contextmanager
        def writing() -> Iterator[Session]:
            with write() as session:
                yield session
                self.breathe()
            self.breathe()

        return writing


class _Looked(Stream):
    """Without a thread of its own: what it shows when does not depend on how fast a machine is."""

    def __init__(self, steps: Steps, *given: Any) -> None:
        super().__init__(*given)
        self._steps, self._ended = steps, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.stream = None

    def look(self) -> None:
        if not self._ended:
            once = _Once()
            self._over = once  # type: ignore[assignment]
            self._run()
            self._ended = not self._ends_by(once)
        self._lease.save()

    @staticmethod
    def _ends_by(once: _Once) -> bool:
        return once.wait(0)
