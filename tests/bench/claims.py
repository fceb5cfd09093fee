"""How many jobs a second go through the queue, one after the other: put in, claimed, ended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mmapp import migrate
from mmapp.db import PRAGMAS, Database, clock
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.models import Message
from tests.bench.blocks import Block, interleave
from tests.bench.table import Row
from tests.conftest import KEY

ROUNDS, JOBS = 8, 25
AGAINST = "as many times three transactions of one statement each on a bare SQLite file with the same pragmas"
STATEMENTS = (
    "insert into job (state) values ('queued')",
    "update job set state = 'running' where id = (select min(id) from job where state = 'queued')",
    "update job set state = 'done' where state = 'running'",
)


def rows(folder: Path) -> Iterator[Row]:
    folder.mkdir(parents=True)
    database, bare = _database(folder / "chorus.db"), _bare(folder / "bare.db")

    def jobs() -> Block:
        return [_seconds(lambda: _one(database)) for _ in range(JOBS)]

    def transactions() -> Block:
        return [_seconds(lambda: [bare.execute(statement) for statement in STATEMENTS]) for _ in range(JOBS)]

    try:
        value, baseline = interleave(ROUNDS, transactions, jobs).medians()
    finally:
        database.close()
        bare.close()
    yield Row("jobs through the queue, SQLite", 1 / value, "a second", 1 / baseline, None, AGAINST)


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _database(path: Path) -> Database:
    database = Database(f"sqlite:///{path}", (KEY,))
    migrate.upgrade(database)
    with database.write() as session:
        session.add(
            Message(id="q", role="question", person_id="p", person_name="ann", text="Why?", created_at=clock(session))
        )
    return database


def _one(database: Database) -> None:
    with database.write() as session:
        queue.enqueue(session, "notify", "notify", Payload(person_id="p", channel_id="c"), request_id="q")
    claimed = queue.claim(database, ["notify"], 30)
    assert claimed
    with database.write() as session:
        queue.finish(session, claimed)


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"pragma {pragma}")
    connection.execute("create table job (id integer primary key, state text)")
    return connection
