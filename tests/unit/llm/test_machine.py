"""What the machine can run, and which window fits into its memory."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from llm import header, machine
from llm.base import EngineMissing, OutOfMemory
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


def test_memory_is_what_the_control_group_has_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("max", "300000"), ("current", "250000"), ("stat", "anon 1\ninactive_file 40000")):
        (tmp_path / f"memory.{name}").write_text(text)
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert memory_left() == 90_000


def test_without_a_control_group_it_is_what_the_machine_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    assert memory_left() > 1 << 20
