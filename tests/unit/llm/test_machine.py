"""What the machine can run, and which window fits into its memory."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from llm import header, machine
from llm.base import EngineMissing, OutOfMemory
from llm.cgroup import ControlGroups
from llm.machine import COMPUTE_BYTES, bytes_a_token, glibc_is_new_enough, memory_left, window
from tests.smollm2 import smollm2_path


@pytest.mark.parametrize(
    ("version", "enough"), [("2.36", True), ("2.34", True), ("2.31", False), ("", False), ("x.y", False)]
)
def test_the_c_library_must_be_new_enough(version: str, enough: bool) -> None:
    assert glibc_is_new_enough(version) == enough


def test_this_machine_runs_the_engine() -> None:
    machine.check_engine()


def test_a_missing_engine_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EngineMissing, match="not installed"):
        machine.check_engine()


def test_a_real_model_takes_23_kilobytes_a_token() -> None:
    assert bytes_a_token(header.read(smollm2_path())) == 23_040  # as measured on its saved states (measured)


def test_the_window_is_the_least_of_all(copier_path: Path) -> None:
    head = header.read(copier_path)
    size, plenty = copier_path.stat().st_size, 1 << 40
    assert window(head, size, 100_000, plenty) == 8192
    assert window(head, size, 1000, plenty) == 1000
    assert window(head, size, 8192, size + COMPUTE_BYTES + 2000 * bytes_a_token(head)) == 2000


def test_a_model_that_does_not_fit_is_refused(copier_path: Path) -> None:
    with pytest.raises(OutOfMemory):
        window(header.read(copier_path), 10 << 30, 8192, 1 << 30)


def write(folder: Path, **files: str) -> Path:
    """A control group's files; `__` stands for the dot in their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_memory_is_what_the_control_group_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container its own group is the root of all that it sees."""
    write(tmp_path, memory__max="300000", memory__current="250000", memory__stat="anon 1\ninactive_file 40000")
    (tmp_path / "own").write_text("0::/\n")
    monkeypatch.setattr(machine, "GROUPS", ControlGroups(tmp_path, tmp_path / "own"))
    assert memory_left() == 90_000


def test_a_service_of_systemd_is_bound_by_its_own_group_and_by_those_that_it_lies_in(tmp_path: Path) -> None:
    """As `MemoryMax=` and `CPUQuota=` in a unit have it; the root has no such files."""
    groups = ControlGroups(tmp_path, tmp_path / "own")
    (tmp_path / "own").write_text("0::/system.slice/chorus.service\n")
    slice_ = write(tmp_path / "system.slice", memory__max="9000", memory__current="8500", cpu__max="max 100000")
    write(slice_ / "chorus.service", memory__max="4000", memory__current="100", cpu__max="250000 100000")
    assert (groups.memory_limit(), groups.memory_left(), groups.cores()) == (4000, 500, 2.5)
    write(slice_ / "chorus.service", memory__max="max", cpu__max="max 100000")
    assert (groups.memory_limit(), groups.cores()) == (9000, None)


def test_control_groups_of_version_1_have_a_root_for_each_controller(tmp_path: Path) -> None:
    groups = ControlGroups(tmp_path, tmp_path / "own")
    (tmp_path / "own").write_text("5:cpu,cpuacct:/c\n4:memory:/a/b\n1:name=systemd:/a\n0::/\n")
    write(tmp_path / "memory", memory__limit_in_bytes=str(2**63 - 4096), memory__usage_in_bytes="7")
    write(tmp_path / "memory" / "a", memory__limit_in_bytes="5000", memory__usage_in_bytes="4000")
    (tmp_path / "memory" / "a" / "memory.stat").write_text("inactive_file 1\ntotal_inactive_file 200\n")
    write(tmp_path / "cpu" / "c", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert (groups.memory_limit(), groups.memory_left(), groups.cores()) == (5000, 1200, None)
    write(tmp_path / "cpu" / "c", cpu__cfs_quota_us="150000")
    assert groups.cores() == 1.5


def test_without_a_control_group_it_is_what_the_machine_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "GROUPS", ControlGroups(tmp_path, tmp_path / "own"))
    assert memory_left() > 1 << 20
