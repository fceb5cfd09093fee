"""What the tests share: a migrated database, settings for it, and keys that are thrown away."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

from llm import machine
from llm.base import EngineMissing
from mmapp import db, logs, migrate
from mmapp.db import Database
from mmapp.web import threads
from tests import swift
from tests.postgres import PostgreSQL

# Examples are bounded by number, not by time: these machines are shared, and a timing never decides a test.
settings.register_profile("chorus", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chorus")

KEY = Fernet.generate_key().decode()
FAST_FIRST = ("unit", "", "scenarios", "browser", "acceptance", "soak")
REAL_OPTIONS = db.POSTGRESQL_OPTIONS  # those of a worker, before a test's own process is given more patience


def pytest_configure() -> None:
    """Before anything asks where temporary files go, or starts a process."""
    swift.use_memory()
    swift.keep_bytecode()
    # A shell has tests in its background ignore Ctrl-C, nohup the end of a terminal, and all that they start would.
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Fast ones first. Where several processes share them, those of whole processes, which mostly wait, lie evenly among the
    rest: all at the end they would leave the machine idle."""
    items.sort(key=lambda item: FAST_FIRST.index(_kind(item)))  # it keeps the order within each kind
    if hasattr(config, "workerinput"):
        waiting = [item for item in reversed(items) if _kind(item) == "acceptance"]  # the storms, the longest, early
        others = [item for item in items if _kind(item) != "acceptance"]
        places = [(place / len(each), item) for each in (waiting, others) for place, item in enumerate(each, 1)]
        items[:] = [item for _, item in sorted(places, key=lambda one: one[0])]


def _kind(item: pytest.Item) -> str:
    return next((part for part in item.path.parts if part in FAST_FIRST), "")


@pytest.fixture(scope="session", autouse=True)
def _errors_of_threads_fail_tests() -> Iterator[None]:
    # pytest's own hooks turn them into failures; ours, which every app sets, would take their place.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "_log_what_nobody_caught", lambda: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient_transactions() -> Iterator[None]:
    """A test's own process may stand still for seconds on a busy machine; that of a worker has the real limits."""
    with pytest.MonkeyPatch.context() as patch:
        limit = "idle_in_transaction_session_timeout="
        patient = db.POSTGRESQL_OPTIONS.replace(f"{limit}5s", f"{limit}60s")
        assert patient != db.POSTGRESQL_OPTIONS
        patch.setattr(db, "POSTGRESQL_OPTIONS", patient)
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient_dialogs() -> Iterator[None]:
    """On a busy machine a dialog would open without threads, which tests of them look for; those of the limit set their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "WITHIN", 30.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Each test opens databases, and each of these would compile all statements anew: a tenth of all tests' time."""
    dialects: dict[tuple[str, ...], Dialect] = {}
    compiled = LRUCache[Any, Any](4000)
    open_engine = db._engine

    def engine(url: Any, keys: tuple[str, ...]) -> Engine:
        opened = open_engine(url, keys)
        opened.dialect = dialects.setdefault((opened.dialect.name, *keys), opened.dialect)
        opened._compiled_cache = compiled
        return opened

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_engine", engine)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "chorus.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A server for all tests of this process."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgreSQL) -> str:
    """The name of a migrated, empty database to copy."""
    name = postgres.create()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database: every test that needs one runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "chorus.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("migrated_postgres"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, (KEY,))
    yield opened
    opened.close()


def _migrate(url: str) -> None:
    database = Database(url, (KEY,))
    migrate.upgrade(database)
    database.close()


@pytest.fixture
def no_llamacpp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the optional engine, on which GPT4All alone decides what can be loaded."""

    def missing() -> None:
        raise EngineMissing("not installed")

    monkeypatch.setattr(machine, "check_llamacpp", missing)
