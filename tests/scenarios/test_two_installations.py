"""Two installations of Chorus share one bot by mistake: each answers what it was asked, and nobody's words are confused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import _migrate
from tests.doctor import Doctor
from tests.line import Line
from tests.playground.store import Doc


@pytest.fixture
def other(line: Line, tmp_path: Path) -> Iterator[Line]:
    """A second Chorus with a database and a worker of its own; `/ai2` leads to it."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    _migrate(url)  # and not a copy, which would be taken for the first
    with Line(url, tmp_path / "models", beside=line) as running:
        yield running


def in_turns(*lines: Line) -> None:
    """Each does one job after the other, until neither has any left."""
    while [line for line in lines if line.step()]:
        pass


def test_each_question_is_answered_once_by_the_one_that_was_asked(line: Line, other: Line) -> None:
    for number in range(3):
        line.model.enqueue(f"The first says {number}.")
        other.model.enqueue(f"The second says {number}.")
        line.say(line.ann, f"ask first {number}")
        other.say(line.bob, f"ask second {number}")
    in_turns(line, other)
    answers = line.answers()
    assert len(answers) == 6
    for number in range(3):
        for name in ("first", "second"):
            (one,) = [text for text in answers if f"{name} {number}" in text.splitlines()[0]]
            assert f"The {name} says {number}." in one


def test_each_delivery_that_is_tried_again_finds_its_own_post(line: Line, other: Line) -> None:
    """Both look for what the bot has posted already, and the bot is the same."""
    line.playground.faults.add("POST /api/v4/posts$", drop="after", times=2)
    line.model.enqueue("The first says so.")
    other.model.enqueue("The second says so.")
    line.say(line.ann, "ask first?")
    other.say(line.bob, "ask second?")
    in_turns(line, other)
    line.hurry()
    other.hurry()
    in_turns(line, other)
    assert len(line.answers()) == 2
    assert sum("The first says so." in text for text in line.answers()) == 1
    assert line.jobs("queued") == other.jobs("queued") == 0


def test_what_both_have_to_tell_by_direct_message_arrives(line: Line, other: Line) -> None:
    """Their jobs have the same numbers, and Mattermost takes a `pending_post_id` of one bot that it knows for a repetition."""
    line.playground.faults.add("POST /hooks/commands", status=404, body=GONE, times=9)
    line.say(line.ann, "ask Why?", line.secret)
    other.say(line.bob, "ask Why?", line.secret)
    in_turns(line, other)
    for person in (line.ann, line.bob):
        assert ["/invite @ai" in text for text in line.private_answers(person)] == [True]


GONE = '{"id": "app.command_webhook.get.missing", "message": "Gone.", "request_id": "r", "status_code": 404}'


def test_a_thread_shows_each_of_them_what_people_wrote_alone(line: Line, other: Line) -> None:
    root: Doc = line.playground.post_as(line.ann, line.town, "The pump stopped at noon.")
    line.ask(line.ann, "When?", root=root, answer="At noon, says the first.")
    other.ask(line.bob, "When?", root=root, answer="At noon, says the second.")
    assert "The pump stopped at noon." in other.prompt()
    assert "says the first" not in other.prompt()


def test_a_command_of_the_one_is_worth_nothing_at_the_other(line: Line, other: Line) -> None:
    for command in line.playground.store.every("command"):
        if command["trigger"] == "ai2":
            address = f"{line.settings.public_url}/mattermost/slash"
            line.playground.store.put("command", command["id"], command | {"url": address})
    assert "token is not known" in other.say(line.bob, "ask Why?").text
    assert line.jobs("queued") == other.jobs("queued") == 0


def test_the_doctor_tells_the_one_of_the_other(doctor: Doctor, other: Line) -> None:
    line = doctor.line
    line.ask(line.ann, "Why?", answer="Because.")
    assert doctor.visit().worst == {}
    other.ask(line.bob, "Why?", answer="Because of that.")
    found = doctor.visit()
    assert found.worst == {"alone": "warning"}
    assert "ai made a post within the last day that this database knows nothing of" in found.what("alone")


def test_the_doctor_notices_that_mattermost_reaches_the_other(doctor: Doctor, other: Line) -> None:
    found = doctor.visit(public_url=other.settings.public_url)
    assert found.faults == {"round trip"}
    assert "another CHORUS_SECRET_KEY" in found.what("round trip")


def test_the_doctor_notices_that_what_answers_works_with_another_database(doctor: Doctor, other: Line) -> None:
    """An installation that was copied with its keys."""
    doctor.line.ask(doctor.line.ann, "Why?", answer="Because.")
    found = doctor.visit(database_url=other.settings.database)
    assert found.faults == {"round trip"}
    assert "works with another database" in found.what("round trip")
