"""Two workers with one model, as two machines with one database have: each question is answered once, by one of them."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.house import House
from tests.acceptance.processes import Process, eventually
from tests.playground.store import Doc
from tests.smollm2 import NAME, smollm2_path

PEOPLE, QUESTIONS = 10, 20
SCRIPT = [
    {"contains": f"Question {number}?", "answer": f"Here is answer-{number}.", "delay_ms_per_word": 150}
    for number in range(QUESTIONS)
]
TOLD_TO_GO_ON = ("--settle", "0.5")  # a worker that is asleep cannot be here


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, script=SCRIPT) as found:
        yield found


def _people(house: House) -> list[Doc]:
    people = [house.playground.add_user(f"person{number}") for number in range(PEOPLE)]
    for person in people:
        house.playground.join(person, house.town)
    return people


def _answered(worker: Process) -> int:
    """How many answers this worker has finished, by its own log."""
    return worker.said.count('"event": "answered"')


def _running(house: House) -> list[str]:
    """Whose answers are being written at this moment: never two of one person."""
    people = [job.person_id for job in house.jobs("answer") if job.state == "running"]
    assert len(people) == len(set(people)), people
    return people


def _one_after_the_other(house: House) -> None:
    """Each person's answers were written one after the other, by the database's clock."""
    ended = dict.fromkeys(job.person_id for job in house.jobs("answer"))
    for job in sorted(house.jobs("answer"), key=lambda job: str(job.started_at)):
        before = ended[job.person_id]
        assert job.started_at
        assert before is None or before <= job.started_at
        ended[job.person_id] = job.ended_at


def _each_answered_once(house: House) -> None:
    questions = {message.id: message.text for message in house.messages("question")}
    assert len(questions) == QUESTIONS
    assert Counter(post["props"]["chorus_request"] for post in house.bot_posts()) == Counter(questions.keys())
    for post in house.bot_posts():
        number = questions[post["props"]["chorus_request"]].removeprefix("Question ").removesuffix("?")
        assert f"Here is answer-{number}." in post["message"]
    assert {(job.kind, job.state) for job in house.jobs()} == {("admit", "done"), ("answer", "done"), ("post", "done")}


def test_two_workers_share_twenty_questions_and_when_one_is_killed_the_other_answers_the_rest(house: House) -> None:
    gate = house.folder / "gate"
    options = ("never", "--gate", str(gate), *TOLD_TO_GO_ON)
    people = _people(house)
    with house.worker(*options) as first, house.worker(*options) as second:

        def trouble() -> str:
            return first.trouble() + second.trouble()

        eventually(lambda: sum(bool(one.warm) for one in house.workers()) == 2, "no two workers", unless=trouble)
        for number in range(QUESTIONS):
            house.ask(f"Question {number}?", who=people[number % PEOPLE])
        eventually(lambda: len(_running(house)) == 2, "the two do not work at once", unless=trouble)
        gate.touch()
        eventually(
            lambda: _running(house) and min(_answered(first), _answered(second)) >= 2, "one is idle", unless=trouble
        )
        first.signal(signal.SIGKILL)
        assert first.ended() == -signal.SIGKILL
        assert not house.is_at_rest()
        eventually(lambda: not _running(house) and house.is_at_rest(), "work is left", unless=second.trouble)
    _each_answered_once(house)
    _one_after_the_other(house)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_workers_with_one_real_model_both_answer_and_hold_its_file_in_memory_once(house: House) -> None:
    file = house.folder / "models" / f"{NAME}.gguf"
    file.symlink_to(smollm2_path())
    options = ("never", "--tokens", "24")
    people = _people(house)
    with house.worker(*options) as first, house.worker(*options) as second:

        def trouble() -> str:
            return first.trouble() + second.trouble()

        eventually(lambda: sum(NAME in one.warm for one in house.workers()) == 2, "not both loaded", unless=trouble)
        for number in range(PEOPLE):
            house.ask(f"--model {NAME} Say hello to the pump.", who=people[number])
        house.at_rest(first, second)
        assert min(_answered(first), _answered(second)) >= 1
        shares = [_share(pid, file.resolve()) for pid in house.processes() if _share(pid, file.resolve())]
    assert len(shares) == 2
    assert max(shares) < 0.6  # half, where no other process on this machine has the file open
    questions = [message.id for message in house.messages("question")]
    assert Counter(post["props"]["chorus_request"] for post in house.bot_posts()) == Counter(questions)
    assert {job.state for job in house.jobs()} == {"done"}


def _share(pid: int, file: Path) -> float:
    """Which part of a file's pages in this process' memory is its own, the rest being others'; 0 where it maps none."""
    held = Counter[str]()
    inside = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, _, value = line.partition(":")
        if "-" in name.split()[0]:
            inside = line.endswith(str(file))
        elif inside and name in ("Rss", "Pss"):
            held[name] += int(value.split()[0])
    return held["Pss"] / held["Rss"] if held["Rss"] else 0.0
