"""The queue: whatever workers, people and time do, in any order, every job ends once."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from mmapp.db import Database, clock
from mmapp.errors import LeaseLost
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.jobs.queue import Claim
from mmapp.models import Base, Job, Message
from tests.conftest import KEY

PAYLOAD = Payload(person_id="p" * 26, person_name="ann", team_id="t" * 26, channel_id="c" * 26, model="tiny")


def add(database: Database, kind: str = "answer", name: str = "model:tiny", **given: object) -> str:
    """A question and its job; the request's id."""
    with database.write() as session:
        now = clock(session)
        question = Message(role="question", person_id="p" * 26, person_name="ann", text="why?", created_at=now)
        session.add(question)
        session.flush()
        queue.enqueue(session, kind, name, PAYLOAD, request_id=question.id, **given)  # type: ignore[arg-type]
        return question.id


def state(database: Database, request_id: str) -> str:
    with database.read() as session:
        return session.scalars(select(Job.state).where(Job.request_id == request_id).order_by(Job.id)).first() or ""


def expire(database: Database, claimed: Claim) -> None:
    with database.write() as session:
        past = clock(session) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == claimed.id).values(lease_until=past))


def take(database: Database) -> Claim:
    claimed = queue.claim(database, ["model:tiny"], 30)
    assert claimed is not None
    return claimed


def test_the_longest_waiting_person_comes_first(database: Database) -> None:
    machine = add(database, class_=queue.BACKGROUND)
    first, second = add(database), add(database)
    assert [take(database).request_id for _ in range(3)] == [first, second, machine]
    assert queue.claim(database, ["model:tiny"], 30) is None


def test_a_job_for_later_is_not_taken_now(database: Database) -> None:
    with database.read() as session:
        later = clock(session) + timedelta(hours=1)
    add(database, run_at=later)
    assert queue.claim(database, ["model:tiny"], 30) is None


def test_the_same_key_is_queued_once(database: Database) -> None:
    request = add(database)
    with database.write() as session:
        first = queue.enqueue(session, "post", "post", PAYLOAD, request_id=request, dedupe_key="post:1")
        second = queue.enqueue(session, "post", "post", PAYLOAD, request_id=request, dedupe_key="post:1")
    assert (first, second) == (True, False)


def test_a_worker_that_lost_its_lease_changes_nothing(database: Database) -> None:
    add(database)
    slow = take(database)
    expire(database, slow)
    queue.reap(database, lambda *_: None)
    quick = take(database)
    with pytest.raises(LeaseLost):
        queue.heartbeat(database, slow, 30, "words of the slow one")
    with pytest.raises(LeaseLost), database.write() as session:
        queue.finish(session, slow)
    with pytest.raises(LeaseLost):
        queue.release(database, slow)
    with pytest.raises(LeaseLost):
        queue.retry(database, slow, 0)
    with database.write() as session:
        queue.finish(session, quick)


def test_the_next_worker_goes_on_from_the_words_that_were_saved(database: Database) -> None:
    add(database)
    claimed = take(database)
    queue.heartbeat(database, claimed, 30, "The pump was")
    expire(database, claimed)
    queue.reap(database, lambda *_: None)
    assert take(database).words == "The pump was"


def test_a_waiting_job_stops_at_once_and_a_running_one_hears_of_it(database: Database) -> None:
    running, waiting = add(database), add(database)
    claimed = take(database)
    with database.write() as session:
        assert queue.stop(session, waiting)
        assert queue.stop(session, running)
        assert not queue.stop(session, running)  # pressed twice
    assert state(database, waiting) == "cancelled"
    assert queue.heartbeat(database, claimed, 30) is True


def test_a_job_handed_back_with_words_is_not_thrown_away_by_stop(database: Database) -> None:
    request = add(database)
    queue.release(database, take(database), "The pump was")
    with database.write() as session:
        assert queue.stop(session, request)
    claimed = take(database)
    assert (claimed.stop, claimed.words) == (True, "The pump was")


def test_handing_back_is_no_failed_attempt_and_failing_is(database: Database) -> None:
    add(database)
    for _ in range(queue.MAX_ATTEMPTS + 2):
        queue.release(database, take(database))
    assert take(database).attempts == 1


