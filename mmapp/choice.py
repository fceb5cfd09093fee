"""Which model answers, and how: as it was said this once, else as a conversation, a person, a channel, a team or everybody
has it. And which models may answer at all. The database alone; what Mattermost knows of rights, others have asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import Session

from mmapp import direct
from mmapp.db import Database, clock
from mmapp.models import OPEN, Job, ModelRecord, ModelSettings
from mmapp.texts import engine as engine_texts
from mmapp.texts import model as texts

EVERYONE = "everyone"  # the owner of what holds in the whole installation
ONCE, CONVERSATION, PERSON, CHANNEL, TEAM = "once", "conversation", "person", "channel", "team"
DEFAULT, OTHER = "default", "other"
ELSEWHERE, ABOUT = "elsewhere", "about"  # of an answer: what was set where it was asked, or for what it is about
EVERY = 3600.0  # seconds between two looks for what is left of threads
RULED = (CHANNEL, TEAM, EVERYONE)  # whose settings say which models may answer
MANNERED = (CONVERSATION, PERSON, CHANNEL)  # whose settings say how it answers
DEFAULTS = (*RULED, DEFAULT)  # whose models answer who has chosen none

# Of each, what leaves it to the next.
_NOTHING: dict[str, Any] = {
    "model": "", "instructions": "", "temperature": None, "length": "", "language": "", "allowed": [], "blocked": [],
}  # fmt: skip
MANNER = ("instructions", "temperature", "length", "language")
UNSET = {name: _NOTHING[name] for name in ("model", *MANNER)}
_COLUMNS = ModelSettings.metadata.tables["model_settings"].c
# Built once, and without what is encrypted: every acknowledgement asks it.
_OWNERS = (CONVERSATION, PERSON, CHANNEL, TEAM, EVERYONE)
_NAMES = select(_COLUMNS.owner_id, _COLUMNS.model, _COLUMNS.allowed, _COLUMNS.blocked, _COLUMNS.set_at).where(
    _COLUMNS.owner_id.in_([bindparam(each) for each in _OWNERS])
)
_SET_AT = select(_COLUMNS.set_at).where(_COLUMNS.owner_id == bindparam("owner_id"))
_RULES = select(_COLUMNS.allowed, _COLUMNS.blocked)


@dataclass(frozen=True)
class Spot:
    """Where somebody asks: in a `thread` (its key), or in the direct message with a `bot`; in neither, where no conversation
    has begun."""

    person_id: str
    channel_id: str
    team_id: str = ""
    thread: str = ""
    bot: str = ""

    @property
    def conversation(self) -> str:
        """Its key. All that a person says to a bot directly is one, in threads too: nobody else reads it."""
        return f"{self.person_id}@{self.bot}" if self.bot else self.thread

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
    if CONVERSATION in found and _is_over(session, spot, found[CONVERSATION].set_at):
        del found[CONVERSATION]
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
        if origin != OTHER and (origin not in DEFAULTS or here.rules.allow(name)):  # else nobody wants it here
            missed = missed or name
    return None


def why_none(
    here: Settled, records: Mapping[str, ModelRecord], now: datetime, *, once: str = "", default: str = ""
) -> str:
    """What keeps the model that is meant from answering, where no other can, as its person reads it."""
    _origin, name = next(candidates(here, records, once, default))
    if not here.rules.allow(name):
        return texts.none_allowed()
    if name not in records:
        return engine_texts.missing(name)
    if minutes := minutes_of_rest(records[name], now):
        return engine_texts.resting(name, minutes)
    return texts.unusable(name, records[name].fault)


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


def is_nearer(origin: str, what: str) -> bool:
    """Whether what has this origin counts before what is set for these."""
    order = (ONCE, *_OWNERS, DEFAULT, OTHER)
    return order.index(origin) < order.index(what)


def is_usable(record: ModelRecord, now: datetime) -> bool:
    """Whether it is not known to fail; one that rests is tried again when its time has come."""
    return not record.fault or (record.retry_at is not None and record.retry_at <= now)


def minutes_of_rest(record: ModelRecord, now: datetime) -> int:
    """In how many minutes a model that rests is tried again; 0 where it does not rest."""
    left = record.retry_at - now if record.retry_at else timedelta(0)
    return max(1, round(left.total_seconds() / 60)) if left > timedelta(0) else 0


# How it answers


@dataclass(frozen=True)
class Manner:
    """How an answer is to be written, each as the nearest has it; `origins`: whose each of these is, by its name."""

    instructions: str = ""
    temperature: float | None = None
    length: str = ""
    language: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)


def manner(session: Session, spot: Spot) -> Manner:
    """What holds at a spot."""
    owners = {what: owner_id for what, owner_id in spot.owners().items() if what in MANNERED}
    rows = session.scalars(select(ModelSettings).where(ModelSettings.owner_id.in_(owners.values())))
    kept = {row.owner_id: row for row in rows}
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for what, owner_id in reversed(owners.items()):  # the nearest last, over the others
        row = kept.get(owner_id)
        if row is None or (what == CONVERSATION and _is_over(session, spot, row.set_at)):
            continue
        own = {name: value for name, value in set_in(row).items() if name in MANNER}
        found |= own
        origins |= dict.fromkeys(own, what)
    return Manner(**found, origins=origins)


# How both are set


def kept(session: Session, spot: Spot, what: str, *, lock: bool = False) -> ModelSettings:
    """What is set for the conversation, the person, the channel, the team or everyone; an empty one where nothing is. `lock`:
    nobody else changes it until the transaction ends."""
    owner_id = spot.owners()[what]
    found = session.get(ModelSettings, owner_id, with_for_update=lock)
    if found is None or (what == CONVERSATION and _is_over(session, spot, found.set_at)):
        return ModelSettings(owner_id=owner_id, **_NOTHING)
    return found


def set_in(found: ModelSettings) -> dict[str, Any]:
    """What is set there, by its name, but for which models may answer."""
    return {name: value for name, nothing in UNSET.items() if (value := getattr(found, name)) != nothing}


def stamp(found: ModelSettings) -> str:
    """By which it is known again, as long as nobody sets it otherwise; empty where nothing is set."""
    return found.set_at.isoformat() if found.set_by else ""


def keep(session: Session, spot: Spot, what: str, at: datetime | None = None, **fields: Any) -> None:
    """Set these for one of them, now or as of then. One of which nothing is set any more goes. Of a thread's only the time stays,
    by which it is known what was typed last, until `sweep`: a slower wish of before must not undo it."""
    now = kept(session, spot, what)
    wanted = {name: getattr(now, name) for name in _NOTHING} | fields
    found, is_set = session.get(ModelSettings, now.owner_id), wanted != _NOTHING
    if is_set or now.owner_id == spot.thread:
        by = {"set_by": spot.person_id if is_set else "", "set_at": at or clock(session)}
        session.merge(ModelSettings(owner_id=now.owner_id, **wanted, **by))
    elif found is not None:
        session.delete(found)
    session.flush()


def sweep(database: Database) -> None:
    """What is left of threads for which nothing is set any more goes, but where somebody's wish waits in their channel."""
    wishes = exists().where(Job.kind == "choose", Job.state.in_(OPEN))
    waits = wishes.where(ModelSettings.owner_id.startswith(Job.channel_id))
    with database.write() as session:
        session.execute(delete(ModelSettings).where(ModelSettings.set_by == "", ~waits))


