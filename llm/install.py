"""Puts a model's file into the models folder: whole, loadable, under a name that is free, with a record of what it is.

What `models pull` has fetched and what `models add` is shown go the same way. A file appears by a rename, so that no
listing ever meets half of one; until then its name begins with a dot, which listings leave out.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from llm import checksum, endpoints, header, partial, record, supported
from llm.adapt import adapt
from llm.alone import Busy, alone
from llm.base import LONGEST_DETAIL, ModelError, ModelUnsupported
from llm.catalog import Entry
from llm.describe import BUILT_IN, files, friendly, unloadable
from llm.foreign import one_line
from llm.header import Header
from llm.record import Record

STEP = 8 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the disk, the quota, the process's own limit
# Where copying inside of the kernel is not possible: across file systems, or on old ones.
UNABLE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM)

Reason = Literal[
    "index", "pip", "network", "certificate", "redirect", "missing", "forbidden", "page", "size", "hash", "disk", "content",
    "unsupported", "file", "taken", "alike", "busy",
]  # fmt: skip
Progress = Callable[[str, int, int], None]


class InstallError(Exception):
    """A model could not be installed. `detail` says what is wrong, in a phrase; `reason` is for who says what to do next.

    Fetching: `index` (it does not answer, or does not have it), `pip` (there is none), `network` (no answer, time and
    again), `certificate`, `redirect` (to where nothing is fetched from), `missing` (not there any more), `forbidden`, `page`
    (a web page in its place), `size` and `hash` (another file than the catalogue means). Then `disk` (full, or not
    writable), `content` (damaged), `unsupported` (no engine here loads it), `file` (none to be read), `taken` (another model
    has the name), `alike` (another is typed alike) and `busy` (somebody installs one of that name).
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, one_line(detail, LONGEST_DETAIL)
        super().__init__(self.detail)


@dataclass(frozen=True)
class Expected:
    """What a catalogue says of the installed file: the pre-tokenizer's name that it is to have, and its SHA-256; or nothing."""

    pre_tokenizer: str = ""
    sha256: str = ""


def hash_there(entry: Entry, models_dir: Path, progress: Progress) -> str:
    """The SHA-256 of the model in `models_dir`, where it is what the catalogue means; else empty."""
    target = models_dir / entry.file_name
    if not target.is_file():
        return ""
    published = entry.source.hashes
    found = checksum.hashes(target, {"sha256", *published}, _named(progress, "check"))
    known = record.read(target)
    recorded = known is not None and (known.sha256, known.published) == (found["sha256"], published)
    as_published = not entry.pre_tokenizer and all(found[name] == value for name, value in published.items())
    return found["sha256"] if found["sha256"] == entry.sha256 or recorded or as_published else ""


def add(source: Path, models_dir: Path, progress: Progress, *, replacing: bool = False) -> Record | None:
    """Import a file under its own name; None where the very same is there already. Raises InstallError."""
    target = added_path(source, models_dir)
    with installing(target):
        _require_file(source)
        head = checked(source)
        sha256, size = checksum.sha256(source, _named(progress, "check")), source.stat().st_size
        same = target.is_file() and checksum.sha256(target) == sha256
        if _came_of(target, sha256) or (same and not needs_adapting(head)):
            return None
        require_free(target, replacing=replacing or same)
        require_room(models_dir, size)
        facts = Record(sha256, size, source.name, {"sha256": sha256}, title=head.title, licence=head.licence)
        return put(source, target, facts, progress)


def added_path(source: Path, models_dir: Path) -> Path:
    """Where an imported file comes to stand."""
    return models_dir / f"{source.stem.lstrip('.') or 'model'}.gguf"


def put(
    source: Path, target: Path, facts: Record, progress: Progress, expected: Expected = Expected(), *, moving: bool = False,
) -> Record:  # fmt: skip
    """Install `source` at `target`, adapted where the engine needs it, with `facts` and the hash of what came of it.

    `moving`: the source goes there, in its last step, so that whatever happens before loses nothing. The caller is
    `installing`. Raises InstallError and OSError.
    """
    head = checked(source, expected.pre_tokenizer)
    fresh = target.with_name(f".{target.name}.new")
    try:
        adapts = needs_adapting(head, expected.pre_tokenizer)
        adapted = adapt(source, fresh, expected.pre_tokenizer) if adapts else ""
        ready = source if moving and not adapts else fresh
        if not moving and not adapts:
            _copy(source, fresh, progress)
        done = _settled(ready, facts, adapted, progress)
        if expected.sha256 not in ("", done.sha256):
            raise InstallError("hash", f"what came of it is another {target.name} than the catalogue means")
        record.save(target, done)
        ready.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return done


def remove(path: Path) -> None:
    """Delete a model's file, its record, and what was left of fetching it. Raises InstallError and OSError."""
    with _alone_with(path):
        path.unlink()
        unfinished = partial.path_of(path)
        for rest in (record.path_of(path), unfinished, partial.note_of(unfinished)):
            rest.unlink(missing_ok=True)


