"""The two dialogs of `/ai digest`, for a new one and for one that is there."""

from mmapp.texts.digest import WINDOWS
from mmapp.texts.digest_when import WEEKDAYS, days

ME = ("me", "to me alone")
HERE = ("here", "in this channel")
OTHER = ("other", "in another channel")
KEPT = "kept"  # what is picked where it stays as it is, and is none of what is offered


def title(number: int) -> str:
    return f"Digest #{number}" if number else "New digest"


def introduction(number: int) -> str:
    if number:
        return "What you change here holds from the next one on. You read its next three times as soon as it is saved."
    return "A short summary of what happened, posted for you. You read its next three times as soon as it is set up."


def submit(number: int) -> str:
    return "Save" if number else "Start it"


def what() -> tuple[str, str]:
    return "What", "The channels, for example: ~ops, ~planning"


def where() -> tuple[str, str]:
    return "Where", "In a channel: for its admins to start, and only where all who read it may read what it tells."


def to_owner(owner: str) -> str:
    """For who changes somebody else's."""
    return f"to {owner} alone"


def stays_in(channel: str) -> str:
    return f"in ~{channel}"


def when() -> str:
    return "When"


def whens() -> list[tuple[str, str]]:
    weekdays = [(day, days(day)) for day in WEEKDAYS]
    return [
        ("workdays", days("workdays")),
        ("daily", days("daily")),
        *weekdays,
        ("weekly", "once a week, on this day"),
        ("monthly", days("monthly")),
        ("hourly", "every hour"),
    ]


def stays(line: str) -> str:
    """A line of cron that there are no words for."""
    return f"as it is: {line}"


def time(zone: str) -> tuple[str, str]:
    """The field's label and a hint; `zone` is empty where it is not known yet."""
    yours = f"Your time zone: {zone}." if zone else "By your own time zone."
    return "Time", f"{yours} Another can stand behind: 08:30 Asia/Kathmandu. Hourly: only the minutes count."


def more() -> tuple[str, str]:
    return "More options", "Then ask for window, kind, length, language, model and the rest"


def more_title() -> str:
    return "More options"


def more_introduction(what: str, number: int) -> str:
    last = "saved" if number else "started"
    return f"Digest of {what}. Nothing is {last} before you press the button below."


def channel() -> tuple[str, str]:
    return "Posted in", "You must be an admin of it. One that is not offered: /ai digest … --to ~NAME"


def fields() -> dict[str, tuple[str, str]]:
    return {
        "window": ("Tells of", ""),
        "kind": ("Kind", ""),
        "length": ("Length", ""),
        "language": ("Language", "Empty: its owner's. In English or by its code: German, de."),
        "model": ("Model", ""),
        "quiet": ("Quiet under", "With fewer messages it is skipped. 0: never skipped."),
    }


def windows() -> list[tuple[str, str]]:
    return list(WINDOWS.items())


def lengths() -> list[tuple[str, str]]:
    return [("short", "short"), ("medium", "medium"), ("long", "long")]


def more_button() -> str:
    return "More options"


def more_offered(number: int) -> str:
    return f"{'Not saved' if number else 'Not started'} yet. One more step:"


def not_offered(number: int, typed: str) -> str:
    """Mattermost took the next step from nobody; `typed` says on one line what was filled in."""
    return (
        f"The next step could not be opened, so nothing is {'saved' if number else 'started'} yet. Try once more; or close this "
        f"and type: /ai {typed}"
    )