def forget(session: Session, spot: Spot, what: str) -> None:
    """Leave all of it to the next of them. Which models may answer stays as it is."""
    keep(session, spot, what, **UNSET)


def drop_thread(session: Session, channel_id: str, root_id: str) -> None:
    """A thread is gone: so is what was set for it, and nobody could take it back any more."""
    session.execute(delete(ModelSettings).where(ModelSettings.owner_id == thread_key(channel_id, root_id)))


def drop_channel(session: Session, channel_id: str) -> None:
    """What is set for a channel's threads goes: none of our bots hears any more which of them are deleted."""
    session.execute(delete(ModelSettings).where(ModelSettings.owner_id.startswith(f"{channel_id}:")))


def threads(session: Session) -> frozenset[str]:
    """The keys of threads for which something is set."""
    found = select(ModelSettings.owner_id).where(ModelSettings.owner_id.contains(":"), ModelSettings.set_by != "")
    return frozenset(session.scalars(found))


def of_threads(session: Session) -> frozenset[str]:
    """The channels of threads for which something is set."""
    return frozenset(key.partition(":")[0] for key in threads(session))


def lapse(session: Session, person_id: str, bot: str) -> None:
    """What was set for a direct conversation that is over goes, before anything is asked there again. At once: what is asked
    in time may be admitted much later."""
    spot = Spot(person_id, "", bot=bot)
    set_at = session.scalar(_SET_AT, {"owner_id": spot.conversation})
    if set_at is not None and _is_over(session, spot, set_at):
        session.execute(delete(ModelSettings).where(ModelSettings.owner_id == spot.conversation))


def _is_over(session: Session, spot: Spot, set_at: datetime) -> bool:
    """Whether the conversation has ended for which something was set then. Those of threads never do."""
    if not spot.bot or not direct.is_long_ago(session, spot.person_id, set_at):
        return False
    return direct.is_silent(session, spot.bot, spot.person_id)
