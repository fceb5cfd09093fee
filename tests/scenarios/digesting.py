"""Digests as tests have them: made without a dialog, and due when the test says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mmapp.db import clock
from mmapp.jobs import tick
from mmapp.models import Digest
from tests.line import Line
from tests.playground.store import Doc


def digest(line: Line, /, who: Doc, channels: list[Doc], to: Doc | None = None, **more: Any) -> int:
    """One of this person's, each day at nine; to the person alone unless `to` a channel. Its number."""
    with line.worker.database.write() as session:
        now = clock(session)
        made = Digest(
            bot="ai",
            person_id=who["id"],
            person_name=who["username"],
            team_id=line.team["id"],
            team_name=line.team["name"],
            channels=[channel["id"] for channel in channels],
            to_channel=to["id"] if to else "",
            **{"line": "0 9 * * *", "zone": "UTC", "read_until": 0, "created_at": now}
            | {"next_at": now + timedelta(days=1), "next_key": "2026-11-27T09:00"}
            | more,
        )
        session.add(made)
        session.flush()
        return made.id


def due(line: Line, number: int, key: str = "2026-11-26T09:00", at: datetime | None = None, **more: Any) -> str:
    """It is due, now unless a time is given, and made; the id of its request."""
    with line.worker.database.write() as session:
        now = clock(session)
        found = session.get_one(Digest, number)
        request_id = tick.enqueue(session, found, key, at or now, now=now, **more)
    line.settle()
    return request_id
