"""Transactions: writers take turns on both databases, and one that sleeps is not waited for."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from mmapp import db
from mmapp.db import Database, clock
from tests.conftest import KEY, REAL_OPTIONS


def test_writers_take_turns(database: Database) -> None:
    inside: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with database.write():
            inside.append("second")

    other = threading.Thread(target=second)
    with database.write():
        other.start()
        assert begun.wait(10)
        time.sleep(0.2)
        inside.append("first")
    other.join(10)
    assert inside == ["first", "second"]


def test_whoever_reads_waits_for_no_writer(database: Database) -> None:
    with database.write() as writing:
        clock(writing)
        with database.read() as session:
            clock(session)


def test_a_writer_that_sleeps_is_cut_off_before_those_who_wait_give_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database_url.startswith("postgresql"):
        return  # SQLite has no server that could: docs/QUEUE.md says what that means
    monkeypatch.setattr(db, "POSTGRESQL_OPTIONS", REAL_OPTIONS)
    database = Database(database_url, (KEY,))
    with pytest.raises(DBAPIError) as cut_off, database.write() as session:  # noqa: PT012 - the error is the sleep's
        time.sleep(6)
        clock(session)
    assert cut_off.value.connection_invalidated
    with database.write() as session:
        clock(session)
    database.close()


def test_what_a_url_asks_of_postgresql_is_kept(database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        return  # SQLite's URL has no options
    asked = make_url(database_url).update_query_dict({"options": "-c work_mem=1234kB", "application_name": "ours"})
    database = Database(asked.render_as_string(hide_password=False), (KEY,))
    with database.read() as session:
        shown = [session.scalar(text(f"show {name}")) for name in ("work_mem", "application_name", "lock_timeout")]
    database.close()
    assert shown == ["1234kB", "ours", "15s"]
