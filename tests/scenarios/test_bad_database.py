"""The database fails a request at its worst moment: the words are given back, or the answer comes once all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import OperationalError

from llm.scripted import Step
from mmapp import db
from mmapp.jobs import lanes, queue
from mmapp.models import Job
from mmapp.web.edge import Edge
from tests.line import Line, expire
from tests.postgres import PostgreSQL
from tests.proxy import Proxy, When

GIVEN_BACK = "The database did not answer"
LONG = "The pump ran dry because its filter was blocked. " * 300  # more than the pages that a file has left over


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for as always, only not for 15 seconds."""
    monkeypatch.setattr(db, "PRAGMAS", (*db.PRAGMAS[:-1], "busy_timeout=100"))
    options = db.POSTGRESQL_OPTIONS
    monkeypatch.setattr(db, "POSTGRESQL_OPTIONS", options.replace("lock_timeout=15s", "lock_timeout=100ms"))


@contextmanager
def held(line: Line) -> Iterator[None]:
    """Another program writes, and does not come to an end."""
    url = make_url(line.settings.database)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as other:
            other.execute("begin immediate")
            yield
        return
    with psycopg.connect(_plain(line)) as connection:
        connection.execute("lock table job, message in exclusive mode")
        yield
        connection.rollback()


@contextmanager
def full(line: Line) -> Iterator[None]:
    """No page more: SQLite's own limit; PostgreSQL is made to say of all that is new what it says on a full disk."""
    if line.settings.database.startswith("sqlite"):
        edge: Edge = line.app.extensions["chorus"]
        engines = (edge.database.engine, line.worker.database.engine)
        for engine in engines:
            event.listen(engine, "connect", _no_page_more)
            engine.dispose()
        yield
        for engine in engines:
            event.remove(engine, "connect", _no_page_more)
            engine.dispose()
        return
    raises = "raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'"
    with psycopg.connect(_plain(line), autocommit=True) as connection:
        connection.execute(f"create function no_room() returns trigger as $$begin {raises}; end$$ language plpgsql")
        for change in ("insert on message", "insert on job", "update of words on job"):
            connection.execute(f"create trigger {change.replace(' ', '_')} before {change} execute function no_room()")  # type: ignore[arg-type]
        yield
        connection.execute("drop function no_room() cascade")


def _no_page_more(connection: Any, _record: Any) -> None:
    connection.execute("pragma max_page_count=1")  # the least that it can be: as many as there are


def _plain(line: Line) -> str:
    return make_url(line.settings.database).set(drivername="postgresql").render_as_string(hide_password=False)


def answered_once(line: Line) -> None:
    assert "".join(line.answers()).count(LONG.strip()) == 1
    assert line.jobs("done") == 3


def come_to_an_end(line: Line) -> None:
    expire(line)
    for _ in range(4):
        line.hurry()
        line.settle()
    assert line.jobs("queued") == line.jobs("running") == 0


Trouble = Callable[[Line], AbstractContextManager[None]]
TROUBLES: dict[str, Trouble] = {"locked": held, "full": full}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_database_that_takes_nothing_gives_a_question_back_and_later_takes_the_next(
    line: Line, trouble: Trouble
) -> None:
    with trouble(line):
        told = line.say(line.ann, f"ask Why? {LONG}")
    assert told.status == 200
    assert GIVEN_BACK in told.text
    assert f"/ai ask Why? {LONG[:1000]}" in told.text
    line.ask(line.ann, "Why?", answer="Because.")
    assert len(line.answers()) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("kind", ["admit", "answer", "post"])
def test_a_database_that_takes_nothing_costs_a_running_job_nothing(line: Line, trouble: Trouble, kind: str) -> None:
    line.model.enqueue(LONG, LONG)
    line.say(line.ann, "ask Why?")
    claimed = line.claim()
    while claimed and claimed.kind != kind:
        lanes.do(line.worker, claimed)
        claimed = line.claim()
    assert claimed
    with trouble(line):
        lanes.do(line.worker, claimed)
    come_to_an_end(line)
    answered_once(line)


def test_a_disk_stays_full_for_more_tries_than_a_job_has_and_the_answer_waits(line: Line) -> None:
    line.model.enqueue(*[LONG] * (queue.MAX_ATTEMPTS + 3))
    line.say(line.ann, "ask Why?")
    line.step("admit")
    for _ in range(queue.MAX_ATTEMPTS + 2):
        line.hurry()
        claimed = line.claim("model:tiny")
        assert claimed
        with full(line):
            lanes.do(line.worker, claimed)
        expire(line)
    come_to_an_end(line)
    answered_once(line)


