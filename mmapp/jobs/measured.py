"""What a model was measured to do on one machine, with one version of its file: kept, so that it is measured once.

A record's own figures are what all machines have learnt from answers; these are of this machine alone, and stand in
`ModelRecord.measures` by host.
"""

from __future__ import annotations

import dataclasses
import socket
from dataclasses import MISSING, asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from llm.base import Speed
from mmapp.db import Database
from mmapp.models import ModelAway, ModelRecord

RECENT = 0.2  # weight of the newest answer in what is expected of the next
REMEMBERED = timedelta(days=30)  # of a model that nobody has any more, and of a machine that has it no more
KEPT = ("load_seconds", "prefill", "decode", "answer_tokens", "leaf_tokens", "checksum", "measures")


@dataclass(frozen=True)
class Figures:
    """Seconds, tokens a second, tokens, and bytes (0: not measured), of the file that `version` tells (ModelInfo); `seen`: the
    day on which the machine had it last, in ISO 8601."""

    version: str
    load_seconds: float
    prefill: float
    decode: float
    n_ctx: int
    memory: int = 0
    seen: str = ""


def of(record: ModelRecord, version: str = "") -> Figures | None:
    """This machine's, of that version of the file where one is given; None where it was not measured."""
    fields = (record.measures or {}).get(socket.gethostname())  # none before a new record is saved
    found = _read(fields) if fields else None
    return found if found and version in ("", found.version) else None


def _read(fields: dict[str, Any]) -> Figures | None:
    """What another version of Chorus has kept, as far as it is known here; None where it has kept less."""
    if any(each.default is MISSING and each.name not in fields for each in dataclasses.fields(Figures)):
        return None
    known = {each.name for each in dataclasses.fields(Figures)}
    return Figures(**{name: value for name, value in fields.items() if name in known})


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


def recall(record: ModelRecord, version: str, now: datetime) -> None:
    """The record's figures where it has none; and none where a file was measured here that is not there any more."""
    _prune(record, now)
    found = of(record)
    if found is None:
        return
    if found.version != version:
        record.load_seconds = record.prefill = record.decode = 0.0
        _set(record, None)
    elif not record.prefill:
        record.load_seconds, record.prefill, record.decode = found.load_seconds, found.prefill, found.decode


def put_away(session: Session, record: ModelRecord, now: datetime) -> None:
    """Delete the record of a model that no worker has any more, but keep what took measuring: its machine may only be starting
    anew."""
    session.merge(ModelAway(name=record.name, kept={name: getattr(record, name) for name in KEPT}, gone_at=now))
    session.delete(record)


def taken_up(session: Session, name: str) -> ModelRecord:
    """A record for a model that has none, with what is still known of it; another version of Chorus may have kept more."""
    away = session.get(ModelAway, name)
    if away is None:
        return ModelRecord(name=name)
    session.delete(away)
    return ModelRecord(name=name, **{column: away.kept[column] for column in KEPT if column in away.kept})


def forget_away(session: Session, now: datetime) -> None:
    """What nobody has had for a month is forgotten."""
    session.execute(delete(ModelAway).where(ModelAway.gone_at < now - REMEMBERED))


def _prune(record: ModelRecord, now: datetime) -> None:
    """Machines that have not had it for a month are forgotten: containers have another name at each start."""
    today, last = now.date().isoformat(), (now - REMEMBERED).date().isoformat()
    here, kept = socket.gethostname(), {}
    for host, figures in (record.measures or {}).items():
        seen = today if host == here else figures.get("seen") or today
        if seen >= last:
            kept[host] = {**figures, "seen": seen}
    if kept != (record.measures or {}):
        record.measures = kept


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
