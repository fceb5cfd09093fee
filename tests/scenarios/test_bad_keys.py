"""Texts that cannot be read: a key that is gone, a row that is garbled. All else goes on, and keys can be changed."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from functools import partial

import pytest
from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import select, text

from mmapp import services
from mmapp.config import Settings
from mmapp.db import clock
from mmapp.errors import WrongKey
from mmapp.jobs import lanes, queue, worker
from mmapp.jobs.payload import Payload
from mmapp.models import Job, Message
from mmapp.web.app import create_app
from tests.acceptance.processes import eventually
from tests.conftest import KEY
from tests.line import Line

GARBAGE = {"garbage": b"\0"}
NEWER = Fernet.generate_key().decode()


def with_keys(line: Line, *keys: str) -> Settings:
    return line.settings.model_copy(update={"encryption_keys": tuple(map(SecretStr, keys))})


def test_with_a_wrong_key_neither_the_web_side_nor_a_worker_starts(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    for start in (create_app, services.ready_database):
        with pytest.raises(WrongKey, match="Put the old key back") as refused:
            start(with_keys(line, NEWER))
        assert NEWER not in str(refused.value)


def test_a_worker_whose_key_turns_out_wrong_leaves_the_question_to_one_that_can_read_it(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    mistaken = replace(line.worker, database=services.open_database(with_keys(line, NEWER)), stopping=threading.Event())
    lane, watch = lanes.start("lane", mistaken, lambda: ["admit"]), lanes.watch(mistaken)
    eventually(lambda: waiting_again(line), "it was not handed back")
    assert lane.is_alive()
    mistaken.stopping.set()
    lane.join()
    watch.join()
    mistaken.database.close()
    line.model.enqueue("Because.")
    line.hurry()
    line.settle()
    assert "Because." in line.answers()[0]
    assert all("went wrong" not in text for text in line.told(line.ann))


def waiting_again(line: Line) -> bool:
    with line.worker.database.read() as session:
        return bool(session.scalar(select(Job.id).where(Job.state == "queued", Job.attempts > 0)))


def test_a_newer_key_in_front_writes_and_the_old_one_behind_it_still_reads(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.ask(line.ann, "Why?", root=root, answer="It ran dry.")
    before = line.worker
    line.worker = replace(before, database=services.ready_database(with_keys(line, NEWER, KEY)))
    line.ask(line.bob, "Since when?", root=root, answer="Since nine.")
    assert "It ran dry." in line.prompt()  # what the old key wrote
    assert "Since nine." in line.answers()[1]
    assert [(reads(KEY, row), reads(NEWER, row)) for row in stored(line)] == [
        (True, False),  # the first question and its answer
        (True, False),
        (True, False),  # the second question came through a web side that was not restarted yet
        (False, True),
    ]
    line.worker.database.close()
    line.worker = before


def test_an_old_key_that_is_taken_away_too_early_is_missed_at_the_start(line: Line) -> None:
    """Only the first texts need it: the last one was written with the newer key."""
    line.ask(line.ann, "Why?", answer="It ran dry.")
    both = services.ready_database(with_keys(line, NEWER, KEY))
    with both.write() as session:
        session.add(Message(role="note", person_id="p", person_name="ann", text="x", created_at=clock(session)))
    both.close()
    with pytest.raises(WrongKey, match="Put the old key back"):
        services.ready_database(with_keys(line, NEWER))


def stored(line: Line) -> list[bytes]:
    """The texts of all messages as they lie in the database, in order of time."""
    with line.worker.database.engine.connect() as connection:
        return [bytes(row) for row in connection.scalars(text("select text from message order by created_at"))]


def reads(key: str, row: bytes) -> bool:
    try:
        Fernet(key).decrypt(row)
    except InvalidToken:
        return False
    return True


def test_one_job_that_cannot_be_read_stops_no_other(line: Line) -> None:
    line.say(line.ann, "ask Lost?")
    with line.worker.database.engine.begin() as connection:
        connection.execute(text("update job set payload = :garbage, words = :garbage"), GARBAGE)
        connection.execute(text("update message set text = :garbage"), GARBAGE)
    line.ask(line.bob, "Why?", answer="Because.")
    for _ in range(lanes.KEYS + 1):
        line.hurry()
        line.settle()
    assert len(line.answers()) == 1
    assert "Because." in line.answers()[0]
    assert line.jobs("queued") == line.jobs("running") == 0
    assert any("Something went wrong" in text for text in line.private_answers(line.ann))


def test_a_payload_of_another_version_is_read_as_far_as_it_is_known(line: Line) -> None:
    payload = Payload(person_id="p", model="tiny")
    newer = json.dumps({**json.loads(payload.to_json()), "streamed": True})
    assert Payload.from_json(newer) == payload
    assert Payload.from_json("{}") == Payload()


def test_a_delivery_that_nobody_can_read_ends_and_keeps_nothing_else_from_ending(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.step("admit")
    line.step("model:tiny")
    with line.worker.database.engine.begin() as connection:
        connection.execute(text("update message set text = :garbage"), GARBAGE)
        connection.exec_driver_sql(
            "update job set state = 'running', attempts = 5, lease_token = 'gone', lease_until = '2020-01-01'"
        )
    queue.reap(line.worker.database, partial(worker.on_dead, line.worker))
    assert line.jobs("running") == 0
