"""Where tests keep what they write: in memory where that has room, and where somebody wants it in any case; bytecode."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import swift


@pytest.fixture(autouse=True)
def _nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "to be restored")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_a_folder_with_room_is_used_by_this_process_and_by_those_that_it_starts(tmp_path: Path) -> None:
    swift.use_memory(tmp_path, a_process=1)
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)


@pytest.mark.parametrize(("folder", "a_process"), [("nowhere", 1), (".", 2**60)], ids=["there is none", "too small"])
def test_another_folder_is_not_used(folder: str, a_process: int, tmp_path: Path) -> None:
    swift.use_memory(tmp_path / folder, a_process)
    assert "TMPDIR" not in os.environ


@pytest.mark.parametrize(("flags", "does"), [(0, True), (os.ST_NOEXEC, False)])
def test_programs_must_be_allowed_there(flags: int, does: bool) -> None:
    free = os.statvfs_result((4096, 4096, 10, 10, 10, 10, 10, 10, flags, 255))
    assert swift.has_room(free, wanted=10 * 4096) is does


def test_what_somebody_chose_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    swift.use_memory(tmp_path, a_process=1)
    assert os.environ["TMPDIR"] == "/elsewhere"


def test_bytecode_is_kept_by_what_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "pump.py").touch()
    swift.keep_bytecode()
    subprocess.run([sys.executable, "-c", "import pump"], cwd=tmp_path, check=True)
    assert list(tmp_path.glob("__pycache__/pump.*.pyc"))
