"""Times as people type them: `24h`, `yesterday`, `monday`, `2026-11-20`, `2026-11-20 14:30`, in their own time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BACK = re.compile(r"(\d{1,5})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t](\d{1,2}):(\d{2}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=366 * 10)


class NoTime(ValueError):
    """Nobody can tell when that is."""


class NoSuchDate(NoTime):
    """A date, or a time of day, that there is not."""


def zone(name: str) -> ZoneInfo:
    """A person's time zone as Mattermost names it; UTC where it names none, or one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(typed: str, now: datetime, *, end: bool = False) -> datetime:
    """When that is; `now` is aware and in the person's zone. Of a day its beginning, or with `end` the next one's.

    Raises NoTime, NoSuchDate where it is a date that there is not.
    """
    words = " ".join(typed.casefold().split())
    if words == "now":
        return now
    if match := _BACK.fullmatch(words):
        back = int(match[1]) * _UNITS[match[2][0]]
        return now - min(back, LONGEST)
    if match := _DATE.fullmatch(words):
        return _date(match, now, end=end)
    if match := _CLOCK.fullmatch(words):
        return _at(now, int(match[1]), int(match[2]))
    return _midnight(now - timedelta(days=_days_back(words, now) - end))


def _days_back(words: str, now: datetime) -> int:
    if words in ("today", "yesterday"):
        return int(words == "yesterday")
    matching = [
        number for number, day in enumerate(DAYS) if len(words) >= 3 and day.startswith(words.removeprefix("last "))
    ]
    if len(matching) != 1:
        raise NoTime(words)
    return (now.weekday() - matching[0]) % 7


def _date(match: re.Match[str], now: datetime, *, end: bool) -> datetime:
    year, month, day = map(int, match.group(1, 2, 3))
    try:
        found = datetime(year, month, day, tzinfo=now.tzinfo)
        behind = found + timedelta(days=1)
    except (ValueError, OverflowError):  # 2026-02-30, or the last day of all
        raise NoSuchDate(match[0]) from None
    if match[4]:
        return _at(found, int(match[4]), int(match[5]))
    return _midnight(behind) if end else found


def _at(day: datetime, hour: int, minute: int) -> datetime:
    try:
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        raise NoSuchDate(f"{hour}:{minute:02d}") from None


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
