"""Models come as wheels through the real pip, here from a folder in the place of an index, or from an address."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import TypeAdapter

from llm import catalog, header, install, record
from llm.alone import alone
from llm.catalog import Entry, Url, Wheel
from llm.checksum import sha256
from llm.download import pull
from llm.fetch import Patience
from llm.install import InstallError
from tests import gguf_files
from tests.shop import Shop

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
    adapted = gguf_files.copier(models / "adapted.gguf", pre="command-r").read_bytes()
    wheel = Wheel(
        project="chorus-test-model", version="1.0", file=WHEEL, size=(shop / WHEEL).stat().st_size,
        sha256=sha256(shop / WHEEL), member="pkg/model.gguf", member_size=len(member),
        member_sha256=hashlib.sha256(member).hexdigest(),
    )  # fmt: skip
    return replace(catalog.entry("smollm2-135m"), wheel=wheel, sha256=hashlib.sha256(adapted).hexdigest())


def changed(entry: Entry, **changes: Any) -> Entry:
    """The entry with another wheel."""
    assert entry.wheel
    return replace(entry, wheel=replace(entry.wheel, **changes))


def quiet(_what: str, _done: int, _of: int) -> None:
    """No progress bar."""


def left(folder: Path) -> list[str]:
    """What lies there, records aside."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".toml")


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


def test_what_a_killed_pull_has_left_is_taken_away(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / f".{entry.file_name}.new.d").mkdir()
    (tmp_path / f".{entry.file_name}.new.d" / WHEEL).write_bytes(b"half")
    pull(entry, tmp_path, quiet)
    assert left(tmp_path) == [entry.file_name]


