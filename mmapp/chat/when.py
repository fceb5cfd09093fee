"""Times as people type them: `24h`, `yesterday`, `monday 9:00`, `2026-11-20`, `2026-11-20 14:30`, in their own time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BACK = re.compile(r"(\d{1,5})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_CLOCK = re.compile(r"(?:(.*\S) |(.*\d)t)?(\d{1,2}):(\d{2})")  # behind a day, or that of today
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WEEK = 7  # days
LONGEST = timedelta(days=366 * 10)


class NoTime(ValueError):
    """Nobody can tell when that is."""


class NoSuchDate(NoTime):
    """A date that there is not."""


class NoSuchClock(NoTime):
    """A time of day that there is not."""


def zone(name: str) -> ZoneInfo:
    """A person's time zone as Mattermost names it; UTC where it names none, or one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(typed: str, now: datetime, *, end: bool = False) -> datetime:
    """When that is; `now` is aware and in the person's zone. Of a day its beginning, or with `end` the next one's.

    Raises NoTime, NoSuchDate and NoSuchClock where it is a date or a time of day that there is not.
    """
    words = " ".join(typed.casefold().split())
    if words == "now":
        return now
    if match := _BACK.fullmatch(words):
        return _before(now, min(int(match[1]) * _UNITS[match[2][0]], LONGEST))
    if match := _CLOCK.fullmatch(words):
        return _at(_day(match[1] or match[2] or "today", now), int(match[3]), int(match[4]))
    day = _day(words, now)
    return _midnight(day + timedelta(days=1)) if end else day


def _before(now: datetime, span: timedelta) -> datetime:
    """So long ago by the sun: where the clocks were changed in between, they show another time of day."""
    return (now.astimezone(UTC) - span).astimezone(now.tzinfo)


def _day(words: str, now: datetime) -> datetime:
    """The beginning of a day."""
    if match := _DATE.fullmatch(words):
        return _date(match, now)
    return _midnight(now - timedelta(days=_days_back(words, now)))


def _days_back(words: str, now: datetime) -> int:
    if words in ("today", "yesterday"):
        return int(words == "yesterday")
    name = words.removeprefix("last ")
    matching = [number for number, day in enumerate(DAYS) if len(words) >= 3 and day.startswith(name)]
    if len(matching) != 1:
        raise NoTime(words)
    back = (now.weekday() - matching[0]) % _WEEK
    return back or (_WEEK if name != words else 0)  # on a Thursday, "last thursday" is not today


def _date(match: re.Match[str], now: datetime) -> datetime:
    year, month, day = map(int, match.groups())
    try:
        found = datetime(year, month, day, tzinfo=now.tzinfo)
    except ValueError:  # 2026-02-30
        raise NoSuchDate(match[0]) from None
    if found.date() == date.max:  # no day comes after it
        raise NoSuchDate(match[0])
    return found


def _at(day: datetime, hour: int, minute: int) -> datetime:
    try:
        return day.replace(hour=hour, minute=minute)
    except ValueError:
        raise NoSuchClock(f"{hour}:{minute:02d}") from None


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
