"""What an answer says of the files that hang on its posts: which it read, how much of them, and which not."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

Naming = Callable[[str], str]
"""Makes a file's name harmless: its uploader chose it."""
SHOWN = 5  # on the foot; the card has them all


class Told(NamedTuple):
    """How much of one file an answer was told: `read` of the `of` pages or characters; `cut` pages only in part.

    `reason` is empty, or a key of `reasons()`: nothing of it was read.
    """

    name: str
    read: int = 0
    of: int = 0
    cut: int = 0
    in_pages: bool = False
    reason: str = ""


def reasons() -> dict[str, str]:
    """Why a file was not read, by the kind of reason; each fits into brackets behind its name."""
    return {
        "picture": "a picture",
        "media": "sound or video",
        "office": "an Office file; a PDF of it can be read",
        "archive": "an archive; attach what is in it",
        "binary": "not text",
        "empty": "empty",
        "too large": "too large: at most 5 MB of text or 20 MB of PDF are read",
        "too many": "too many files: the first message's and the newest are read, 10 in all",
        "encrypted": "protected by a password",
        "scanned": "scanned: pictures of pages, without text",
        "broken": "damaged",
        "too hard": "it took too much time or memory",
        "full": "the other files are as much as is read at once",
        "late": "no time was left for it",
        "gone": "it was deleted, or may not be read",
        "unreachable": "Mattermost did not hand it over; ask again",
        "not chosen": "what else there is fits the question better",
    }


def foot(files: Sequence[Told], naming: Naming) -> str:
    """For the line under an answer: "read report.pdf (3 of 12 pages) · not read: photo.png (a picture)"."""
    read = [f"{naming(one.name)}{_share(one)}" for one in files if not one.reason]
    unread = [f"{naming(one.name)} ({reasons()[one.reason]})" for one in files if one.reason]
    parts = [f"read {_listed(read)}"] * bool(read) + [f"not read: {_listed(unread)}"] * bool(unread)
    return " · ".join(parts)


def card(files: Sequence[Told], naming: Naming) -> list[str]:
    """For the card behind the (i): a line a file."""
    return [f"* **File {'not read' if one.reason else 'read'}** {naming(one.name)}{_why(one)}" for one in files]


def _why(one: Told) -> str:
    return f": {reasons()[one.reason]}" if one.reason else _share(one)


def _share(one: Told) -> str:
    """Nothing where all was read."""
    unit = "pages" if one.in_pages else "characters"
    if one.read == one.of and not one.cut:
        return ""
    in_part = f", {one.cut} of them in part" if one.cut else ""
    return f" ({one.read:,} of {one.of:,} {unit}{in_part})"


def _listed(items: list[str]) -> str:
    more = len(items) - SHOWN
    return ", ".join(items[:SHOWN]) + (f" and {more} more" if more > 0 else "")
