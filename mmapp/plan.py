"""What a digest is to be: as it stands, and with what somebody wants otherwise; and which one a number means.

What was typed or filled in is a `said`: its fields by name, as texts, checked by commands/digest_words.py. The database alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.errors import Refused
from mmapp.models import Digest
from mmapp.schedule import DAYS
from mmapp.texts import digest_faults as texts

ME, HERE = "me", "here"  # where it is told, beside a channel by its name or id; HERE is also a channel to read
USUAL = "usual"  # what is said of a model or a language to leave it open
WEEKLY, HOURLY = "weekly", "hourly"
REMOVED, PAUSED, ACTIVE = "removed", "paused", "active"
ASKED = "asked"  # why one is paused: somebody has said so
HOW = ("window", "kind", "length", "language", "model", "quiet")  # the fields of how it is told
WINDOWS = ("last", "day", "week")
# Day of the month, month and day of the week. WEEKLY is the day of the week on which it is said.
DAYS_OF = {"workdays": "* * mon,tue,wed,thu,fri", "daily": "* * *", "monthly": "1 * *", HOURLY: "* * *"}
DAYS_OF |= {day: f"* * {day}" for day in DAYS}
MOST = 20  # of a person, and posted in a channel
MOST_CHANNELS = 10  # of one digest
LARGEST = 2**31 - 1  # that a digest's number can be


@dataclass(frozen=True)
class Plan:
    """A digest's settings (models/digests.py); `channels` are ids, and `to` is one, or empty for its person alone."""

    channels: tuple[str, ...] = ()
    to: str = ""
    line: str = ""
    zone: str = ""
    window: str = "last"
    quiet: int = 5
    kind: str = "summary"
    length: str = "medium"
    language: str = ""
    model: str = ""

    @classmethod
    def of(cls, digest: Digest) -> Self:
        rest = [field.name for field in dataclasses.fields(cls) if field.name not in ("channels", "to")]
        values = {name: getattr(digest, name) for name in rest}
        return cls(channels=tuple(digest.channels), to=digest.to_channel, **values)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        return cls(**{**found, "channels": tuple(found["channels"])})

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def columns(self) -> dict[str, Any]:
        """As the table has it."""
        found = self.to_json()
        return found | {"to_channel": found.pop("to"), "channels": list(self.channels)}

    def but(self, said: Mapping[str, str]) -> Self:
        """With what was said of how it is told."""
        named: dict[str, Any] = {name: said[name] for name in HOW if name in said}
        named |= {name: "" for name, value in named.items() if value == USUAL}
        named |= {"quiet": int(said["quiet"])} if "quiet" in said else {}
        return dataclasses.replace(self, **named)


def line(said: Mapping[str, str], before: str, today: datetime) -> str:
    """The line of cron that was said, or that is made of days and a time; what was not said is as `before`, which is empty
    for a new one. `today` is in its zone. Raises Refused where no time of day is known."""
    given = said.get("cron") or before
    when, time = said.get("when", ""), said.get("time", "")
    minute, hour, days = given.split(maxsplit=2) if given else ("0", "", "* * *")
    hourly = when == HOURLY or (not when and hour == "*")
    if time:
        clock, minute = (part and str(int(part)) for part in time.split(":"))
        hour = hour if hourly else clock or hour
    if hourly:
        hour = "*"
    elif hour in ("", "*"):
        raise Refused(texts.what_time())
    return f"{minute} {hour} {_days(when, today) or days}"


def _days(when: str, today: datetime) -> str:
    if when == WEEKLY:
        return DAYS_OF[DAYS[today.weekday()]]
    return DAYS_OF.get(when) or (f"* * {when}" if when else "")


def when(line: str) -> str:
    """What days a line means, by the word for them; those of a week by their names; empty where there is no word for it."""
    _minute, hour, days = line.split(maxsplit=2)
    if hour == "*":
        return HOURLY if days == DAYS_OF[HOURLY] else ""
    if not hour.isdigit():
        return ""
    named = days.removeprefix("* * ").split(",")
    if set(named) <= set(DAYS) and days != DAYS_OF["workdays"]:
        return ",".join(named)
    return next((word for word, meant in DAYS_OF.items() if meant == days), "")


def time(line: str) -> str:
    """The time of day of a line; of one that comes each hour its minute, `:15`; empty where there are several."""
    minute, hour, _days = line.split(maxsplit=2)
    if hour == "*":
        return f":{int(minute):02}"
    return f"{int(hour):02}:{int(minute):02}" if hour.isdigit() else ""


# Which one is meant


def find(session: Session, number: int, person_id: str) -> Digest:
    """The digest of this number, or for 0 the only one of this person's. Whose it is, the caller looks. Raises Refused."""
    if not number:
        return _only(session, person_id)
    found = session.get(Digest, number) if number <= LARGEST else None
    if found is None:
        raise Refused(texts.none_such(number))
    if found.state == REMOVED:
        raise Refused(texts.removed_before(number) if found.person_id == person_id else texts.none_such(number))
    return found


def _only(session: Session, person_id: str) -> Digest:
    found = of_person(session, person_id)
    if not found:
        raise Refused(texts.none_yet())
    if len(found) > 1:
        raise Refused(texts.which([one.id for one in found]))
    return found[0]


def of_person(session: Session, person_id: str) -> list[Digest]:
    """All of somebody's, the oldest first."""
    mine = select(Digest).where(Digest.person_id == person_id, Digest.state != REMOVED)
    return list(session.scalars(mine.order_by(Digest.id)))


def in_channel(session: Session, channel_id: str) -> list[Digest]:
    """All that are posted there, the oldest first."""
    there = select(Digest).where(Digest.to_channel == channel_id, Digest.state != REMOVED)
    return list(session.scalars(there.order_by(Digest.id)))
