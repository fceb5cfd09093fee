"""Which model answers, and how: as it was said this once, else as a conversation, a person, a channel, a team or everybody
has it. And which models may answer at all. The database alone; what Mattermost knows of rights, others have asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.models import ModelRecord, ModelSettings

EVERYONE = "everyone"  # the owner of what holds in the whole installation
ONCE, CONVERSATION, PERSON, CHANNEL, TEAM = "once", "conversation", "person", "channel", "team"
DEFAULT, OTHER = "default", "other"
RULED = (CHANNEL, TEAM, EVERYONE)  # whose settings say which models may answer

# Of each, what leaves it to the next.
_NOTHING: dict[str, Any] = {
    "model": "", "instructions": "", "temperature": None, "length": "", "language": "", "allowed": [], "blocked": [],
}  # fmt: skip
_COLUMNS = ModelSettings.metadata.tables["model_settings"].c
# Built once, and without what is encrypted: every acknowledgement asks it.
_OWNERS = (CONVERSATION, PERSON, CHANNEL, TEAM, EVERYONE)
_NAMES = select(_COLUMNS.owner_id, _COLUMNS.model, _COLUMNS.allowed, _COLUMNS.blocked).where(
    _COLUMNS.owner_id.in_([bindparam(each) for each in _OWNERS])
)
_RULES = select(_COLUMNS.allowed, _COLUMNS.blocked)


@dataclass(frozen=True)
class Spot:
    """Where somebody asks. `conversation` is its key, empty where none has begun."""

    person_id: str
    channel_id: str
    team_id: str = ""
    conversation: str = ""

    def owners(self) -> dict[str, str]:
        """Whose settings count here, the nearest first, by what they are."""
        found = {
            CONVERSATION: self.conversation,
            PERSON: self.person_id,
            CHANNEL: self.channel_id,
            TEAM: self.team_id,
            EVERYONE: EVERYONE,
        }
        return {what: owner_id for what, owner_id in found.items() if owner_id}


def thread_key(channel_id: str, root_id: str) -> str:
    """The conversation of a thread; empty outside threads."""
    return f"{channel_id}:{root_id}" if root_id else ""


def direct_key(person_id: str, bot: str) -> str:
    """The conversation in a person's direct message with a bot, outside threads."""
    return f"{person_id}:{bot}"


@dataclass(frozen=True)
class Rules:
    """Which models may answer: what each of `allowed` holds, and none of `blocked`."""

    allowed: tuple[frozenset[str], ...] = ()
    blocked: frozenset[str] = frozenset()

    def allow(self, name: str) -> bool:
        return name not in self.blocked and all(name in names for names in self.allowed)


@dataclass(frozen=True)
class Settled:
    """What holds at a spot: the names of models by what wants them, the nearest first, and which may answer."""

    wanted: Mapping[str, str]
    rules: Rules


@dataclass(frozen=True)
class Chosen:
    """The model that answers, why that one, and the one that it stands in for: one that is gone, broken, or not allowed any
    more."""

    record: ModelRecord
    origin: str
    instead_of: str = ""


def settled(session: Session, spot: Spot, read: Collection[str] = ()) -> Settled:
    """`read` are channels, and teams, from elsewhere that an answer reads: their rules count as well, or asking from elsewhere
    would get round them."""
    owners = spot.owners()
    rows = {row.owner_id: row for row in session.execute(_NAMES, dict.fromkeys(_OWNERS, "") | owners)}
    found = {what: rows[owner_id] for what, owner_id in owners.items() if owner_id in rows}
    ruled = [found[what] for what in RULED if what in found]
    ruled += session.execute(_RULES.where(_COLUMNS.owner_id.in_(read))) if read else ()
    return Settled(
        {what: row.model for what, row in found.items() if row.model},
        Rules(
            tuple(frozenset(row.allowed) for row in ruled if row.allowed),
            frozenset(name for row in ruled for name in row.blocked),
        ),
    )


