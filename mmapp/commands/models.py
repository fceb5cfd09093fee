"""The models that workers have listed, as people read them and pick from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.choice import Chosen, Settled, Spot
from mmapp.commands import entry
from mmapp.config import Settings
from mmapp.db import clock
from mmapp.jobs import waiting
from mmapp.models import ModelRecord
from mmapp.texts import models as texts

MOST_CHOICES = 100  # 500 options open as well; nobody reads them
MOST_LINES = 40  # an ephemeral holds 16,383 characters, and a line has up to 200
QUOTING = "extractive"


def is_like_one(session: Session, word: str) -> bool:
    """Whether a word is a model's name, or nearly."""
    names = list(session.scalars(select(ModelRecord.name)))
    return word in names or bool(entry.near(word, names))


@dataclass(frozen=True)
class Models:
    """All models, what holds at a spot, and which of them are loaded and waited for; `quoting`: whether there is something to
    quote there."""

    records: dict[str, ModelRecord]
    here: Settled
    warm: frozenset[str]
    waiting: Counter[str]
    now: datetime
    default: str
    quoting: bool

    @classmethod
    def at(cls, session: Session, settings: Settings, spot: Spot, *, quoting: bool = False) -> Models:
        now = clock(session)
        quotes = ModelRecord.engine == QUOTING
        found = session.scalars(select(ModelRecord).order_by(quotes, ModelRecord.is_default.desc(), ModelRecord.name))
        return cls(
            {record.name: record for record in found},
            choice.settled(session, spot),
            frozenset(name for loaded in waiting.warm_models(session, now) for name in loaded),
            Counter(request.model for request in waiting.open_requests(session, now)),
            now,
            settings.default_model,
            quoting,
        )

    @cached_property
    def chosen(self) -> Chosen | None:
        """The one that answers here when nothing else is said."""
        return choice.choose(self.here, self.records, self.now, default=self.default, quoting=self.quoting)

    def usable(self) -> Iterable[ModelRecord]:
        """Those that may answer here and can."""
        may = (record for record in self.records.values() if self.here.rules.allow(record.name))
        return (record for record in may if choice.is_usable(record, self.now))

    def options(self, saved: str = "") -> list[tuple[str, str]]:
        """For a select: names of those that can answer here, and how people know them. In front of them what is `saved`, also
        where it cannot: who changes something else would lose it."""
        shown = {record.name: self._option(record) for record in self.usable()}
        first = {saved: shown.get(saved) or self._away(saved)} if saved else {}
        return list((first | shown).items())[:MOST_CHOICES]

    def list(self, part: str = "") -> str:
        """One a line, the one that answers here first; those with this part in their names."""
        found = [
            record for record in self.records.values() if part.casefold() in f"{record.name} {record.title}".casefold()
        ]
        if not found:
            return texts.none_named(part) if part else texts.none_listed()
        found.sort(key=lambda record: not self._answers(record))
        lines = [self._line(record) for record in found[:MOST_LINES]]
        return texts.listed(lines, len(found) - len(lines))

    def _answers(self, record: ModelRecord) -> bool:
        return self.chosen is not None and self.chosen.record is record

    def info(self, record: ModelRecord) -> str:
        """All that is known of one."""
        values = {
            "good_for": record.good_for,
            "state": self._state(record),
            "fault": texts.plainly(self._fault(record)),
            "size": texts.size(record.size),
            "architecture": record.architecture,
            "quantisation": record.quantisation,
            "window": texts.window(record.n_ctx),
            "licence": record.licence,
            "memory": texts.about_memory(record.memory),
            "speed": ""
            if record.engine == QUOTING
            else texts.measured(record.prefill, record.decode, record.load_seconds),
            "queue": texts.queued(self.waiting[record.name]),
            "engine": ", ".join(filter(None, (record.engine, texts.works_at_a_time(record.concurrency)))),
            "sha256": (record.checksum or {}).get("sha256", ""),
        }
        return texts.info(record.name, record.title, [(name, values[key]) for key, name in texts.info_names().items()])

    def _option(self, record: ModelRecord) -> str:
        pace = "" if record.engine == QUOTING else texts.pace(record.decode)
        return texts.option(record.title, pace, self._state(record))

    def _line(self, record: ModelRecord) -> str:
        quotes = record.engine == QUOTING
        facts = [
            record.title,
            texts.size(record.size),
            record.quantisation,
            "" if quotes else texts.window(record.n_ctx),
            record.licence,
            "" if quotes else texts.speed(record.decode),
            texts.queued(self.waiting[record.name]),
            self._state(record),
        ]
        return texts.line(record.name, facts, in_force=self._answers(record), fault=self._fault(record))

    def _fault(self, record: ModelRecord) -> str:
        return "" if choice.is_usable(record, self.now) else record.fault

    def _away(self, name: str) -> str:
        """One that is chosen and cannot answer here."""
        record = self.records.get(name)
        return texts.option(record.title if record else name, "", texts.not_now())

    def _state(self, record: ModelRecord) -> str:
        if not self.here.rules.allow(record.name):
            return texts.not_here()
        if self._fault(record):
            return ""
        quotes = record.engine == QUOTING
        return texts.state(warm=record.name in self.warm, quotes=quotes, load_seconds=record.load_seconds)
