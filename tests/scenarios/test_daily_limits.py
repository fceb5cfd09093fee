"""How much may be asked in a day, as people meet it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mmapp.models import Job
from tests.line import Line
from tests.scenarios.digesting import digest
from tests.scenarios.switching import notes


@pytest.fixture
def limited(database_url: str, age: str, tmp_path: Path) -> Iterator[Line]:
    """Two questions a day of one person, three in one channel; every one has the same answer."""
    given = {"requests_per_person": 2, "requests_per_channel": 3}
    with Line(database_url, tmp_path / "models", age=age, **given) as running:
        running.model.enqueue("Because.")
        running.model.repeat = True
        yield running


def later(line: Line, hours: float) -> None:
    """Everything was asked so much earlier."""
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job)):
            job.created_at -= timedelta(hours=hours)


def test_the_third_question_of_a_person_is_refused_with_a_time_and_given_back(limited: Line) -> None:
    limited.ask(limited.ann, "First?")
    later(limited, 5)
    limited.ask(limited.ann, "Second?")
    refused = limited.say(limited.ann, "ask --private And the third?").text
    assert "You have asked 2 questions in the last 24 hours" in refused
    assert "room for another in about 19 hours" in refused
    assert "```\n/ai ask --private And the third?\n```" in refused
    limited.settle()
    assert len(limited.answers()) == 2
    assert "in the last 24 hours" not in limited.say(limited.bob, "ask Mine?").text


def test_a_day_later_there_is_room_again(limited: Line) -> None:
    for _ in range(2):
        limited.ask(limited.ann, "Why?")
    later(limited, 24.01)
    limited.ask(limited.ann, "And now?")
    assert len(limited.answers()) == 3


def test_the_fourth_question_in_a_channel_is_refused_and_the_direct_message_is_open(limited: Line) -> None:
    for who in (limited.ann, limited.ann, limited.bob):
        limited.ask(who, "Why?")
    refused = limited.say(limited.carol, "ask Why?").text
    assert "3 questions in the last 24 hours are the most" in refused
    assert "room for another in about 24 hours" in refused
    assert "direct message with ai you can ask now" in refused
    limited.ask(limited.carol, "Why?", limited.direct(limited.carol))
    assert "Because." in limited.private_answers(limited.carol)[0]


def test_direct_messages_count_for_the_person_and_not_for_a_channel(limited: Line) -> None:
    for _ in range(2):
        limited.ask(limited.ann, "Why?", limited.direct(limited.ann))
    assert "You have asked 2 questions" in limited.say(limited.ann, "ask Why?").text
    for who in (limited.bob, limited.bob, limited.carol):
        assert "in the last 24 hours" not in limited.say(who, "ask Why?").text


def test_mentions_count_and_who_is_refused_is_told_alone(limited: Line) -> None:
    for _ in range(3):
        limited.mention(limited.ann, "@ai why?")
    assert len(limited.answers()) == 2
    assert ["You have asked 2 questions" in text for text in notes(limited, "ann")] == [True]


def test_what_asks_no_model_is_not_counted(limited: Line) -> None:
    for command in ("help", "stop", "new", "", "on", "delete"):
        limited.say(limited.ann, command)
    limited.settle()
    limited.ask(limited.ann, "Why?")
    assert len(limited.answers()) == 1


def test_a_refused_question_takes_no_room(limited: Line) -> None:
    for _ in range(5):
        limited.say(limited.ann, "ask --model nonesuch Why?")
    limited.ask(limited.ann, "Why?")
    assert len(limited.answers()) == 1


def test_nought_is_no_limit(database_url: str, tmp_path: Path) -> None:
    with Line(database_url, tmp_path / "models", requests_per_person=0, requests_per_channel=0) as line:
        assert "in the last 24 hours" not in line.say(line.ann, "ask Why?").text


def test_a_digest_that_is_asked_for_now_is_refused_like_a_question_but_setting_one_up_is_not(limited: Line) -> None:
    for _ in range(2):
        limited.ask(limited.ann, "Why?")
    limited.say(limited.ann, "digest ~town daily 08:30")
    limited.settle()
    assert "Digest **#1** is set up" in limited.told(limited.ann)[-1]
    for verb in ("run", "preview"):
        assert "You have asked 2 questions in the last 24 hours" in limited.say(limited.ann, f"digest {verb} 1").text


def test_a_digest_that_was_made_now_counts_as_a_question_does(limited: Line) -> None:
    limited.say(limited.ann, "digest ~town daily 08:30")
    limited.settle()
    for _ in range(2):
        limited.say(limited.ann, "digest preview 1")
        limited.settle()
    for words in ("digest preview 1", "digest run 1", "ask Why?"):
        assert "You have asked 2 questions in the last 24 hours" in limited.say(limited.ann, words).text
    later(limited, 24.01)
    assert "in the last 24 hours" not in limited.say(limited.ann, "ask Why?").text


def test_digests_that_are_made_now_take_room_among_what_waits(line: Line) -> None:
    numbers = [digest(line, line.ann, [line.town]) for _ in range(7)]
    line.playground.post_as(line.bob, line.town, "The bridge is closed.")
    line.playground.post_as(line.bob, line.town, "It is open again on Monday.")
    for number in numbers[:3]:
        line.say(line.ann, f"digest preview {number}")
    while line.step("admit"):
        pass
    for number in numbers[3:5]:  # typed, and not looked at yet
        line.say(line.ann, f"digest preview {number}")
    assert "You already have 5 questions waiting" in line.say(line.ann, f"digest preview {numbers[5]}").text
    assert "You already have 5 questions waiting" in line.say(line.ann, "ask Why?").text
    assert "already" not in line.say(line.bob, "ask Why?").text