def choose(
    here: Settled,
    records: Mapping[str, ModelRecord],
    now: datetime,
    *,
    once: str = "",
    default: str = "",
    without: Iterable[str] = (),
    quoting: bool = True,
) -> Chosen | None:
    """The first that can answer, of those that are wanted; None where none may. `default` is this installation's,
    `without` are those that have just failed; `quoting`: whether one that quotes is any help where nobody wants it."""
    tried, missed = set(without), ""
    for origin, name in candidates(here, records, once, default):
        record = records.get(name)
        if origin == OTHER and record and record.engine == "extractive" and not quoting:
            continue
        if record and name not in tried and here.rules.allow(name) and is_usable(record, now):
            return Chosen(record, origin, missed)
        missed = missed or name
    return None


def candidates(here: Settled, records: Mapping[str, ModelRecord], once: str, default: str) -> Iterator[tuple[str, str]]:
    """All models by what wants them, the nearest first; last come all others, those that write before those that quote."""
    if once:
        yield ONCE, once
    yield from here.wanted.items()
    listed = sorted(records.values(), key=lambda record: (record.engine == "extractive", record.name))
    usual = next((record.name for record in listed if record.is_default), "")
    if name := default.casefold() if default.casefold() in records else usual:
        yield DEFAULT, name
    yield from ((OTHER, record.name) for record in listed)


def is_usable(record: ModelRecord, now: datetime) -> bool:
    """Whether it is not known to fail; one that rests is tried again when its time has come."""
    return not record.fault or (record.retry_at is not None and record.retry_at <= now)


# How it answers


@dataclass(frozen=True)
class Manner:
    """How an answer is to be written, each as the nearest has it; `origins`: whose each of these is, by its name."""

    instructions: str = ""
    temperature: float | None = None
    length: str = ""
    language: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)


MANNER = ("instructions", "temperature", "length", "language")


def manner(session: Session, spot: Spot) -> Manner:
    """What holds at a spot."""
    owners = {owner_id: what for what, owner_id in spot.owners().items()}
    rows = list(session.scalars(select(ModelSettings).where(ModelSettings.owner_id.in_(owners))))
    rows.sort(key=lambda row: list(owners).index(row.owner_id), reverse=True)
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for row in rows:  # the nearest last, over all others
        own = {name: value for name in MANNER if (value := getattr(row, name)) != _NOTHING[name]}
        found |= own
        origins |= dict.fromkeys(own, owners[row.owner_id])
    return Manner(**found, origins=origins)


# How both are set


def keep(session: Session, owner_id: str, person_id: str, **fields: Any) -> None:
    """Set this for a conversation, a person, a channel, a team or everyone; one of which nothing is set any more, goes."""
    kept = session.get(ModelSettings, owner_id) or ModelSettings(owner_id=owner_id, **_NOTHING)
    for name, value in fields.items():
        setattr(kept, name, value)
    if all(getattr(kept, name) == value for name, value in _NOTHING.items()):
        forget(session, owner_id)
        return
    kept.set_by, kept.set_at = person_id, clock(session)
    session.add(kept)
    session.flush()


def forget(session: Session, owner_id: str) -> bool:
    """Leave it to the next of them; False where nothing was set. Which models may answer stays as it is."""
    kept = session.get(ModelSettings, owner_id)
    if kept is None:
        return False
    ruled = kept.allowed or kept.blocked
    if ruled:
        kept.model, kept.instructions, kept.temperature, kept.length, kept.language = "", "", None, "", ""
    else:
        session.delete(kept)
    session.flush()
    return True


def lapse(session: Session, owner_id: str, since: datetime) -> None:
    """What was set for a conversation ends with it, unless it was set for the one that begins, since then."""
    kept = session.get(ModelSettings, owner_id)
    if kept is not None and kept.set_at < since:
        session.delete(kept)