def test_words_that_a_full_disk_does_not_take_cost_no_lease(line: Line) -> None:
    """An answer that takes longer than its lease is written to its end, and saved once there is room."""
    line.model.enqueue(Step(LONG, delay_ms_per_word=2), LONG)
    line.say(line.ann, "ask Why?")
    line.step("admit")
    claimed = queue.claim(line.worker.database, ["model:tiny"], 4)
    assert claimed
    short = replace(line.worker, settings=line.settings.model_copy(update={"lease_seconds": 4.0}))
    with full(line):
        lanes.do(short, claimed)
    with line.worker.database.read() as session:
        assert session.get_one(Job, claimed.id).state == "queued"  # it was ours to the end, and handed back by us
    come_to_an_end(line)
    answered_once(line)


COMMITS = {
    "admission": ("admit", b"UPDATE message"),
    "answer": ("model:tiny", b"INSERT INTO message"),
    "delivery": ("post", b"INSERT INTO answer_post"),
}


@pytest.fixture
def proxy(postgres: PostgreSQL, migrated_postgres: str) -> Iterator[Proxy]:
    name = postgres.create(migrated_postgres)
    with Proxy(postgres.url(name)) as found:
        yield found
    postgres.drop(name)


@pytest.fixture
def cut_line(proxy: Proxy, tmp_path: Path) -> Iterator[Line]:
    with Line(proxy.url, tmp_path / "models", age="5.37") as running:
        yield running


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("step", "statement"), COMMITS.values(), ids=COMMITS)
def test_a_connection_that_breaks_around_a_commit_leaves_one_answer(
    cut_line: Line, proxy: Proxy, step: str, statement: bytes, when: When
) -> None:
    cut_line.model.enqueue("Because.", "Because.")
    cut_line.say(cut_line.ann, "ask Why?")
    for queues in ("admit", "model:tiny", "post"):
        if queues == step:
            proxy.cut(when, statement)
        assert cut_line.step(queues)
        if queues == step:
            cut_line.hurry()
            # A delivery remembers its posts in a transaction before its last one: it is taken up again in any case.
            assert cut_line.step(queues) is (when == "before" or step == "post")
    assert proxy.cuts == 1
    come_to_an_end(cut_line)
    assert len(cut_line.answers()) == 1
    assert cut_line.jobs("done") == 3


@pytest.mark.parametrize(("when", "asked"), [("before", 0), ("after", 1)])
def test_a_question_whose_commit_breaks_off_is_given_back_and_answered_at_most_once(
    cut_line: Line, proxy: Proxy, when: When, asked: int
) -> None:
    cut_line.model.enqueue("Because.")
    proxy.cut(when, b"INSERT INTO message")
    told = cut_line.say(cut_line.ann, "ask Why?")
    assert GIVEN_BACK in told.text
    assert "If nothing comes" in told.text  # nobody can know whether it was saved
    assert "/ai ask Why?" in told.text
    come_to_an_end(cut_line)
    assert (proxy.cuts, len(cut_line.answers())) == (1, asked)


def test_a_claim_whose_commit_breaks_off_is_given_to_another_worker(cut_line: Line, proxy: Proxy) -> None:
    cut_line.model.enqueue("Because.")
    cut_line.say(cut_line.ann, "ask Why?")
    proxy.cut("after", b"UPDATE job")
    with pytest.raises(OperationalError):
        cut_line.claim()
    assert (proxy.cuts, cut_line.jobs("running")) == (1, 1)
    come_to_an_end(cut_line)
    assert len(cut_line.answers()) == 1


def test_a_file_that_turns_to_garbage_while_we_run_is_told_and_nobody_dies_of_it(
    tmp_path: Path, migrated: Path
) -> None:
    path = tmp_path / "chorus.db"
    path.write_bytes(migrated.read_bytes())
    with Line(f"sqlite:///{path}", tmp_path / "models") as line:
        whole = path.read_bytes()
        for engine in _engines(line):
            engine.dispose()
        path.write_bytes(b"My shopping list: " * 5000)
        told = line.say(line.ann, "ask Why?")
        assert GIVEN_BACK in told.text
        assert "/ai ask Why?" in told.text
        for engine in _engines(line):
            engine.dispose()
        path.write_bytes(whole)
        line.ask(line.ann, "Why?", answer="Because.")
        assert len(line.answers()) == 1


def _engines(line: Line) -> list[Engine]:
    edge: Edge = line.app.extensions["chorus"]
    return [edge.opened.engine, line.worker.database.engine]
