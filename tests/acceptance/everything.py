"""`python app.py` in a copy of what runs, so that nothing of the real `var/` is touched."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import socket
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tests.acceptance.house import House
from tests.acceptance.processes import ROOT, Process, eventually

RUNTIME = ("app.py", "gunicorn.conf.py", "mmapp", "llm", "migrations")
# Every Python process runs this when it starts: scripts count as models, which settings cannot bring about.
SCRIPTED = """
import functools
from llm.registry import Registry
Registry.__init__ = functools.partialmethod(Registry.__init__, scripted=True)
"""
Wire = socket.socket | BinaryIO
# Opens a terminal as its own, as a shell in it does, and becomes a program.
AT_TERMINAL = """
import os, sys
os.setsid()
terminal = os.open(sys.argv[1], os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(terminal, number)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@cache
def _compile() -> None:
    for name in RUNTIME:
        if (ROOT / name).is_dir():
            compileall.compile_dir(ROOT / name, quiet=2)


def copy(folder: Path) -> Path:
    """A copy of what runs, in a folder whose name needs quoting wherever it is written. It is compiled: else each of the
    first processes in it, which start at once, would do that."""
    tree = folder / "100% of Chorus"
    _compile()
    for name in RUNTIME:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name)
        else:
            tree.mkdir(exist_ok=True)
            shutil.copy(source, tree)
    return tree


class Everything:
    """A house whose web side and worker are started by `python app.py`, at a `terminal` where one is named. `hooks`: what
    every Python process runs besides when it starts, those of models too, which are told of no PYTHONPATH."""

    def __init__(self, house: House, wire: Wire | None = None, terminal: str = "", hooks: str = "") -> None:
        self.house, self.tree = house, copy(house.folder)
        self.program = ("-c", AT_TERMINAL, terminal, "app.py") if terminal else ("app.py",)
        (self.tree / "sitecustomize.py").write_text(SCRIPTED + hooks)
        with (self.tree / "llm" / "__init__.py").open("a") as package:
            package.write(hooks)
        self.env = house.env | {"PYTHONPATH": str(self.tree)}
        self.supervisor = self._start(wire)

    def _start(self, wire: Wire | None = None) -> Process:
        return Process(*self.program, env=self.env, log=self.house.folder / "everything.log", cwd=self.tree, wire=wire)

    def start_again(self) -> None:
        """`python app.py` once more, after its end."""
        assert self.supervisor.code is not None
        self.supervisor = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        left = {}
        try:
            if self.supervisor.code is None:
                self.supervisor.signal(signal.SIGTERM)
                self.supervisor.ended(25)
        finally:
            left = self.house.processes()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            with self.supervisor:
                pass

    # What there is to see

    def web(self) -> list[int]:
        """gunicorn's processes, its master first."""
        return sorted(self.house.processes("gunicorn"))

    def worker(self) -> list[int]:
        return sorted(self.house.processes("--app app worker"))

    def is_working(self) -> bool:
        """Whether the worker that runs now has said so itself."""
        records = self.house.workers()
        return bool(records) and [records[-1].pid] == self.worker()

    def ready(self) -> None:
        eventually(self.house.is_serving, "the web side does not come up", unless=self.supervisor.trouble)
        eventually(self.is_working, "the worker does not come up", unless=self.supervisor.trouble)
