"""The queue: whatever workers, people and time do, in any order, every job ends once."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import delete, select, update

from mmapp.db import Database, clock
from mmapp.errors import LeaseLost
from mmapp.jobs import queue, waiting
from mmapp.jobs.claim import Claim
from mmapp.jobs.fairness import AtHand
from mmapp.jobs.payload import Payload
from mmapp.models import Base, Job, Message
from tests.conftest import KEY
from tests.postgres import PostgreSQL

PAYLOAD = Payload(person_id="p" * 26, person_name="ann", team_id="t" * 26, channel_id="c" * 26, model="tiny")


def add(
    database: Database, kind: str = "answer", name: str = "model:tiny", person: str = "ann", **given: object
) -> str:
    """A question and its job; the request's id."""
    with database.write() as session:
        now = clock(session)
        question = Message(role="question", person_id=person, person_name=person, text="why?", created_at=now)
        session.add(question)
        session.flush()
        payload = PAYLOAD.but(person_id=person)
        queue.enqueue(session, kind, name, payload, request_id=question.id, **given)  # type: ignore[arg-type]
        return question.id


def end(database: Database, claimed: Claim, seconds: float = 0.0) -> None:
    """The answer is written; it took the model so long."""
    with database.write() as session:
        queue.finish(session, replace(claimed, started_at=clock(session) - timedelta(seconds=seconds)))


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
    machine = add(database, class_=queue.BACKGROUND, person="")
    first, second = add(database), add(database, person="bob")
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


@pytest.mark.parametrize("how", ["done", "failed", "cancelled"])
def test_what_a_delivery_carries_to_be_compared_goes_with_its_end(database: Database, how: str) -> None:
    add(database, "post", "post")
    seen, before = {"p": ["c", 1, "mark"]}, {"answer": {"raw": "It was 256 MB."}}
    with database.write() as session:
        job = session.scalars(select(Job)).one()
        job.payload = PAYLOAD.but(answer_id="a", seen=seen, before=before).to_json()
    claimed = queue.claim(database, ["post"], 30)
    assert claimed
    assert claimed.payload.before == before
    with database.write() as session:
        queue.finish(session, claimed, how)
    with database.read() as session:
        left = Payload.of(session.scalars(select(Job)).one())
    assert (left.answer_id, left.seen, left.before) == ("a", {}, {})


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


def test_one_answer_at_a_time_is_written_for_a_person(database: Database) -> None:
    first, second, other = add(database), add(database), add(database, person="bob")
    running = take(database)
    assert (running.request_id, take(database).request_id) == (first, other)
    assert queue.claim(database, ["model:tiny"], 30) is None
    end(database, running)
    assert take(database).request_id == second


def test_an_answer_with_another_model_waits_for_the_person_s_first_one_too(database: Database) -> None:
    add(database)
    add(database, name="model:other")
    take(database)
    assert queue.claim(database, ["model:other"], 30) is None


def test_a_person_s_next_question_is_admitted_while_an_answer_runs(database: Database) -> None:
    add(database)
    take(database)
    asked = add(database, "admit", "admit")
    claimed = queue.claim(database, ["admit"], 30)
    assert claimed is not None
    assert claimed.request_id == asked


def test_who_took_the_model_s_time_lately_lets_others_go_first(database: Database) -> None:
    add(database)
    end(database, take(database), seconds=20)
    late, mine = add(database), add(database, person="bob")
    assert [take(database).request_id for _ in range(2)] == [mine, late]


def test_after_ten_minutes_a_person_s_time_with_the_model_is_forgotten(database: Database) -> None:
    add(database)
    end(database, take(database), seconds=20)
    with database.write() as session:
        session.execute(update(Job).values(ended_at=clock(session) - timedelta(minutes=10, seconds=1)))
    first, second = add(database), add(database, person="bob")
    assert [take(database).request_id for _ in range(2)] == [first, second]


def test_an_answer_that_took_longer_than_ten_minutes_counts_from_its_end(database: Database) -> None:
    add(database)
    end(database, take(database), seconds=660)
    late, mine = add(database), add(database, person="bob")
    assert [take(database).request_id for _ in range(2)] == [mine, late]


def test_a_worker_that_died_for_the_last_time_is_not_charged_either(database: Database) -> None:
    add(database)
    with database.write() as session:
        session.execute(update(Job).values(attempts=queue.MAX_ATTEMPTS - 1))
    claimed = take(database)
    with database.write() as session:
        session.execute(update(Job).values(started_at=clock(session) - timedelta(seconds=40)))
    expire(database, claimed)
    queue.reap(database, lambda session, dead: queue.finish(session, dead, "dead"))
    with database.read() as session:
        assert sum(waiting.used(session, clock(session)).values()) < 20


def test_the_time_of_an_attempt_that_is_tried_again_counts_too(database: Database) -> None:
    request = add(database)
    claimed = take(database)
    with database.read() as session:
        began = clock(session) - timedelta(seconds=20)
    queue.retry(database, replace(claimed, started_at=began), 0)
    later = add(database, person="bob")
    assert [take(database).request_id for _ in range(2)] == [later, request]


def test_a_worker_that_died_costs_nobody_their_turn(database: Database) -> None:
    request = add(database)
    claimed = take(database)
    with database.write() as session:
        session.execute(update(Job).values(started_at=clock(session) - timedelta(seconds=40)))
    expire(database, claimed)
    queue.reap(database, lambda *_: None)
    later = add(database, person="bob")
    assert [take(database).request_id for _ in range(2)] == [request, later]


