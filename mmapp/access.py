"""Where Chorus is on, and how much was asked in the last day: from the database alone.

What only Mattermost knows, jobs/allowed.py asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from mmapp.config import Settings
from mmapp.models import ChannelSettings, Job

DAY = timedelta(hours=24)
EVERYONE, ADMINS, NOBODY = PUBLIC = ("everyone", "admins", "nobody")  # who may have the bot post in a channel

_JOBS = Job.metadata.tables["job"].c
_CHANNELS = ChannelSettings.metadata.tables["channel_settings"].c
# Questions, summaries, and digests that somebody has made now. Written out: SQLite takes the index for no parameter.
_A_REQUEST = _JOBS.kind.in_([literal_column("'admit'"), literal_column("'make'")])
_SINCE = _JOBS.created_at > bindparam("since")


def _asked(column: ColumnElement[str], name: str) -> ScalarSelect[int]:
    return select(func.count()).where(_A_REQUEST, column == bindparam(name), _SINCE).scalar_subquery()


_DECIDED = select(_CHANNELS.on).where(_CHANNELS.channel_id == bindparam("channel"))
# Built once, and one statement for all three: every acknowledgement asks it.
_TODAY = select(
    _asked(_JOBS.person_id, "person").label("own"),
    _asked(_JOBS.channel_id, "channel").label("here"),
    _DECIDED.scalar_subquery().label("decided"),
)


@dataclass(frozen=True)
class Today:
    """How much one person asked in the last 24 hours, and how much was asked in one channel.

    `on`: whether its admins have switched Chorus on or off there; None: they have done neither.
    """

    own: int
    here: int
    on: bool | None


def today(session: Session, person_id: str, channel_id: str, now: datetime) -> Today:
    """What decides, by the database's clock, whether this person may ask one thing more in this channel."""
    given = {"person": person_id, "channel": channel_id, "since": now - DAY}
    found = session.execute(_TODAY, given).one()
    return Today(found.own, found.here, found.decided)


def room_at(session: Session, limit: int, *, person_id: str = "", channel_id: str = "") -> datetime:
    """When one more may be asked, by a person or in a channel where at least `limit` were asked in the last day."""
    whose = _JOBS.person_id == person_id if person_id else _JOBS.channel_id == channel_id
    asked = select(_JOBS.created_at).where(_A_REQUEST, whose).order_by(_JOBS.created_at.desc())
    oldest: datetime = session.scalars(asked.offset(limit - 1).limit(1)).one()
    return oldest + DAY


def public_in(session: Session, channel_id: str) -> str:
    """Who may have the bot post in this channel, one of PUBLIC."""
    found = session.get(ChannelSettings, channel_id)
    return found.public if found else EVERYONE


def switched_on_by(session: Session, channel_id: str) -> str:
    """Who has switched this channel on; empty where nobody has, or it is off again."""
    found = session.get(ChannelSettings, channel_id)
    return found.set_by if found and found.on else ""


def is_on(session: Session, settings: Settings, channel_id: str) -> bool:
    """Whether models may be asked in this channel: as its admins have decided, else as CHORUS_ACCESS says."""
    return _or_default(settings, session.scalar(_DECIDED, {"channel": channel_id}))


def allows(settings: Settings, today: Today) -> bool:
    """The same, where it is known already what they have decided."""
    return _or_default(settings, today.on)


def switched(session: Session, *, on: bool) -> list[str]:
    """The channels that were switched on, or off, the latest first."""
    found = select(ChannelSettings.channel_id).where(ChannelSettings.on.is_(on))
    return list(session.scalars(found.order_by(ChannelSettings.set_at.desc())))


def _or_default(settings: Settings, decided: bool | None) -> bool:
    return settings.access == "everyone" if decided is None else bool(decided)