def test_progress_tells_what_is_done(entry: Entry, tmp_path: Path) -> None:
    seen = set()
    pull(entry, tmp_path, lambda what, _done, _of: seen.add(what))
    assert seen == {"fetch", "check", "unpack"}


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"member_sha256": "0" * 64}])
def test_another_file_than_meant_is_refused(entry: Entry, tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InstallError) as refused:
        pull(changed(entry, **changes), tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("hash", [])


def test_a_wheel_without_the_file_is_refused(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(InstallError) as refused:
        pull(changed(entry, member="pkg/other.gguf"), tmp_path, quiet)
    assert refused.value.reason == "content"


def test_an_index_without_it_is_said_to_be_so(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(InstallError) as refused:
        pull(changed(entry, version="9.9"), tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("index", [])


def test_an_index_that_does_not_answer_is_not_named(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(InstallError) as refused:
        pull(entry, tmp_path, quiet)
    assert refused.value.reason == "index"
    assert not {"secret", "127.0.0.1", "user"} & set(refused.value.detail.replace(":", " ").split())


def test_a_full_disk_is_said_to_be_full(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(install, "adapt", full)
    with pytest.raises(InstallError, match="the disk is full") as refused:
        pull(entry, tmp_path, quiet)
    assert (refused.value.reason, left(tmp_path)) == ("disk", [])


def test_a_python_without_pip_is_said_to_have_none(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(InstallError) as refused:
        pull(entry, tmp_path / "models", quiet)
    assert refused.value.reason == "pip"


def test_pip_is_told_how_to_reach_its_index_and_no_secret_of_ours(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, bare = tmp_path / "seen", tmp_path / "python"
    bare.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} > {seen}\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    ours = ("CHORUS_SECRET_KEY", "CHORUS_PROXY", "INFERENCE_KEY")
    its = ("PIP_FIND_LINKS", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HOME", "PATH", "LC_ALL")
    for name in (*ours, *its[1:5], "LC_ALL"):
        monkeypatch.setenv(name, "given")
    with pytest.raises(InstallError):
        pull(entry, tmp_path / "models", quiet)
    arguments, *variables = seen.read_text().splitlines()
    names = {line.partition("=")[0] for line in variables}
    assert arguments.endswith(" -- chorus-test-model==1.0")
    assert names >= set(its)
    assert names.isdisjoint(ours)


PULL = """
import resource, sys
from pathlib import Path
from pydantic import TypeAdapter
from llm.catalog import Entry
from llm.download import pull
from llm.install import InstallError
limit, entry, folder = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    pull(TypeAdapter(Entry).validate_json(entry), Path(folder), lambda *_: None)
except InstallError as error:
    print(f"{error.reason}: {error.detail}", end="")
"""


@pytest.mark.parametrize("share", [0.5, 1.1], ids=["while fetching", "while unpacking"])
def test_a_disk_that_fills_up_under_a_pull_leaves_no_half_file(entry: Entry, tmp_path: Path, share: float) -> None:
    """The kernel refuses the bytes behind a limit, as it would on a full disk: packed the model has less than unpacked."""
    wheel = Path(os.environ["PIP_FIND_LINKS"]) / WHEEL
    assert entry.wheel
    assert wheel.stat().st_size * 1.1 < entry.wheel.member_size
    command = [
        sys.executable,
        "-c",
        PULL,
        str(int(wheel.stat().st_size * share)),
        TypeAdapter(Entry).dump_json(entry).decode(),
        str(tmp_path),
    ]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (said, left(tmp_path)) == ("disk: the disk is full", [])


# From an address


@pytest.fixture
def web() -> Iterator[Shop]:
    with Shop() as opened:
        yield opened


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


HURRY = Patience(connect=2, read=0.3, tries=2, first=0.01, longest=0.01)


def behind(web: Shop, path: Path, **fields: Any) -> Entry:
    """A catalogue's entry for this file, which stands on the shop's shelf."""
    content = path.read_bytes()
    url = Url(address=web.put(path.name, content), size=len(content), md5=hashlib.md5(content).hexdigest())  # noqa: S324
    facts = {"pre_tokenizer": "", "sha256": None, "template": "", "stop": [], **fields}
    return replace(catalog.entry("smollm2-135m"), name="model", wheel=None, url=url, **facts)


def fetched(entry: Entry, folder: Path, session: requests.Session, **more: Any) -> record.Record | None:
    return pull(entry, folder, quiet, session=session, patience=HURRY, **more)


def test_a_model_comes_from_its_address_with_both_hashes_and_a_record(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry = behind(web, copier_path)
    installed = fetched(entry, tmp_path, session)
    assert installed == record.read(tmp_path / "model.gguf")
    assert installed
    assert installed.sha256 == sha256(copier_path) == sha256(tmp_path / "model.gguf")
    assert installed.published == entry.source.hashes
    assert (installed.source, installed.licence) == (entry.source.origin, entry.licence)
    assert left(tmp_path) == ["model.gguf"]
    assert fetched(entry, tmp_path, session) is None
    assert len(web.asked) == 1


def test_a_model_with_a_newer_pre_tokenizer_is_adapted_and_found_again(
    web: Shop, session: requests.Session, models: Path, tmp_path: Path
) -> None:
    entry = behind(web, gguf_files.copier(models / "newer.gguf", pre="deepseek-r1-qwen"), pre_tokenizer="qwen2")
    installed = fetched(entry, tmp_path, session)
    assert installed
    assert header.read(tmp_path / "model.gguf").pre_tokenizer == "qwen2"
    assert (installed.adapted, installed.published) == ("deepseek-r1-qwen", entry.source.hashes)
    assert installed.sha256 == sha256(tmp_path / "model.gguf")
    assert fetched(entry, tmp_path, session) is None


def test_what_broke_off_is_gone_on_with_by_the_next_command(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry = behind(web, copier_path)
    web.shelves[f"/{copier_path.name}"].cuts = [1_000_000, 0, 0]
    with pytest.raises(InstallError):
        fetched(entry, tmp_path, session)
    assert [name for name in left(tmp_path) if name.endswith(".gguf")] == []
    assert fetched(entry, tmp_path, session)
    assert web.ranges()[-1] == "bytes=1000000-"
    assert left(tmp_path) == ["model.gguf"]


def test_whoever_stops_it_behind_the_last_byte_has_nothing_to_fetch_again(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    checked = 0

    def impatient(what: str, done: int, of: int) -> None:
        nonlocal checked
        checked += what == "check" and done == of
        if checked == 2:  # what came, and what is to be installed
            raise KeyboardInterrupt

    entry = behind(web, copier_path)
    with pytest.raises(KeyboardInterrupt):
        pull(entry, tmp_path, impatient, session=session)
    assert fetched(entry, tmp_path, session)
    assert len(web.asked) == 1
    assert left(tmp_path) == ["model.gguf"]


def test_a_disk_that_is_full_behind_the_last_byte_takes_nothing_away(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    entry = behind(web, copier_path)
    with monkeypatch.context() as patch:
        patch.setattr(record, "save", full)
        with pytest.raises(InstallError, match="the disk is full"):
            fetched(entry, tmp_path, session)
    assert fetched(entry, tmp_path, session)
    assert len(web.asked) == 1


def test_a_file_is_adapted_as_the_catalogue_says(
    web: Shop, session: requests.Session, models: Path, tmp_path: Path
) -> None:
    """The engine has heard of neither name, and its rules are those of the other."""
    newer = gguf_files.copier(models / "newest.gguf", pre="tekken")
    installed = fetched(behind(web, newer, pre_tokenizer="llama-bpe"), tmp_path, session)
    assert installed
    assert installed.adapted == "tekken"
    assert header.read(tmp_path / "model.gguf").pre_tokenizer == "llama-bpe"


def test_what_is_installed_is_what_the_catalogue_says_that_it_becomes(
    web: Shop, session: requests.Session, models: Path, tmp_path: Path
) -> None:
    entry = behind(web, gguf_files.copier(models / "newer.gguf", pre="falcon3"), pre_tokenizer="qwen2", sha256="0" * 64)
    with pytest.raises(InstallError) as refused:
        fetched(entry, tmp_path, session)
    assert (refused.value.reason, left(tmp_path)) == ("hash", [])


def test_a_file_that_was_put_there_by_hand_is_known_from_then_on(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry, target = behind(web, copier_path), tmp_path / "model.gguf"
    shutil.copy(copier_path, target)
    assert fetched(entry, tmp_path, session) is None
    known = record.certain(target)
    assert known
    assert (known.sha256, known.licence) == (sha256(copier_path), entry.licence)


def test_another_file_than_the_hash_means_is_thrown_away(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry = behind(web, copier_path)
    shelf = web.shelves[f"/{copier_path.name}"]
    shelf.content = bytes(len(shelf.content))
    with pytest.raises(InstallError) as refused:
        fetched(entry, tmp_path, session)
    assert (refused.value.reason, left(tmp_path)) == ("hash", [])


@pytest.mark.usefixtures("no_llamacpp")
def test_a_file_that_no_engine_loads_is_not_installed_though_its_hash_is_right(
    web: Shop, session: requests.Session, models: Path, copier_path: Path, tmp_path: Path
) -> None:
    newer = gguf_files.of_architecture(copier_path, models / "newer-kind.gguf", "qwen9")
    with pytest.raises(InstallError) as refused:
        fetched(behind(web, newer), tmp_path, session)
    assert (refused.value.reason, left(tmp_path)) == ("unsupported", [])


def test_another_model_of_the_name_stays_unless_it_is_to_be_replaced(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry, mine = behind(web, copier_path), tmp_path / "model.gguf"
    mine.write_bytes(b"GGUF: mine")
    with pytest.raises(InstallError) as refused:
        fetched(entry, tmp_path, session)
    assert (refused.value.reason, mine.read_bytes(), web.asked) == ("taken", b"GGUF: mine", [])
    assert fetched(entry, tmp_path, session, replacing=True)
    assert sha256(mine) == sha256(copier_path)


def test_a_disk_without_room_is_told_with_the_figures_before_anything_is_fetched(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry = behind(web, copier_path)
    assert entry.url
    with pytest.raises(InstallError, match=r"9,000,000,000 MB are needed .* MB are free") as refused:
        fetched(replace(entry, url=replace(entry.url, size=9 * 10**15)), tmp_path, session)
    assert (refused.value.reason, web.asked) == ("disk", [])


def test_two_commands_do_not_install_one_model_at_a_time(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path
) -> None:
    entry = behind(web, copier_path)
    with alone(tmp_path / ".model.gguf.lock"), pytest.raises(InstallError) as refused:
        fetched(entry, tmp_path, session)
    assert (refused.value.reason, web.asked) == ("busy", [])
    assert fetched(entry, tmp_path, session)


def test_a_disk_that_fills_up_keeps_what_has_come(
    web: Shop, session: requests.Session, copier_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, write, written = behind(web, copier_path), os.write, 0

    def filling(handle: int, piece: bytes) -> int:
        nonlocal written
        if written > 1_000_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        written += len(piece[:100_000])
        return write(handle, piece[:100_000])  # the kernel may take less than it is given

    with monkeypatch.context() as patch:
        patch.setattr("llm.partial.os.write", filling)
        with pytest.raises(InstallError) as refused:
            fetched(entry, tmp_path, session)
    assert (refused.value.reason, refused.value.detail) == ("disk", "the disk is full")
    assert fetched(entry, tmp_path, session)
    assert web.ranges()[-1].startswith("bytes=1")
