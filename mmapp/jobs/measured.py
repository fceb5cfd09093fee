"""What a model was measured to do on one machine, with one version of its file: kept, so that it is measured once.

A record's own figures are what all machines have learnt from answers; these are of this machine alone, and stand in
`ModelRecord.measures` by host.
"""

from __future__ import annotations

import socket
from dataclasses import asdict, dataclass, replace

from sqlalchemy import select

from llm.base import Speed
from mmapp.db import Database
from mmapp.models import ModelRecord

RECENT = 0.2  # weight of the newest answer in what is expected of the next


@dataclass(frozen=True)
class Figures:
    """Seconds, tokens a second, tokens, and bytes (0: not measured), of the file that `version` tells (ModelInfo)."""

    version: str
    load_seconds: float
    prefill: float
    decode: float
    n_ctx: int
    memory: int = 0


def of(record: ModelRecord, version: str = "") -> Figures | None:
    """This machine's, of that version of the file where one is given; None where it was not measured."""
    fields = (record.measures or {}).get(socket.gethostname())  # none before a new record is saved
    found = Figures(**fields) if fields else None
    return found if found and version in ("", found.version) else None


def learn(record: ModelRecord, *, prefill: float = 0.0, decode: float = 0.0) -> None:
    """Take what an answer has shown into the record's figures, and into this machine's own; 0 for what it did not show."""
    found = of(record)
    if prefill:
        record.prefill = learnt(record.prefill, prefill)
        found = found and replace(found, prefill=learnt(found.prefill, prefill))
    if decode:
        record.decode = learnt(record.decode, decode)
        found = found and replace(found, decode=learnt(found.decode, decode))
    if found:
        _set(record, found)


def learnt(known: float, new: float) -> float:
    """What is expected of the next, by all so far and the newest."""
    return new if not known else known + RECENT * (new - known)


def recall(record: ModelRecord, version: str) -> None:
    """The record's figures where it has none; and none where a file was measured here that is not there any more."""
    found = of(record)
    if found is None:
        return
    if found.version != version:
        record.load_seconds = record.prefill = record.decode = 0.0
        _set(record, None)
    elif not record.prefill:
        record.load_seconds, record.prefill, record.decode = found.load_seconds, found.prefill, found.decode


def prefill(record: ModelRecord, version: str) -> float:
    """Tokens a second that it reads here; 0 where this machine has not measured it. Figures of unknown origin count."""
    if found := of(record, version):
        return found.prefill
    return 0.0 if record.measures else record.prefill


def here(database: Database) -> dict[str, Figures]:
    """This machine's figures by model."""
    with database.read() as session:
        found = {record.name: of(record) for record in session.scalars(select(ModelRecord))}
    return {name: figures for name, figures in found.items() if figures}


def keep(database: Database, name: str, version: str, speed: Speed) -> bool:
    """Keep what was measured by hand; False where no worker has listed the model yet."""
    with database.write() as session:
        record = session.get(ModelRecord, name)
        if record is None:
            return False
        take(record, version, speed)
        return True


def take(record: ModelRecord, version: str, speed: Speed) -> None:
    """Keep what was measured here, and let the estimates use it."""
    record.load_seconds, record.n_ctx = speed.load_seconds, speed.n_ctx
    record.prefill, record.decode = speed.prefill, speed.decode
    _set(record, Figures(version, **asdict(speed)))


def _set(record: ModelRecord, figures: Figures | None) -> None:
    """Always a new object: SQLAlchemy sees no change inside of the old one."""
    others = {host: one for host, one in (record.measures or {}).items() if host != socket.gethostname()}
    record.measures = {**others, **({socket.gethostname(): asdict(figures)} if figures else {})}
