"""Clocks that are 90 s off: Mattermost's or the database's, ahead or behind. Nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mmapp import db
from tests.doctor import Doctor
from tests.line import Line
from tests.scenarios.summaries import WRITTEN, summary, talk

OFF = 90


@pytest.fixture(params=[-OFF, OFF], ids=["behind", "ahead"])
def seconds(request: pytest.FixtureRequest) -> int:
    """By how many seconds the other clock is ahead of this machine's."""
    return int(request.param)


@pytest.fixture(params=["mattermost", "database"])
def off(
    request: pytest.FixtureRequest,
    seconds: int,
    database_url: str,
    age: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Line]:
    """A line on which one clock is off."""
    if request.param == "database":
        shift_database(monkeypatch, seconds)
    with Line(database_url, tmp_path / "models", age=age) as running:
        if request.param == "mattermost":
            running.playground.advance(seconds)
        yield running


def shift_database(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """The database server's clock, wherever Chorus asks for it."""
    monkeypatch.setitem(db.CLOCK, "sqlite", text(f"select strftime('%Y-%m-%d %H:%M:%f', 'now', '{seconds} seconds')"))
    monkeypatch.setitem(db.CLOCK, "postgresql", text(f"select clock_timestamp() + interval '{seconds} seconds'"))


def test_a_channel_is_summed_up_to_its_newest_message(off: Line) -> None:
    talk(off)
    off.model.enqueue(WRITTEN)
    off.say(off.ann, "summarize channel")
    off.settle()
    assert "8 of 8 messages read" in summary(off, off.ann)


def test_questions_are_answered_and_a_thread_is_read_whole_and_in_order(off: Line) -> None:
    root = off.playground.post_as(off.ann, off.town, "The pump stopped at noon.")
    off.playground.post_as(off.bob, off.town, "It ran dry.", root)
    off.ask(off.carol, "Why?", root=root, answer="Nobody looked after it.")
    off.playground.post_as(off.ann, off.town, "I have filled it up.", root)
    off.ask(off.bob, "And now?", root=root, answer="It is full again.")
    prompt = off.prompt()
    told = [
        "The pump stopped",
        "It ran dry.",
        "carol asks: Why?",
        "Nobody looked after it.",
        "I have filled it up",
        "And now?",
    ]
    assert [prompt.index(each) for each in told] == sorted(prompt.index(each) for each in told)
    assert "It is full again." in off.playground.thread(root)[-1]["message"]


def test_a_refusal_reaches_its_asker_where_the_question_was_typed(off: Line) -> None:
    off.ask(off.ann, "Why?", off.secret)
    assert "/invite @ai" in off.told(off.ann)[-1]
    assert off.private_answers(off.ann) == []


def test_buttons_and_boxes_still_work(off: Line) -> None:
    off.say(off.ann, "")
    off.playground.click(off.ann, off.playground.ephemerals(off.ann)[-1], "Help")
    (box,) = off.playground.dialogs(off.ann)
    assert off.playground.submit(off.ann, box, {}, off.town).json == {}
    off.model.enqueue("Because.")
    off.say(off.ann, "ask Why?")
    off.say(off.bob, "ask Why?")
    off.playground.click(off.bob, off.playground.ephemerals(off.bob)[-1], "Stop")
    off.settle()
    assert len(off.answers()) == 1


def test_a_post_whose_creation_was_not_confirmed_is_found_again_in_a_busy_channel(off: Line) -> None:
    """It is looked for from when its job began, by the database's clock, among posts that carry Mattermost's."""
    off.playground.faults.add("POST /api/v4/posts$", drop="after")
    off.ask(off.ann, "Why?", answer="Because.")
    assert len(off.answers()) == 1
    for number in range(210):
        off.playground.post_as(off.bob, off.town, f"Message {number}")
    off.playground.server.pending.clear()  # as after 30 s, in which Mattermost itself would know it again
    off.hurry()
    off.settle()
    assert len(off.answers()) == 1
    assert off.jobs("queued") == off.jobs("running") == 0


def test_a_lease_is_kept_and_given_up_by_the_database_s_own_clock(off: Line) -> None:
    off.say(off.ann, "ask Why?")
    assert off.claim("admit")
    assert off.claim("admit") is None


def test_the_doctor_names_the_database_s_clock(doctor: Doctor, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shift_database(monkeypatch, seconds)
    doctor.line.beat()
    found = doctor.visit()
    assert found.worst == {"database clock": "warning"}
    off = found.seconds("database clock", "ahead of" if seconds > 0 else "behind")
    assert 80 <= off <= 100  # a busy machine takes its time between two looks at clocks
