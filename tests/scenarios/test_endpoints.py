"""Models behind endpoints: what people meet when they answer, fail, break off, and answer several at a time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm import lock
from llm.lock import ApprovedList
from mmapp.jobs import engines, lanes, worker
from mmapp.jobs.endpoint_lanes import EndpointLanes
from mmapp.models import ModelRecord
from tests.acceptance.processes import eventually
from tests.line import Line
from tests.scenarios.choosing import allow_only
from tests.unit.llm.faulty import OPENING, PARIS, Faulty, Play, delta, end, says, sends

GENEROUS = 30.0


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm.openai_client.PAUSES", (0.0, 0.0))


@pytest.fixture
def server() -> Iterator[Faulty]:
    with Faulty(PARIS) as playing:
        yield playing


@pytest.fixture
def far(line: Line, server: Faulty) -> Line:
    """A line on which somebody has declared an endpoint."""
    declare(line, server)
    with (
        line.worker.database.write() as session
    ):  # measured before: a question asks it for nothing but counts and the answer
        session.get_one(ModelRecord, "far").prefill = 1000.0
    return line


def declare(line: Line, server: Faulty, **fields: object) -> None:
    folder: Path = line.settings.models_dir
    folder.mkdir(exist_ok=True)
    more = "\n".join(f"{name} = {value}" for name, value in fields.items())
    (folder / "models.toml").write_text(f'[far]\nurl = "{server.url}"\nmodel = "m"\ntitle = "Far away"\n{more}\n')
    engines.list_models(line.worker)


def play(server: Faulty, *answers: Play, counts: Play | None = None) -> None:
    """What the endpoint does with questions, one after the other; it counts tokens, or not, each time that it is asked."""

    def both(connection: socket.socket) -> None:
        if "tokenize" in server.requests[-1].line:
            (counts or says("404 Not Found"))(connection)
        else:
            (left.pop(0) if len(left) > 1 else left[0])(connection)

    left = list(answers)
    server.plays = [both]


def test_an_endpoint_answers_like_any_other_model(far: Line, server: Faulty) -> None:
    play(server, PARIS)
    far.ask(far.ann, "--model far What is the capital of France?")
    assert "Paris." in far.answers()[0]
    assert "Far away" in far.answers()[0]


def test_while_an_endpoint_is_down_another_model_stands_in(far: Line, server: Faulty) -> None:
    play(server, PARIS, counts=says("503 Loading"))
    far.ask(far.ann, "--model far Why?", answer="Nobody knows.")
    assert "Nobody knows." in far.answers()[0]
    assert "in place of Far away, which cannot be used here now" in far.answers()[0]
    play(server, PARIS)
    far.ask(far.ann, "--model far Why?")  # it does not rest: servers come back within a minute
    assert "Paris." in far.answers()[1]


def test_also_where_it_does_not_have_the_model_or_refuses_in_any_other_way(far: Line, server: Faulty) -> None:
    refusals = ("401 Unauthorized", "404 Not Found", "400 Bad Request", "302 Found", "500 Internal Server Error")
    for number, says_no in enumerate(refusals):
        play(server, says(says_no), counts=says(says_no))
        far.ask(far.ann, "--model far Why?", answer=f"Nobody knows, {number}.")
        assert f"Nobody knows, {number}." in far.answers()[-1]
        assert "in place of Far away" in far.answers()[-1]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("503 Loading", "cannot be reached"),
        ("401 Unauthorized", "does not accept Chorus' key"),
        ("404 Not Found", "no longer there"),
    ],
)
def test_where_nothing_else_may_answer_it_is_told_and_the_question_given_back(
    far: Line, server: Faulty, answer: str, sentence: str
) -> None:
    allow_only(far, "far")
    play(server, says(answer), counts=says(answer))
    far.ask(far.ann, "--model far Why?")
    assert sentence in far.told(far.ann)[-1]
    assert "/ai ask --model far Why?" in far.told(far.ann)[-1]


def test_also_where_it_was_approved_when_it_was_asked_and_is_no_more(far: Line, server: Faulty) -> None:
    far.model.enqueue("Nobody knows.")
    far.say(far.ann, "ask --model far Why?")
    far.step("admit")
    lock.write(far.settings.models_dir, ApprovedList())
    far.settle()
    assert "Nobody knows." in far.answers()[0]
    assert "in place of Far away" in far.answers()[0]
    assert server.requests == []


def test_and_of_an_answer_that_was_to_be_written_anew_by_it_that_it_stays(far: Line, server: Faulty) -> None:
    far.ask(far.ann, "--model tiny Why?", answer="Because.")
    assert far.pick(far.ann, far.more(far.ann), what="with", model="far") == {}
    lock.write(far.settings.models_dir, ApprovedList())
    far.settle()
    assert far.private_answers(far.ann)[-1] == (
        "The model `far` cannot be used: it is not on this installation's approved list. `/ai model list` has the others. An "
        "administrator can approve it. The answer that was there stays as it is."
    )
    assert "Because." in far.answers()[0]
    assert server.requests == []


BREAKS_OFF = sends(OPENING, delta("The pump "), delta("ran "))


def test_an_answer_that_breaks_off_goes_on_where_the_server_can(far: Line, server: Faulty) -> None:
    play(server, BREAKS_OFF, sends(OPENING, delta("dry."), end()), counts=says("200 OK", {"tokens": [1, 2]}))
    far.ask(far.ann, "--model far Why?")
    far.hurry()
    far.settle()
    assert server.requests[-1].body["messages"][-1] == {"role": "assistant", "content": "The pump ran "}
    assert "The pump ran dry." in far.answers()[0]
    assert "cut off" not in far.answers()[0]


def test_an_answer_that_breaks_off_keeps_its_words_where_the_server_cannot_go_on(far: Line, server: Faulty) -> None:
    play(server, BREAKS_OFF, PARIS)
    far.ask(far.ann, "--model far Why?")
    far.hurry()
    far.settle()
    assert "The pump ran" in far.answers()[0]
    assert "(cut off: the model restarted)" in far.answers()[0]
    assert "Paris" not in far.answers()[0]


def test_an_answer_that_is_written_anew_and_breaks_off_begins_again(far: Line, server: Faulty) -> None:
    play(server, PARIS, BREAKS_OFF, sends(OPENING, delta("Lyon."), end()))
    far.ask(far.ann, "--model far Why?")
    far.pick(far.ann, far.more(far.ann), what="again")
    for _ in range(3):
        far.settle()
        far.hurry()
    assert "Lyon." in far.answers()[0]
    assert "pump" not in far.answers()[0]


def test_a_section_with_a_fault_is_told_at_once(line: Line, server: Faulty) -> None:
    declare(line, server, window=1)
    said = line.ask(line.ann, "--model far Why?")
    assert said.json
    assert "models.toml, [far], window: must be a whole number" in said.json["text"]
    assert server.requests == []


class Gate:
    """Answers wait at it until they are let through, and it counts how many wait at once."""

    def __init__(self) -> None:
        self.open, self.most, self.now = threading.Semaphore(0), 0, 0
        self._counting = threading.Lock()

    def play(self, connection: socket.socket) -> None:
        with self._counting:
            self.now += 1
            self.most = max(self.most, self.now)
        connection.sendall(OPENING)
        self.open.acquire(timeout=GENEROUS)
        with self._counting:
            self.now -= 1
        connection.sendall(delta("Paris.") + end())


def test_an_endpoint_writes_as_many_answers_at_a_time_as_it_is_declared_with_and_no_more(
    far: Line, server: Faulty
) -> None:
    declare(far, server, concurrency=2)
    gate = Gate()
    play(server, gate.play)
    dave = far.playground.add_user("dave")
    far.playground.join(dave, far.town)
    for who in (far.ann, far.bob, far.carol, dave):
        far.say(who, "ask --model far Why?")
        far.step("admit")
    threads = [lanes.watch(far.worker)]
    endpoints = EndpointLanes(far.worker, threads)
    endpoints.staff()
    endpoints.staff()
    assert len(threads) == 1 + 2
    eventually(lambda: gate.now == 2, "two answers are not written at a time")
    assert (far.jobs("running"), far.jobs("queued")) == (2, 2)
    for _ in range(4):
        gate.open.release()
    eventually(lambda: far.jobs("done") >= 8, "not all were answered")  # admitted and answered
    assert gate.most == 2
    far.worker.stopping.set()
    worker.leave(threads, GENEROUS)
    assert not any(thread.is_alive() for thread in threads)


def test_an_endpoint_s_answer_is_handed_back_by_a_worker_that_goes(far: Line, server: Faulty) -> None:
    play(server, server.stalling(OPENING, delta("The pump "), delta("ran ")))
    far.worker.registry.wanted = "tiny"  # the default is measured first, and would be waited for
    threads = worker.start(far.worker)
    far.say(far.ann, "ask --model far Why?")
    eventually(lambda: server.requests and "completions" in server.requests[-1].line, "it is not asked")
    far.worker.stopping.set()
    worker.leave(threads, GENEROUS)
    assert not any(thread.is_alive() for thread in threads)
    assert server.hung_up.wait(GENEROUS)
    assert (far.jobs("queued"), far.jobs("running")) == (1, 0)


def test_a_lane_that_is_wanted_no_more_looks_at_nothing(far: Line, server: Faulty) -> None:
    declare(far, server, concurrency=2)
    assert far.worker.at_a_time("far") == 2
    assert far.worker.lane_of("far") == ["model:far"]
    declare(far, server)
    assert far.worker.at_a_time("far") == 1
    (far.settings.models_dir / "models.toml").unlink()
    engines.list_models(far.worker)
    assert far.worker.at_a_time("far") == 0


def test_models_of_this_machine_are_nobody_s_but_the_model_lane_s(far: Line) -> None:
    assert far.worker.at_a_time("tiny") == 0
    assert "model:far" not in [*far.worker.lane(heavy=True), *far.worker.lane(heavy=False)]
    assert far.worker.lane_of("tiny") == far.worker.lane(heavy=True) == ["model:tiny"]
    assert far.worker.lane_of("quotes") == ["model:quotes"]
