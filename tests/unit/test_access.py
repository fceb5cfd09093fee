"""What decides whether one thing more may be asked: a day's questions, and whether a channel is on."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, text

from mmapp import access
from mmapp.access import Today
from mmapp.db import Database, clock
from mmapp.models import ChannelSettings, Job, Message, new_id
from tests.unit.test_queue import PAYLOAD


def ask(database: Database, *asked: tuple[str, str, float], kind: str = "admit") -> None:
    """Questions by person, channel and how many hours ago."""
    with database.write() as session:
        now = clock(session)
        rows: list[dict[str, Any]] = []
        for person, channel, hours in asked:
            question = Message(role="question", person_id=person, person_name=person, text="why?", created_at=now)
            session.add(question)
            session.flush()
            at = now - timedelta(hours=hours)
            rows.append({"kind": kind, "queue": "admit", "person_id": person, "channel_id": channel, "run_at": at})
            rows[-1] |= {"created_at": at, "request_id": question.id, "payload": PAYLOAD.to_json()}
        session.execute(insert(Job), rows)


def today(database: Database, person: str, channel: str) -> Today:
    with database.read() as session:
        return access.today(session, person, channel, clock(session))


def test_a_day_s_questions_are_counted_of_the_person_and_in_the_channel(database: Database) -> None:
    ask(database, ("ann", "town", 1), ("ann", "harbour", 23.9), ("bob", "town", 2), ("ann", "town", 24.1))
    ask(database, ("ann", "town", 1), kind="post")
    assert today(database, "ann", "town") == Today(own=2, here=2, on=None)
    assert today(database, "bob", "harbour") == Today(own=1, here=1, on=None)


def test_there_is_room_again_a_day_after_the_first_of_as_many_as_are_allowed(database: Database) -> None:
    ask(database, *(("ann", "town", hours) for hours in (20, 3, 15, 10)))
    with database.read() as session:
        now = clock(session)
        hours = [
            round((access.room_at(session, limit, person_id="ann") - now).total_seconds() / 3600) for limit in (4, 3, 1)
        ]
    assert hours == [4, 9, 21]  # a limit that was lowered meanwhile counts the newest


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("on", [True, False, None])
def test_what_admins_have_decided_goes_before_what_the_installation_says(
    database: Database, listed: bool, on: bool | None
) -> None:
    settings: Any = SimpleNamespace(access="listed" if listed else "everyone")
    with database.write() as session:
        if on is not None:
            session.add(ChannelSettings(channel_id="town", on=on, set_by="ann", set_at=clock(session)))
    with database.read() as session:
        found = access.is_on(session, settings, "town")
    assert found is (not listed if on is None else on)
    assert access.allows(settings, today(database, "ann", "town")) is found


def test_counting_looks_into_an_index_for_each(database: Database) -> None:
    ask(database, *((new_id()[:26], new_id()[:26], 1) for _ in range(500)))
    ask(database, *(("ann", "town", 1) for _ in range(20)))
    with database.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(text("analyze"))
        asked = str(access._TODAY.compile(connection))
        given: Any = {"person": "ann", "channel": "town", "since": "2026-01-01"}
        values = tuple(given[name] for name in access._TODAY.compile(connection).positiontup) if sqlite else given
        plan = str(connection.exec_driver_sql(f"explain {'query plan ' * sqlite}{asked}", values).all())
    assert "ix_job_asked_person" in plan, plan
    assert "ix_job_asked_channel" in plan, plan
    assert "SCAN job" not in plan, plan
