"""Models come as wheels through the real pip, here from a folder in the place of an index."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from llm import catalog, download, header
from llm.base import ModelMissing
from llm.catalog import Entry
from llm.checksum import sha256
from llm.download import DownloadError, pull
from tests import gguf_files

ROOT = Path(__file__).parents[3]
WHEEL = "chorus_test_model-1.0-py3-none-any.whl"
INFO = "chorus_test_model-1.0.dist-info"
INDEX = "https://user:secret@127.0.0.1:9/simple"  # nobody listens there


@pytest.fixture(scope="session")
def shop(models: Path) -> Path:
    """A folder with a wheel that carries a copier with a newer pre-tokenizer name."""
    folder = models / "shop"
    folder.mkdir()
    member = gguf_files.copier(models / "member.gguf", pre="smollm")
    with zipfile.ZipFile(folder / WHEEL, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(member, "pkg/model.gguf")
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: chorus-test-model\nVersion: 1.0\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return folder


@pytest.fixture
def entry(shop: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """What the catalogue would say of it; pip looks into the folder alone."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    member = (models / "member.gguf").read_bytes()
    adapted = member.replace(b"\x06\0\0\0\0\0\0\0smollm", b"\x09\0\0\0\0\0\0\0command-r")
    return replace(
        catalog.entry("smollm2-135m"), project="chorus-test-model", version="1.0", wheel=WHEEL,
        wheel_sha256=sha256(shop / WHEEL), member="pkg/model.gguf", member_size=len(member),
        member_sha256=hashlib.sha256(member).hexdigest(), sha256=hashlib.sha256(adapted).hexdigest(),
    )  # fmt: skip


def quiet(_what: str, _done: int, _of: int) -> None:
    """No progress bar."""


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_model_is_fetched_checked_and_adapted(entry: Entry, tmp_path: Path) -> None:
    assert pull(entry, tmp_path, quiet)
    assert left(tmp_path) == ["smollm2-135m.gguf"]
    assert header.read(tmp_path / "smollm2-135m.gguf").pre_tokenizer == "command-r"


def test_a_model_that_is_there_is_not_fetched_again(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / entry.file_name
    pull(entry, tmp_path, quiet)
    there = replace(entry, sha256=sha256(path))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "none"))
    assert not pull(there, tmp_path, quiet)


def test_the_wheel_can_be_kept_for_the_next_time(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pull(entry, tmp_path / "one", quiet, cache_dir=tmp_path / "cache")
    assert left(tmp_path / "cache") == [WHEEL]
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "none"))
    assert pull(entry, tmp_path / "two", quiet, cache_dir=tmp_path / "cache")


def test_progress_tells_what_is_done(entry: Entry, tmp_path: Path) -> None:
    seen = set()
    pull(entry, tmp_path, lambda what, _done, _of: seen.add(what))
    assert seen == {"fetch", "check", "unpack"}


@pytest.mark.parametrize("changes", [{"wheel_sha256": "0" * 64}, {"member_sha256": "0" * 64}])
def test_another_file_than_meant_is_refused(entry: Entry, tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(DownloadError) as refused:
        pull(replace(entry, **changes), tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("hash", [])


def test_a_wheel_without_the_file_is_refused(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as refused:
        pull(replace(entry, member="pkg/other.gguf"), tmp_path, quiet)
    assert refused.value.reason == "content"


def test_an_index_without_it_is_said_to_be_so(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(DownloadError) as refused:
        pull(replace(entry, version="9.9"), tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("index", [])


def test_an_index_that_does_not_answer_is_not_named(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(DownloadError) as refused:
        pull(entry, tmp_path, quiet)
    assert refused.value.reason == "index"
    assert not {"secret", "127.0.0.1", "user"} & set(refused.value.detail.replace(":", " ").split())


def test_a_full_disk_is_said_to_be_full(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "adapt", full)
    with pytest.raises(DownloadError, match="the disk is full") as refused:
        pull(entry, tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("disk", [])


def test_a_python_without_pip_is_said_to_have_none(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(DownloadError) as refused:
        pull(entry, tmp_path / "models", quiet)
    assert refused.value.reason == "pip"


def test_every_entry_of_the_catalogue_is_whole() -> None:
    for name, entry in catalog.entries().items():
        assert entry.file_name == f"{name}.gguf"
        assert all(len(digest) == 64 for digest in (entry.wheel_sha256, entry.member_sha256, entry.sha256))


def test_an_unknown_entry_comes_with_those_there_are() -> None:
    with pytest.raises(ModelMissing) as missing:
        catalog.entry("gpt-9")
    assert "smollm2-135m" in missing.value.near


PULL = """
import json, resource, sys
from pathlib import Path
from llm.catalog import Entry
from llm.download import DownloadError, pull
limit, entry, folder = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    pull(Entry(**json.loads(entry)), Path(folder), lambda *_: None)
except DownloadError as error:
    print(f"{error.reason}: {error.detail}", end="")
"""


@pytest.mark.parametrize("share", [0.5, 1.1], ids=["while fetching", "while unpacking"])
def test_a_disk_that_fills_up_under_a_pull_leaves_no_half_file(entry: Entry, tmp_path: Path, share: float) -> None:
    """The kernel refuses the bytes behind a limit, as it would on a full disk: packed the model has less than unpacked."""
    wheel = Path(os.environ["PIP_FIND_LINKS"]) / WHEEL
    assert wheel.stat().st_size * 1.1 < entry.member_size
    command = [
        sys.executable,
        "-c",
        PULL,
        str(int(wheel.stat().st_size * share)),
        json.dumps(asdict(entry)),
        str(tmp_path),
    ]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (said, left(tmp_path)) == ("disk: the disk is full", [])
