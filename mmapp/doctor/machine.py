"""This machine: can it run models, is `.env` its owner's alone, are the settings right, is there room on the disks?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from llm import machine
from llm.base import EngineMissing
from mmapp import config, services
from mmapp.doctor.base import Case, Finding, fault, ok, warning
from mmapp.errors import ConfigError
from mmapp.texts import doctor as texts

PYTHONS = ((3, 11), (3, 13))
GB = 10**9
LITTLE, LITTLE_SHARE = GB, 0.05
NOTHING = GB // 10
"""Bytes: below this, a database's next commit may fail."""


def engine(_case: Case) -> Iterator[Finding]:
    """Python, processor and C library, as the engine needs them. Nothing is loaded for that."""
    version = sys.version_info[:2]
    if not PYTHONS[0] <= version <= PYTHONS[1]:
        yield fault(texts.python(version, PYTHONS))
    try:
        machine.check_engine()
    except EngineMissing as error:
        yield warning(texts.no_engine(str(error)))
    else:
        yield ok(texts.engine(machine.memory_left() // 10**6))


def secrecy(_case: Case) -> Iterator[Finding]:
    """`.env` holds every secret: nobody but its owner may read it."""
    path = config.env_file()
    if path is None:
        if config.in_environment():
            yield ok(texts.no_env())
    elif config.exposed():
        yield fault(texts.env_readable(path, path.stat().st_mode & 0o777))
    else:
        yield ok(texts.env_closed(path))


def settings(case: Case) -> Iterator[Finding]:
    """All settings, with one list of everything that is wrong."""
    try:
        services.require_set_up()
    except ConfigError as error:
        yield fault(texts.said(error.sentence))
        return
    try:
        case.settings = config.load()
    except ConfigError as error:
        yield fault(texts.settings_wrong(error.sentence))
    else:
        yield ok(texts.settings_right())


def disks(case: Case) -> Iterator[Finding]:
    """Room where Chorus writes: each file system once."""
    seen = set()
    for place in _places(case):
        existing = next(path for path in (place, *place.parents) if path.exists())
        device = existing.stat().st_dev
        if device not in seen:
            seen.add(device)
            usage = shutil.disk_usage(existing)
            yield judge(existing, usage.free, usage.total)


def judge(place: Path, free: int, total: int) -> Finding:
    """What is to be said of so many free bytes out of so many."""
    if free < NOTHING:
        return fault(texts.disk_full(place, free))
    if free < LITTLE or free < LITTLE_SHARE * total:
        return warning(texts.disk_nearly_full(place, free, total))
    return ok(texts.disk(place, free))


def _places(case: Case) -> list[Path]:
    url = make_url(case.settings.database)
    sqlite = [Path(url.database).parent] if url.get_backend_name() == "sqlite" and url.database else []
    return [path.resolve() for path in (case.settings.var_dir, *sqlite, case.settings.models_dir)]
