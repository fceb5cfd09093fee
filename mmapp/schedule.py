"""When a digest is due: a line of cron on the clock of its person's wall.

Times are looked for on the wall's clock alone, which has no offset, and each is then placed in the world. So an hour that
comes twice in autumn is one time, a time that spring leaves out comes as much later (and not at all where another comes
just then), and nobody who changes their clocks makes a digest come twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERED = ("sun", *DAYS)  # cron's: 0 and 7 are Sunday. APScheduler's 0 is Monday
_DAY = rf"[0-7]|{'|'.join(DAYS)}"
_DAYS = re.compile(rf"(?:\*|({_DAY})(?:-({_DAY}))?)(?:/([1-7]))?")
_MINUTE = re.compile(r"[0-5]?[0-9]")
_NUMBER = re.compile(r"(?<![/0-9])[0-9]+")  # behind a stroke it says each how many
_LAST_HOUR = 23
_KEY = "%Y-%m-%dT%H:%M"
FIELDS = 5
LONGEST = 100  # characters of a line, with its weekdays by their names
# What a wall shows may be due later, or not have been due yet: clocks are changed by an hour, and once by a day (Apia, 2011).
_BACK = timedelta(hours=27)
FARTHEST = timedelta(days=366 * 9)  # a 29 February is eight years away at the most, as from 2096 to 2104


class NoSchedule(ValueError):
    """A line that is none."""


class TooOften(NoSchedule):
    """More than once an hour."""


class NoSuchClock(NoSchedule):
    """A time of day that there is not: 25:00."""


class Never(NoSchedule):
    """A line of a date that there is not."""


class TwoDays(NoSchedule):
    """A day of the month and one of the week: to some that means both, and to cron either."""


class NoSuchZone(NoSchedule):
    """A time zone that nobody knows."""


@dataclass(frozen=True, order=True)
class Occurrence:
    """One time that a digest is due: `at` in the world, and its `key`, the same on the wall's clock, without offset."""

    at: datetime
    key: str

    @property
    def wall(self) -> datetime:
        """Its key as a moment, which passes for a time of UTC."""
        return datetime.strptime(self.key, _KEY).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Schedule:
    """A `line` of cron whose weekdays are names, in a `zone` of the tz database."""

    line: str
    zone: str

    @classmethod
    def of(cls, typed: str, zone: str) -> Self:
        """From what somebody has typed: minute, hour, day of the month, month and day of the week; `0` and `7` are Sunday.

        Raises NoSchedule: TooOften, NoSuchClock, Never, TwoDays, NoSuchZone, or itself.
        """
        fields = typed.casefold().split()
        if len(fields) != FIELDS or not typed.isascii():
            raise NoSchedule(typed)
        _require_hourly(typed, *fields[:2])
        if fields[2] != "*" and fields[4] != "*":
            raise TwoDays(typed)
        found = cls(" ".join([*fields[:4], _named(fields[4])]), zone)
        if len(found.line) > LONGEST:
            raise NoSchedule(typed)
        found.after(datetime.now(UTC))
        return found

    def after(self, at: datetime) -> Occurrence:
        """The first one later than `at`. Raises NoSchedule."""
        return next(self.times(at))

    def at(self, at: datetime) -> Occurrence | None:
        """The one that is due just then; None where none is. Raises NoSchedule."""
        found = self.after(at - timedelta(microseconds=1))
        return found if found.at == at else None

    def upcoming(self, now: datetime, count: int) -> list[Occurrence]:
        """The next ones."""
        return list(islice(self.times(now), count))

    def times(self, after: datetime) -> Iterator[Occurrence]:
        """All of them that are later than that, without an end."""
        wall = after.astimezone(self._zone).replace(tzinfo=UTC) - _BACK
        while True:
            found = self._next(wall)
            wall = found.wall
            if found.at > after and not self._falls_together(found):
                yield found

    def _falls_together(self, found: Occurrence) -> bool:
        """Whether the clocks leave it out, and it would come just when another one does."""
        shown = found.at.astimezone(self._zone)
        key = shown.strftime(_KEY)
        return key != found.key and self._next(shown.replace(tzinfo=UTC) - timedelta(minutes=1)).key == key

    def _next(self, wall: datetime) -> Occurrence:
        """The first one that the wall's clock shows later than `wall`, which passes for a time of UTC."""
        found = self._trigger.get_next_fire_time(None, wall + timedelta(microseconds=1))
        if found is None or found > wall + FARTHEST:
            raise Never(self.line)
        return Occurrence(found.replace(tzinfo=self._zone).astimezone(UTC), found.strftime(_KEY))

    @cached_property
    def _zone(self) -> ZoneInfo:
        if not is_zone(self.zone):
            raise NoSuchZone(self.zone)
        return ZoneInfo(self.zone)

    @cached_property
    def _trigger(self) -> CronTrigger:
        try:
            return CronTrigger.from_crontab(self.line, timezone=UTC)
        except ValueError:
            raise NoSchedule(self.line) from None


def is_zone(name: str) -> bool:
    """Whether this machine knows a time zone of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _require_hourly(typed: str, minute: str, hour: str) -> None:
    """One minute of an hour, and hours that there are. Raises NoSchedule."""
    if any(int(number) > _LAST_HOUR for number in _NUMBER.findall(hour)) or (
        minute.isdigit() and not _MINUTE.fullmatch(minute)
    ):
        raise NoSuchClock(typed)
    if not _MINUTE.fullmatch(minute):
        raise TooOften(typed) if set(minute) & set("*,-/") else NoSchedule(typed)


def _named(days: str) -> str:
    """The days of a week by their names: numbers mean other days to APScheduler than to cron, and so do ranges."""
    if days == "*":
        return days
    found: set[str] = set()
    for part in days.split(","):
        match = _DAYS.fullmatch(part)
        if match is None:
            raise NoSchedule(days)
        found.update(_range(match))
    return ",".join(day for day in DAYS if day in found)


def _range(match: re.Match[str]) -> list[str]:
    first, last, step = match.groups()
    begin = _place(first) if first else 0
    end = _place(last) if last else (begin if first else 6)
    if end < begin:
        end += 7
    return [_NUMBERED[place % 7] for place in range(begin, end + 1, int(step or 1))]


def _place(day: str) -> int:
    return int(day) if day.isdigit() else (DAYS.index(day) + 1) % 7
