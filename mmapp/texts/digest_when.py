"""When a digest comes, in words: its days and hours, and its very next times."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mmapp.texts.plain import code

WEEKDAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WORDS = {"workdays": "on working days", "daily": "every day", "monthly": "on the first of the month"}


def regularly(when: str, time: str, line: str) -> str:
    """`on working days at 08:30`; a line of cron as it is, where there are no words for it."""
    if not when:
        return f"as {code(line)} says"
    if when == "hourly":
        return "every hour, on the hour" if time.endswith(":00") else f"every hour, at {int(time[1:])} past"
    return f"{days(when)} at {time}"


def days(when: str) -> str:
    """`on working days`, `every Monday`, `on Monday and Wednesday`."""
    if when in WORDS:
        return WORDS[when]
    named = [WEEKDAYS[day] for day in when.split(",")]
    return f"every {named[0]}" if len(named) == 1 else f"on {', '.join(named[:-1])} and {named[-1]}"


def moment(at: datetime, now: datetime) -> str:
    """`tomorrow, Friday 27 November, 08:30`; both in the zone of who reads it."""
    ahead = (at.date() - now.date()) / timedelta(days=1)
    near = {-1: "yesterday, ", 0: "today, ", 1: "tomorrow, "}.get(int(ahead), "")
    year = f" {at.year}" if at.year != now.year else ""
    return f"{near}{WEEKDAYS[at.strftime('%a').casefold()]} {at.day} {MONTHS[at.month - 1]}{year}, {at:%H:%M}"


def coming(times: Sequence[datetime], now: datetime, zone: str) -> str:
    """The next times in a row, and whose clock they are by."""
    told = " · ".join(moment(at, now) for at in times)
    return f"{told[:1].upper()}{told[1:]} ({zone})"
