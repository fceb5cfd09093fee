"""`.env`, completed: what is new in it, and that all the rest is as it was."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from mmapp.errors import ConfigError
from mmapp.setup import envfile

VALUES = st.text("abcdefXYZ0189=,:/._-", min_size=1, max_size=40)
LINES = st.lists(
    st.sampled_from(["", "# a comment", "A=1", "export B='two'", "C=", "OTHER=x # why", 'D="a\nb"', "A=again"]),
    max_size=8,
)


@given(lines=LINES, values=st.dictionaries(st.sampled_from(["A", "B", "NEW"]), VALUES, max_size=3))
def test_what_was_to_be_said_is_said_and_no_other_name_changes(lines: list[str], values: dict[str, str]) -> None:
    text = "\n".join(lines)
    merged = envfile.merged(text, values)
    assert _read(merged) == _read(text) | values
    assert envfile.merged(merged, values) == merged
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in merged.splitlines() if line.startswith("#")
    ]


@pytest.mark.parametrize("value", ["a\nB=2", "a #b", "${HOME}", " a", "'a'", "a\r\nB=2"])
def test_what_would_be_read_as_something_else_is_not_written(value: str) -> None:
    with pytest.raises(ConfigError, match="A would not be read"):
        envfile.merged("C=1\n", {"A": value})


def _read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text)))


def test_a_new_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert envfile.write(tmp_path / ".env", {"A": "1"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_file_that_others_could_read_is_closed_though_nothing_changes_in_it(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o644)
    assert envfile.write(path, {"A": "1"})
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (0o600, "A=1\n")
    assert not envfile.write(path, {"A": "1"})


def test_where_env_is_a_link_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("A=1\n")
    (tmp_path / ".env").symlink_to(tmp_path / "real")
    envfile.write(tmp_path / ".env", {"A": "2"})
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real").read_text() == "A=2\n"


def test_a_full_disk_leaves_the_old_file_whole_and_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o600)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        envfile.write(path, {"A": "2"})
    assert path.read_text() == "A=1\n"
    assert [one.name for one in tmp_path.iterdir()] == [".env"]
