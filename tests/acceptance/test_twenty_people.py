"""Twenty people ask one model at once: it answers one after the other, and nobody is forgotten or passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmapp.texts.plain import ordinal
from tests.acceptance.house import House
from tests.acceptance.processes import eventually

PEOPLE = range(1, 21)
LEASE = 4  # seconds: the last one waits for longer than that
SCRIPT = [
    {"contains": f"Question {number}?", "answer": f"Here is answer-{number}.", "delay_ms": 150, "delay_ms_per_word": 50}
    for number in PEOPLE
]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, database_url, script=SCRIPT, lease=LEASE) as found:
        yield found


def test_twenty_questions_by_twenty_people_are_answered_in_the_order_in_which_they_were_asked(house: House) -> None:
    people = {number: house.playground.add_user(f"person{number}") for number in PEOPLE}
    for person in people.values():
        house.playground.join(person, house.town)
    gate = house.folder / "gate"
    with house.worker("never", "--gate", str(gate)) as worker:
        eventually(lambda: any(one.warm for one in house.workers()), "no worker comes up", unless=worker.trouble)
        answers = []
        for number, person in people.items():
            answers.append(house.ask(f"Question {number}?", who=person).text)
            begun = lambda: any(job.state == "running" for job in house.jobs("answer"))  # noqa: E731
            eventually(begun, "the first question is not begun", unless=worker.trouble)
        eventually(lambda: len(house.jobs("answer")) == len(PEOPLE), "not all are admitted", unless=worker.trouble)
        gate.touch()
        house.at_rest(worker)

    untold = house.playground.age == "5.37"  # it does not tell where people type: they all read where the answer comes
    assert answers[0].startswith("**ai** · This Mattermost does not tell me") if untold else answers[0] == ""
    for place, text in enumerate(answers[1:], 2):
        assert f"{ordinal(place)} in line" in text
    assert [_number(post["message"]) for post in house.bot_posts()] == list(PEOPLE)
    for number, post in zip(PEOPLE, house.bot_posts(), strict=True):
        assert post["message"].startswith("> **p")
        assert f"Question {number}?" in post["message"]
    jobs = house.jobs()
    assert {(job.state, job.attempts) for job in jobs} == {("done", 1)}
    waited = [job.ended_at - job.created_at for job in house.jobs("answer") if job.ended_at]
    assert max(waited).total_seconds() > LEASE
    for number, person in people.items():
        assert len(house.told(person)) == (untold or number > 1)


def _number(message: str) -> int:
    return int(message.partition("answer-")[2].partition(".")[0])
