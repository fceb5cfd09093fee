"""Digests as tests have them: made without a dialog, and due when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from llm.base import Speed
from mmapp import db
from mmapp.db import clock
from mmapp.jobs import tick
from mmapp.models import Digest, DigestRun
from tests.line import Line
from tests.playground.store import Doc

Show = Callable[[str], None]
FIRST = "2026-11-26"  # a Thursday
NEXT = ("2026-11-27T09:00", "2026-11-28T09:00", "2026-11-29T09:00")
WORDS = "Truck {0} has passed gate {1} with {2} pallets of cement for the harbour wall today."


def at(moment: str, day: str = FIRST) -> datetime:
    """`9:00` of that day, UTC; with a date in front of it `2026-11-27 9:00`."""
    date, _, time = moment.rpartition(" ")
    hours, minutes, seconds = (*map(int, time.split(":")), 0)[:3]
    return datetime.fromisoformat(f"{date or day}T00:00+00:00") + timedelta(
        hours=hours, minutes=minutes, seconds=seconds
    )


def stop_clock(patch: pytest.MonkeyPatch) -> Show:
    """The database's clock stands still, and is set by what is returned; it begins at 8:00."""

    def show(moment: str) -> None:
        now = f"{at(moment):%Y-%m-%d %H:%M:%S}.000"
        patch.setitem(db.CLOCK, "sqlite", text(f"select '{now.replace(':', chr(92) + ':')}'"))
        patch.setitem(db.CLOCK, "postgresql", text(f"select timestamptz '{now.replace(':', chr(92) + ':')}+00'"))

    show("8:00")
    return show


def digest(line: Line, /, who: Doc, channels: list[Doc], to: Doc | None = None, **more: Any) -> int:
    """One of this person's, each day at nine, and never too quiet; to the person alone unless `to` a channel, of which they are
    an admin. Its number."""
    if to is not None:
        line.playground.make_channel_admin(who, to)
    with line.worker.database.write() as session:
        now = clock(session)
        made = Digest(
            person_id=who["id"],
            person_name=who["username"],
            team_id=line.team["id"],
            team_name=line.team["name"],
            channels=[channel["id"] for channel in channels],
            to_channel=to["id"] if to else "",
            **{"bot": "ai", "line": "0 9 * * *", "zone": "UTC", "quiet": 0, "read_until": 0, "created_at": now}
            | {"next_at": now + timedelta(days=1), "next_key": "2026-11-27T09:00", "planned_at": now}
            | more,
        )
        session.add(made)
        session.flush()
        return made.id


def at_nine(line: Line, /, who: Doc, channels: list[Doc], to: Doc | None = None, **more: Any) -> int:
    """One that is due at nine of the first day, and each day after that."""
    return digest(line, who, channels, to, **{"next_at": at("9:00"), "next_key": f"{FIRST}T09:00"} | more)


def look(line: Line, *moments: str, show: Show) -> None:
    """The scheduler looks at each of these moments, and the worker does all that is due then."""
    for moment in moments:
        show(moment)
        tick.tick(line.worker.database)
        line.settle()


def due(line: Line, number: int, key: str = "2026-11-26T09:00", at: datetime | None = None, **more: Any) -> str:
    """It is due, now unless a time is given, and made; the id of its request."""
    with line.worker.database.write() as session:
        now = clock(session)
        found = session.get_one(Digest, number)
        request_id = tick.enqueue(session, found, key, at or now, now=now, **more)
    line.settle()
    return request_id


def begin(line: Line, number: int, key: str = "2026-11-26T09:00") -> str:
    """It is due, and nothing is done yet; the id of its request."""
    with line.worker.database.write() as session:
        now = clock(session)
        return tick.enqueue(session, session.get_one(Digest, number), key, now, now=now)


def admitted(line: Line) -> None:
    """All that needs no model is done."""
    while line.step("admit"):
        pass


def trucks(line: Line, count: int = 40) -> None:
    """So much is said in the town that it is read in several parts."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)
    for number in range(count):
        who = (line.ann, line.bob, line.carol)[number % 3]
        line.playground.post_as(who, line.town, WORDS.format(number, number % 7, number % 13))


def known(line: Line, number: int) -> Digest:
    """It, as it stands now."""
    with line.worker.database.read() as session:
        return session.get_one(Digest, number)


def runs(line: Line, number: int) -> list[DigestRun]:
    """Every time that it was due, in order."""
    with line.worker.database.read() as session:
        wanted = select(DigestRun).where(DigestRun.digest_id == number)
        return list(session.scalars(wanted.order_by(DigestRun.due_at, DigestRun.key)))


def states(line: Line, number: int) -> list[str]:
    """What became of each time that it was due."""
    return [run.state for run in runs(line, number)]


def change(line: Line, number: int, /, **values: Any) -> None:
    """Its person changes it."""
    with line.worker.database.write() as session:
        found = session.get_one(Digest, number)
        for name, value in values.items():
            setattr(found, name, value)


# One that is paused


def paused(line: Line, number: int) -> str:
    """Why it is, by its code; it was not posted anywhere."""
    found_now = known(line, number)
    assert found_now.state == "paused"
    assert found_now.read_until == 0
    assert "planned" not in states(line, number)
    return found_now.why


def told(line: Line, who: Doc) -> str:
    """The only thing that somebody was told."""
    (note,) = line.private_answers(who)
    assert line.told(who) == []
    return note.replace("\u200b", "")


def resumed(line: Line, number: int) -> None:
    """Its person has mended it and typed so; the next one is due and tells everything."""
    change(line, number, state="active", why="")
    due(line, number, NEXT[0])
    assert states(line, number)[-1] == "posted"


def in_town(line: Line) -> str:
    return line.answers(line.town)[-1].replace("\u200b", "")
