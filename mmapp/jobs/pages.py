"""The text of a digest as it is kept: its post and, behind a page break, what stands in one reply below it. A line of what can
be done begins with the id of that, which nobody sees; neither sign can come out of people's or a model's words."""

from __future__ import annotations

import re
from collections.abc import Collection

BREAK = "\f"
_SIGN = "\x1e"
_MARK = re.compile(rf"{_SIGN}([0-9a-f]{{32}}){_SIGN}")
DONE = "✅ "


def mark(item_id: str) -> str:
    """What stands before the line of this item."""
    return f"{_SIGN}{item_id}{_SIGN}"


def items(text: str) -> list[str]:
    """The ids of all that can be done in it."""
    return _MARK.findall(text)


def split(text: str, done: Collection[str] = ()) -> list[str]:
    """Its pages as people read them, with a tick before what is `done`."""
    return _MARK.sub(lambda found: DONE if found[1] in done else "", text).split(BREAK)


def joined(text: str) -> str:
    """All of it in one."""
    return "\n\n".join(split(text))
