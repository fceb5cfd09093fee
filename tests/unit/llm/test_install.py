"""A file of one's own comes into the models folder: checked, copied, adapted, never in the place of another by accident."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from llm import header, install, record
from llm.checksum import sha256
from llm.install import InstallError, add
from tests import gguf_files


@pytest.fixture
def own(copier_path: Path, tmp_path: Path) -> Path:
    """A sound file somewhere else."""
    return Path(shutil.copy(copier_path, tmp_path / "My Model.gguf"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def quiet(_what: str, _done: int, _of: int) -> None:
    """No progress bar."""


def refused(path: Path, folder: Path) -> InstallError:
    with pytest.raises(InstallError) as caught:
        add(path, folder, quiet)
    assert not folder.exists() or [each.name for each in folder.iterdir() if each.suffix == ".gguf"] == []
    return caught.value


def test_a_file_is_copied_under_its_name_with_a_record(own: Path, folder: Path) -> None:
    added = add(own, folder, quiet)
    target = folder / "My Model.gguf"
    assert added == record.read(target)
    assert added
    assert (added.sha256, added.source) == (sha256(own), "My Model.gguf")
    assert sorted(path.name for path in folder.iterdir()) == ["My Model.gguf", "My Model.gguf.toml"]


def test_what_becomes_of_the_original_does_not_touch_the_copy(own: Path, folder: Path) -> None:
    add(own, folder, quiet)
    before = sha256(folder / own.name)
    os.truncate(own, 10)
    assert sha256(folder / own.name) == before


def test_a_copy_is_made_where_the_kernel_cannot(own: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_file_system(*_args: object) -> int:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("llm.install.os.copy_file_range", another_file_system)
    added = add(own, folder, quiet)
    assert added
    assert added.sha256 == sha256(own)


def test_a_newer_pre_tokenizer_is_adapted_and_both_hashes_are_kept(tmp_path: Path, folder: Path) -> None:
    source = gguf_files.copier(tmp_path / "falcon.gguf", pre="falcon3")
    added = add(source, folder, quiet)
    assert added
    assert header.read(folder / "falcon.gguf").pre_tokenizer == "llama-bpe"
    assert (added.adapted, added.published) == ("falcon3", {"sha256": sha256(source)})
    assert added.sha256 == sha256(folder / "falcon.gguf") != sha256(source)
    assert add(source, folder, quiet) is None


def test_a_file_that_was_copied_there_by_hand_is_adapted_where_it_stands(folder: Path) -> None:
    folder.mkdir()
    path = gguf_files.copier(folder / "falcon.gguf", pre="falcon3")
    assert add(path, folder, quiet)
    assert header.read(path).pre_tokenizer == "llama-bpe"


def test_what_a_killed_command_left_of_its_copy_is_taken_away(own: Path, folder: Path) -> None:
    folder.mkdir()
    for name in (f".{own.name}.new", f"..{own.name}.new.x1y2"):
        (folder / name).write_bytes(b"half")
    add(own, folder, quiet)
    assert sorted(path.name for path in folder.iterdir()) == [own.name, f"{own.name}.toml"]


def test_somebody_s_own_files_are_left_alone_whatever_they_are_called(own: Path, folder: Path) -> None:
    folder.mkdir()
    names = [f"{own.name}.new", f"{own.name}.newer.gguf", f".{own.name}.newest", f"..{own.name}.new"]
    for name in names:
        (folder / name).write_bytes(b"mine")
    (folder / f".{own.name}.new.folder").mkdir()
    (folder / f"..{own.name}.new.folder").mkdir()
    add(own, folder, quiet)
    assert {path.name for path in folder.iterdir()} > {*names, f".{own.name}.new.folder", f"..{own.name}.new.folder"}


def test_no_file_takes_the_name_that_people_type_for_another(own: Path, folder: Path, tmp_path: Path) -> None:
    """Choices and rules go by that: a blocked model would answer under its new name."""
    add(own, folder, quiet)
    (folder / "models.toml").write_text('["far.8b"]\nurl = "http://127.0.0.1/v1"\nmodel = "m"\n')
    said = {}
    for name in ("my-model.gguf", "Far.8B.gguf", "Quotes.gguf"):
        shutil.copy(own, tmp_path / name)
        for replacing in (False, True):
            with pytest.raises(InstallError) as caught:
                add(tmp_path / name, folder, quiet, replacing=replacing)
            said[name] = (caught.value.reason, caught.value.detail)
    assert said == {
        "my-model.gguf": ("alike", "my-model is what people type for My Model.gguf"),
        "Far.8B.gguf": ("alike", "far.8b is what people type for an endpoint in models.toml"),
        "Quotes.gguf": ("alike", "quotes is what people type for the built-in model"),
    }


def test_the_same_file_twice_is_nothing_new(own: Path, folder: Path) -> None:
    add(own, folder, quiet)
    assert add(own, folder, quiet) is None


def test_another_model_of_the_name_stays_unless_it_is_to_be_replaced(own: Path, folder: Path, tmp_path: Path) -> None:
    add(own, folder, quiet)
    before = sha256(folder / own.name)
    (tmp_path / "elsewhere").mkdir()
    other = gguf_files.copier(tmp_path / "elsewhere" / own.name, context=1024)
    with pytest.raises(InstallError) as caught:
        add(other, folder, quiet)
    assert (caught.value.reason, sha256(folder / own.name)) == ("taken", before)
    assert add(other, folder, quiet, replacing=True)
    assert sha256(folder / own.name) == sha256(other)


def test_a_folder_a_pipe_and_nothing_at_all_are_no_files(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    assert [refused(path, folder).reason for path in (tmp_path, pipe, tmp_path / "none.gguf")] == ["file"] * 3


def test_a_damaged_file_is_told_with_what_is_wrong(copier_path: Path, folder: Path, tmp_path: Path) -> None:
    damaged = {
        "empty": b"",
        "page": b"<html>not found</html>          ",
        "head": copier_path.read_bytes()[:3000],
        "tensors": copier_path.read_bytes()[:-1],
    }
    for name, content in damaged.items():
        (tmp_path / f"{name}.gguf").write_bytes(content)
    found = {name: refused(tmp_path / f"{name}.gguf", folder) for name in damaged}
    assert {error.reason for error in found.values()} == {"content"}
    assert "no GGUF file" in found["empty"].detail
    assert "a web page" in found["page"].detail
    assert "the header wants" in found["head"].detail
    assert "truncated" in found["tensors"].detail


@pytest.mark.usefixtures("no_llamacpp")
def test_what_no_engine_here_loads_is_told_with_the_one_that_does(
    copier_path: Path, folder: Path, tmp_path: Path
) -> None:
    newer = gguf_files.of_architecture(copier_path, tmp_path / "newer.gguf", "qwen9")
    error = refused(newer, folder)
    assert error.reason == "unsupported"
    assert "'qwen9' is newer than GPT4All 2.8.2" in error.detail
    assert "llama.cpp server" in error.detail


def test_one_of_several_files_is_told_how_it_becomes_one(folder: Path, tmp_path: Path) -> None:
    error = refused(gguf_files.copier(tmp_path / "copier-00001-of-00003.gguf", parts=3), folder)
    assert error.reason == "unsupported"
    assert "gguf-split --merge" in error.detail


def test_a_file_is_never_half_there(own: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("llm.install.os.copy_file_range", full)
    error = refused(own, folder)
    assert (error.reason, error.detail) == ("disk", "the disk is full")
    assert list(folder.iterdir()) == []


def test_a_folder_that_nobody_may_write_into_is_told(own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError) as caught:
        add(own, tmp_path / "file" / "models", quiet)
    assert (caught.value.reason, caught.value.detail) == ("disk", "Not a directory in models")


def test_a_record_is_about_one_content_alone(own: Path, folder: Path, tmp_path: Path) -> None:
    add(own, folder, quiet)
    other = gguf_files.copier(tmp_path / "other.gguf", context=1024, template=gguf_files.CHAT)
    assert other.stat().st_size != own.stat().st_size
    other.replace(folder / own.name)
    assert record.read(folder / own.name) is None


def test_a_record_of_what_was_overwritten_is_believed_by_nobody(own: Path, folder: Path) -> None:
    """Another content of the very same size, in the place of the first."""
    added, target = add(own, folder, quiet), folder / own.name
    assert record.certain(target) == added
    os.utime(target, ns=(1, 1))
    assert record.certain(target) is None
    assert added
    assert record.certain(target, added.sha256) == added
    assert record.certain(target, "0" * 64) is None


def test_a_lock_left_by_a_dead_command_holds_nobody_up(own: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / f".{own.name}.lock").write_text("")
    assert add(own, folder, quiet)


def test_room_is_asked_for_before_anything_is_copied(own: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 5, 5))  # type: ignore[attr-defined]
    error = refused(own, folder)
    assert error.reason == "disk"
    assert "0 MB are free" in error.detail