def test_a_job_out_of_attempts_dies_and_its_person_is_told(database: Database) -> None:
    request = add(database)
    told = []
    for _ in range(queue.MAX_ATTEMPTS):
        expire(database, take(database))
        queue.reap(database, lambda _session, dead: told.append(dead.request_id))
    assert told == [request]
    assert state(database, request) == "dead"


def test_a_question_whose_worker_died_keeps_its_place_once(database: Database) -> None:
    unlucky, next_one = add(database), add(database)
    expire(database, take(database))
    queue.reap(database, lambda *_: None)
    again = take(database)
    assert again.request_id == unlucky
    expire(database, again)
    queue.reap(database, lambda *_: None)
    assert take(database).request_id == next_one


def test_after_a_takeover_posting_waits_until_the_old_requests_are_over(database: Database) -> None:
    add(database, "post", "post")
    claimed = queue.claim(database, ["post"], 30)
    assert claimed is not None
    expire(database, claimed)
    queue.reap(database, lambda *_: None)
    assert queue.claim(database, ["post"], 30) is None


def test_what_is_in_front_counts_admission_and_answers_of_that_model_alone(database: Database) -> None:
    add(database, "admit", "admit", estimate=3.0)
    add(database, estimate=4.0)
    add(database, "post", "post", estimate=9.0)
    with database.read() as session:
        assert queue.standing(session, "tiny") == queue.Standing(2, 7.0)
        assert queue.standing(session, "other") == queue.Standing(0, 0.0)


class Queue(RuleBasedStateMachine):
    """Workers claim, die, finish, fail and hand back; people stop; leases run out. The model: which jobs may end how."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'q.db'}", (KEY,))
        Base.metadata.create_all(self.database.engine)
        self.held: dict[str, Claim] = {}
        self.lost: list[Claim] = []
        self.effects: dict[str, int] = {}
        self.stopped: set[str] = set()
        self.dead: set[str] = set()

    @rule()
    def ask(self) -> None:
        self.effects[add(self.database)] = 0

    @rule()
    def claim(self) -> None:
        claimed = queue.claim(self.database, ["model:tiny"], 30)
        if claimed is not None:
            assert claimed.request_id not in self.held, "one job, two workers"
            self.held[claimed.request_id] = claimed

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        claimed = self.held.pop(data.draw(st.sampled_from(list(self.held))))
        with self.database.write() as session:
            queue.finish(session, claimed)
        self.effects[claimed.request_id] += 1

    @precondition(lambda self: self.held)
    @rule(data=st.data(), way=st.sampled_from(["release", "retry", "die"]))
    def let_go(self, data: st.DataObject, way: str) -> None:
        claimed = self.held.pop(data.draw(st.sampled_from(list(self.held))))
        if way == "release":
            queue.release(self.database, claimed)
        elif way == "retry":
            queue.retry(self.database, claimed, 0)
        else:
            expire(self.database, claimed)
            queue.reap(self.database, lambda _session, dead: self.dead.add(dead.request_id))
        self.lost.append(claimed)

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def write_too_late(self, data: st.DataObject) -> None:
        claimed = data.draw(st.sampled_from(self.lost))
        with pytest.raises(LeaseLost), self.database.write() as session:
            queue.finish(session, claimed)

    @precondition(lambda self: self.effects)
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(list(self.effects)))
        with self.database.write() as session:
            if queue.stop(session, request):
                assert self.effects[request] == 0, "stopped what had ended"
                self.stopped.add(request)

    @invariant()
    def every_job_ends_at_most_once(self) -> None:
        assert all(count <= 1 for count in getattr(self, "effects", {}).values())

    def teardown(self) -> None:
        if not hasattr(self, "database"):
            return
        for claimed in self.held.values():
            queue.release(self.database, claimed)
        while (claimed := queue.claim(self.database, ["model:tiny"], 30)) is not None:
            with self.database.write() as session:
                queue.finish(session, claimed)
            self.effects[claimed.request_id] += 1
        for request, count in self.effects.items():
            ended = state(self.database, request)
            assert count == 1 if ended == "done" else ended in ("cancelled", "dead"), (request, ended, count)
            assert ended != "cancelled" or request in self.stopped
            assert ended != "dead" or request in self.dead
        self.database.close()
        self.folder.cleanup()


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
