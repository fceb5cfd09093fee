"""What people do about a channel that is on or off, and what they read of it."""

from __future__ import annotations

from tests.line import Line
from tests.playground.store import Doc

OFF = "Chorus is off in this channel"
ON = "Chorus is on in this channel"


def switch(line: Line, who: Doc | str, command: str = "on", channel: Doc | None = None) -> str:
    """Type `/ai on` or `/ai off`, and read what is said of it in the end."""
    person = line.playground.user(who)
    line.say(person, command, channel)
    line.settle()
    return heard(line, person)[-1]


def heard(line: Line, who: Doc | str) -> list[str]:
    """All that somebody was told alone: by ephemeral, and behind that by direct message."""
    person = line.playground.user(who)
    return [*line.private_answers(person), *line.told(person)]


def notes(line: Line, who: Doc | str) -> list[str]:
    """What somebody was told by direct message."""
    return line.private_answers(line.playground.user(who))


def is_inside(line: Line, channel: Doc) -> bool:
    """Whether the bot is a member."""
    return line.playground.server.member(channel["id"], line.bot["id"]) is not None


def invite(line: Line, channel: Doc, by: Doc) -> None:
    """`/invite @ai`; the listener hears of it and the worker does what follows."""
    line.playground.add_member(line.bot, channel, by=by)
    line.hear()
    line.settle()


def ten_minutes_later(line: Line) -> None:
    """What was to be done later is due, and is done."""
    line.hurry()
    line.settle()
    line.hear()
    line.settle()
