"""The SQLite file cannot be used: each program says so in a sentence and ends, since nobody but a person can mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.everything import copy
from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually, run

RELEASE = ("-m", "flask", "--app", "app", "release")
PROGRAMS = {
    "python app.py": ("app.py",),
    "release": RELEASE,
    "web": ("-m", "gunicorn", "app:create_app()"),
    "worker": ("-m", "flask", "--app", "app", "worker"),
}
UNPRIVILEGED = ("-m", "tests.acceptance.unprivileged")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nothing of it runs; its database's folder is there, and empty."""
    folder = tmp_path / "data"
    folder.mkdir()
    with House(tmp_path, f"sqlite:///{folder / 'chorus.db'}", web="process") as found:
        yield found
    folder.chmod(0o700)


def _refuses(house: House, program: tuple[str, ...], tree: Path) -> str:
    code, said = run(*program, env=house.env, log=house.folder / "log", cwd=tree)
    assert code != 0
    assert "Traceback" not in said
    assert f"The database in the file {house.folder}/data/chorus.db cannot be used" in said
    return said


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_file_that_is_no_database_is_said_to_be_none(house: House, program: tuple[str, ...]) -> None:
    (house.folder / "data" / "chorus.db").write_bytes(b"My shopping list: " * 500)
    assert "file is not a database" in _refuses(house, program, copy(house.folder))


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_folder_that_may_not_be_written_to_is_named(house: House, program: tuple[str, ...]) -> None:
    (house.folder / "data").chmod(0o500)
    tree = copy(house.folder)
    (tree / "tests" / "acceptance").mkdir(parents=True)
    (tree / "tests" / "acceptance" / "unprivileged.py").write_text(
        Path(__file__).with_name("unprivileged.py").read_text()
    )
    assert "that Chorus may write into that folder" in _refuses(house, (*UNPRIVILEGED, *program), tree)


def test_a_file_that_another_program_holds_is_waited_for(house: House) -> None:
    tree = copy(house.folder)
    assert run(*RELEASE, env=house.env, log=house.folder / "log", cwd=tree)[0] == 0
    with closing(sqlite3.connect(house.folder / "data" / "chorus.db", isolation_level=None)) as other:
        for statement in ("pragma locking_mode=exclusive", "pragma journal_mode=delete", "begin exclusive"):
            other.execute(statement)
        with Process(*PROGRAMS["worker"], env=house.env, log=house.folder / "worker.log", cwd=tree) as worker:
            eventually(lambda: "database is locked" in worker.said, "it does not say why", unless=worker.trouble)
            other.close()
            eventually(house.workers, "it does not come up by itself", unless=worker.trouble)
            assert "Traceback" not in worker.said


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_database_of_a_newer_version_is_left_as_it_is(house: House, program: tuple[str, ...]) -> None:
    tree = copy(house.folder)
    assert run(*RELEASE, env=house.env, log=house.folder / "release.log", cwd=tree)[0] == 0
    with closing(sqlite3.connect(house.folder / "data" / "chorus.db", isolation_level=None)) as other:
        other.execute("update alembic_version set version_num = '9999'")
    code, said = run(*program, env=house.env, log=house.folder / "log", cwd=tree)
    assert code != 0
    assert "The database is at revision 9999" in said
    assert "Traceback" not in said
