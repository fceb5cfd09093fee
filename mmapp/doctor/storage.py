"""The database: there, at this version's revision, readable with our keys, on a disk that keeps its promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, select

from mmapp import migrate, services
from mmapp.db import clock
from mmapp.doctor.base import Case, Finding, fault, ok, warning
from mmapp.errors import ConfigError, WrongKey, WrongRevision
from mmapp.models import Message
from mmapp.texts import doctor as texts

MOUNTS = Path("/proc/self/mounts")
OVER_THE_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "fuse.sshfs", "virtiofs")
MOST_APART = 30.0
"""Seconds that two clocks may differ without a word: people notice more, and so do certificates and logs."""


def reachable(case: Case) -> Iterator[Finding]:
    """Opened once. A SQLite file that is missing is not made: that is `release`'s to do."""
    url = make_url(case.settings.database)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file and not Path(file).exists():
        yield fault(texts.no_database_yet(file))
        return
    try:
        case.database = services.open_database(case.settings)
    except ConfigError as error:
        yield fault(texts.database_down(error.sentence))
        return
    yield ok(texts.database(services.shown(url)))
    if file and (kind := over_the_network(Path(file), MOUNTS.read_text())):
        yield warning(texts.sqlite_on_network(file, kind))


def over_the_network(file: Path, mounts: str) -> str:
    """The kind of network file system that a file is on, empty for a local one. SQLite's locks are worth nothing there."""
    mounted = [line.split()[1:3] for line in mounts.splitlines() if len(line.split()) > 2]
    known = {Path(point.replace("\\040", " ")): kind for point, kind in mounted}
    kind = next((known[path] for path in file.resolve().parents if path in known), "")
    return kind if kind.startswith(OVER_THE_NETWORK) else ""


def revision(case: Case) -> Iterator[Finding]:
    """At this version's migration."""
    try:
        migrate.require_current(case.database)
    except WrongRevision as error:
        yield fault(texts.said(error.sentence))
    else:
        yield ok(texts.revision())


def keys(case: Case) -> Iterator[Finding]:
    """What was written first and last can be read with CHORUS_ENCRYPTION_KEYS."""
    try:
        with case.database.read() as session:
            found = [
                session.scalar(select(Message.text).order_by(order).limit(1))
                for order in (Message.created_at, Message.created_at.desc())
            ]
    except WrongKey as error:
        yield fault(texts.said(error.sentence))
    else:
        yield ok(texts.keys() if any(each is not None for each in found) else texts.nothing_written())


def clocks(case: Case) -> Iterator[Finding]:
    """The database's clock, by which leases run, and this machine's."""
    with case.database.read() as session:
        apart = (clock(session) - datetime.now(UTC)).total_seconds()
    if abs(apart) > MOST_APART:
        yield warning(texts.database_clock(apart))
    else:
        yield ok(texts.database_clock_right())