def checked(path: Path, pre_tokenizer: str = "") -> Header:
    """Its header, where it is a whole GGUF file that an engine here loads, as it is or adapted. Raises InstallError."""
    try:
        head = header.read(path)
    except ModelUnsupported as error:
        raise InstallError("unsupported", error.detail) from error
    except ModelError as error:
        raise InstallError("content", error.detail) from error
    if not needs_adapting(head, pre_tokenizer):
        _require_engine(head)
    return head


def _require_engine(head: Header) -> None:
    try:
        supported.check(head)
    except ModelUnsupported as error:
        if "llamacpp" in unloadable(head):
            raise InstallError("unsupported", error.detail) from error


def needs_adapting(head: Header, pre_tokenizer: str = "") -> bool:
    """Whether the engine knows the file's pre-tokenizer by an older name alone: by the one that is given, or by any."""
    other = bool(pre_tokenizer) and head.pre_tokenizer not in ("", pre_tokenizer)
    return head.tokenizer == "gpt2" and (other or head.pre_tokenizer in supported.KNOWN_AS)


def require_free(target: Path, *, replacing: bool) -> None:
    """No other model has the name, or one that people type alike. Raises InstallError."""
    if target.exists() and not replacing:
        raise InstallError("taken", f"another model is called {target.name}")
    name = friendly(target.stem)
    others = {friendly(path.stem): path.name for path in files(target.parent) if path != target}
    others |= dict.fromkeys(endpoints.names(target.parent), "an endpoint in models.toml")
    others[BUILT_IN] = "the built-in model"
    if name in others:
        raise InstallError("alike", f"{name} is what people type for {others[name]}")


def require_room(folder: Path, size: int) -> None:
    """The folder's disk has room for so many bytes. Raises InstallError."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise InstallError(
            "disk", f"{size / 1e6:,.0f} MB are needed where the models are, and {free / 1e6:,.0f} MB are free"
        )


@contextmanager
def installing(target: Path) -> Iterator[None]:
    """Nobody else installs at `target` meanwhile, and what the disk refuses is an InstallError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_with(target):
            yield
    except OSError as error:
        full = error.errno in FULL
        raise InstallError(
            "disk", "the disk is full" if full else f"{error.strerror} in {target.parent.name}"
        ) from error


@contextmanager
def workshop(target: Path) -> Iterator[Path]:
    """A folder for what is made of `target` before it is one file. The caller is `installing`, and sweeps up after whoever was
    killed in it."""
    folder = target.with_name(f".{target.name}.new.d")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _alone_with(target: Path) -> Iterator[None]:
    try:
        with alone(target.with_name(f".{target.name}.lock")):
            _sweep(target)
            yield
    except Busy:
        raise InstallError("busy", f"another command installs {target.name} at this moment") from None


def _sweep(target: Path) -> None:
    """Take away what a killed command has left of what it was making. Names that are nearly these are somebody's own."""
    for path in target.parent.iterdir():
        kind = path.lstat().st_mode
        if path.name == f".{target.name}.new.d" and stat.S_ISDIR(kind):
            shutil.rmtree(path)
        elif (path.name == f".{target.name}.new" or path.name.startswith(f"..{target.name}.new.")) and stat.S_ISREG(
            kind
        ):
            path.unlink()


def _require_file(path: Path) -> None:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise InstallError("file", f"the file {path.name} cannot be read: {error.strerror}") from None
    if not regular:
        raise InstallError("file", f"the path {path.name} is no file")


def _came_of(target: Path, sha256: str) -> bool:
    """Whether what is at `target` was installed from a file of that hash, and is what it was then."""
    known = record.read(target)
    return known is not None and known.published.get("sha256") == sha256 and checksum.sha256(target) == known.sha256


def _settled(path: Path, facts: Record, adapted: str, progress: Progress) -> Record:
    """The file made durable, and the facts about it as it is now."""
    path.chmod(0o644)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sha256 = checksum.sha256(path, _named(progress, "check"))
    found = path.stat()
    return replace(facts, sha256=sha256, size=found.st_size, mtime_ns=found.st_mtime_ns, adapted=adapted)


def _copy(source: Path, target: Path, progress: Progress) -> None:
    """A copy, never a hard link: who changes the original would change, or kill, a loaded model.

    The kernel copies, and shares the blocks where the file system can (Btrfs, XFS).
    """
    size = source.stat().st_size
    with source.open("rb") as file, target.open("wb") as out:
        while _moved(file.fileno(), out.fileno()):
            progress("copy", os.lseek(out.fileno(), 0, os.SEEK_CUR), size)


def _moved(source: int, target: int) -> int:
    try:
        return os.copy_file_range(source, target, STEP)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
    piece = os.read(source, STEP)
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(target, rest) :]
    return len(piece)


def _named(progress: Progress, what: str) -> Callable[[int, int], None]:
    return lambda done, of: progress(what, done, of)
