"""Which lines of a digest stand in its post, of twelve at most, and which in the reply below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mmapp.chat.notes import Line

ROOM = 9  # lines of the twelve, besides the bold sentence, the receipt and the foot
AT_MOST = 3  # of threads, where something is sorted into sections; and of what is carried forward
_TURNS = ("decided", "todo", "open", "carried", "")


@dataclass(frozen=True)
class Row:
    """One line. `item`: what can be done; `age` of one that is carried forward, in days; an `old` one stands below alone."""

    line: Line
    item: str = ""
    age: int | None = None
    old: bool = False

    @property
    def group(self) -> str:
        """Whose turn it takes: its section's, or that of what is carried forward."""
        return self.line.section if self.age is None else "carried"


def shared_out(rows: Sequence[Row], room: int = ROOM) -> tuple[list[Row], list[Row]]:
    """Those in the post and those below it, each in the order given. Each section that has lines gets one of them, and the
    rest goes round; so no section hides another, nor old things what is new."""
    waiting = _waiting(rows)
    chosen: set[int] = set()
    for turn in range(room):
        for group in _TURNS:
            if turn < len(waiting[group]) and len(chosen) < room:
                chosen.add(waiting[group][turn])
    return (
        [row for place, row in enumerate(rows) if place in chosen],
        [row for place, row in enumerate(rows) if place not in chosen],
    )


def _waiting(rows: Sequence[Row]) -> dict[str, list[int]]:
    """The places of those that may stand in the post, group by group, in the order of their turns."""
    sorted_out = any(row.line.section for row in rows)
    found = {group: [place for place, row in enumerate(rows) if row.group == group and not row.old] for group in _TURNS}
    first: dict[str, int] = {}  # of each section in which nothing is new
    for place in found["carried"]:
        if not found[rows[place].line.section]:
            first.setdefault(rows[place].line.section, place)
    others = [place for place in found["carried"] if place not in first.values()]
    found["carried"] = [*first.values(), *others][:AT_MOST]
    found[""] = found[""][:AT_MOST] if sorted_out else found[""]
    return found
