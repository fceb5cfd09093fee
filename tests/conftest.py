"""What the tests share: a migrated database, settings for it, and keys that are thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings

from mmapp import logs, migrate
from mmapp.db import Database

# Examples are bounded by number, not by time: these machines are shared, and a timing never decides a test.
settings.register_profile("chorus", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chorus")

KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="session", autouse=True)
def _errors_of_threads_fail_tests() -> Iterator[None]:
    # pytest's own hooks turn them into failures; ours, which every app sets, would take their place.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "_log_what_nobody_caught", lambda: None)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "chorus.db"
    database = Database(f"sqlite:///{path}", (KEY,))
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    path = tmp_path / "chorus.db"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, (KEY,))
    yield opened
    opened.close()