def test_a_loaded_model_and_a_thread_just_read_go_first_among_equals(database: Database) -> None:
    cold = add(database, name="model:cold", thread="a")
    loaded = add(database, person="bob", thread="b")
    warm = add(database, person="carol", thread="c")
    at_hand = AtHand(frozenset({"tiny"}), frozenset({("tiny", "c")}))
    with database.write() as session:
        session.execute(update(Job).where(Job.request_id == cold).values(model="cold"))
    taken = [queue.claim(database, ["model:tiny", "model:cold"], 30, at_hand) for _ in range(3)]
    assert [claimed.request_id for claimed in taken if claimed] == [warm, loaded, cold]


def test_open_requests_are_those_that_wait_and_those_that_are_answered(database: Database) -> None:
    add(database, estimate=8.0)
    take(database)
    add(database, "admit", "admit", person="bob", estimate=4.0)
    add(database, "post", "post", person="carol", estimate=9.0)
    with database.read() as session:
        found = waiting.open_requests(session, clock(session) + timedelta(seconds=3))
    assert [(each.person, each.running) for each in sorted(found, key=lambda each: each.id)] == [
        ("ann", True),
        ("bob", False),
    ]
    assert min(each.estimate for each in found) == 4.0
    assert max(each.estimate for each in found) == pytest.approx(5.0, abs=2)


CLAIMERS, ROUNDS = 6, 25


def claim_together(database: Database) -> list[Claim]:
    """What as many claims get that begin at the same moment."""
    start = threading.Barrier(CLAIMERS)

    def claim(_number: int) -> Claim | None:
        start.wait(30)
        return queue.claim(database, ["model:tiny"], 30)

    with ThreadPoolExecutor(CLAIMERS) as pool:
        return [claimed for claimed in pool.map(claim, range(CLAIMERS)) if claimed]


def test_claims_side_by_side_never_run_two_answers_of_one_person(database: Database) -> None:
    """Without the advisory lock PostgreSQL runs two in most rounds: each claim counts what the others have not committed."""
    for _ in range(ROUNDS):
        for person in ("ann", "bob"):
            for _ in range(3):
                add(database, person=person)
        claims = claim_together(database)
        assert sorted(claimed.payload.person_id for claimed in claims) == ["ann", "bob"]
        with database.write() as session:
            session.execute(update(Job).values(state="done"))


def test_what_is_finished_while_the_reaper_is_at_work_stays_finished(database: Database) -> None:
    """After an outage that was longer than the leases, the reaper and all workers come back at once."""
    for _ in range(6):
        for number in range(8):
            add(database, person=f"person{number}")
        claims = [take(database) for _ in range(8)]
        with database.write() as session:
            session.execute(update(Job).values(lease_until=clock(session) - timedelta(seconds=1)))
        start = threading.Barrier(9)

        def end_it(claimed: Claim, start: threading.Barrier = start) -> int:
            start.wait(30)
            try:
                end(database, claimed)
            except LeaseLost:
                return 0
            return claimed.id

        with ThreadPoolExecutor(9) as pool:
            ended = [pool.submit(end_it, claimed) for claimed in claims]
            start.wait(30)
            queue.reap(database, lambda *_: None)
            finished = {each.result() for each in ended}
        with database.write() as session:
            done = set(session.scalars(select(Job.id).where(Job.state == "done")))
            assert finished - {0} <= done, "a finish that was committed is undone"
            session.execute(delete(Job))


class Queue(RuleBasedStateMachine):
    """Workers claim, die, finish, fail and hand back; people stop; leases run out. The model: which jobs may end how."""

    server: ClassVar[PostgreSQL | None] = None

    def fresh(self) -> Database:
        """An empty database, on SQLite or on the server."""
        self.folder = tempfile.TemporaryDirectory()
        self.name = self.server.create() if self.server else ""
        url = self.server.url(self.name) if self.server else f"sqlite:///{Path(self.folder.name) / 'q.db'}"
        database = Database(url, (KEY,))
        Base.metadata.create_all(database.engine)
        return database

    @initialize()
    def open(self) -> None:
        self.database = self.fresh()
        self.held: dict[str, Claim] = {}
        self.lost: list[Claim] = []
        self.effects: dict[str, int] = {}
        self.stopped: set[str] = set()
        self.dead: set[str] = set()

    @rule(person=st.sampled_from(["ann", "bob", "carol"]))
    def ask(self, person: str) -> None:
        self.effects[add(self.database, person=person)] = 0

    @rule()
    def claim(self) -> None:
        claimed = queue.claim(self.database, ["model:tiny"], 30)
        if claimed is not None:
            assert claimed.request_id not in self.held, "one job, two workers"
            people = [each.payload.person_id for each in self.held.values()]
            assert claimed.payload.person_id not in people, "two answers for one person"
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
        if self.server:
            self.server.drop(self.name)
        self.folder.cleanup()


class QueueOnPostgreSQL(Queue):
    """The same, on PostgreSQL."""


@pytest.fixture(scope="module")
def _served(postgres: PostgreSQL) -> None:
    QueueOnPostgreSQL.server = postgres


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestQueueOnPostgreSQL = pytest.mark.usefixtures("_served")(QueueOnPostgreSQL.TestCase)
TestQueueOnPostgreSQL.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
