"""Which file this is: its SHA-256, remembered with what changes when somebody replaces it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

STEP = 4 << 20


@dataclass(frozen=True)
class Identity:
    """A file's content and where it was seen. The hash costs a second a gigabyte, so it is taken once."""

    sha256: str
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def known(cls, fields: Mapping[str, Any] | None) -> Identity | None:
        """From what fields() gave, perhaps of another version of Chorus; None where something is missing."""
        names = [each.name for each in dataclasses.fields(cls)]
        return cls(**{name: fields[name] for name in names}) if fields and fields.keys() >= set(names) else None

    def fields(self) -> dict[str, Any]:
        """As plain values, for known()."""
        return asdict(self)

    def still(self, stat: os.stat_result) -> bool:
        """Whether the file is the one that was hashed."""
        return (self.inode, self.size, self.mtime_ns) == (stat.st_ino, stat.st_size, stat.st_mtime_ns)


def identify(path: Path, known: Identity | None, progress: Callable[[int, int], object]) -> Identity:
    """The file's identity; hashed only where `known` is not it any more. `progress(done, of)` in bytes."""
    stat = path.stat()
    if known and known.still(stat):
        return known
    return Identity(sha256(path, progress), stat.st_ino, stat.st_size, stat.st_mtime_ns)


def sha256(path: Path, progress: Callable[[int, int], object] = lambda _done, _of: None) -> str:
    """The file's SHA-256 in hexadecimal."""
    return hashes(path, ("sha256",), progress)["sha256"]


def hashes(
    path: Path, names: Iterable[str], progress: Callable[[int, int], object] = lambda _done, _of: None
) -> dict[str, str]:
    """The file's hashes in hexadecimal, by algorithm, in one reading."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    done, of = 0, path.stat().st_size
    with path.open("rb") as file:
        while piece := file.read(STEP):
            for digest in digests.values():
                digest.update(piece)
            done += len(piece)
            progress(done, of)
    return {name: digest.hexdigest() for name, digest in digests.items()}
