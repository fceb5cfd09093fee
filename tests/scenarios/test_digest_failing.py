"""A digest that went wrong, or was written by another model: its person reads so once, and the next one tells everything."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.base import ModelDied, Speed
from llm.scripted import Step
from mmapp import nodes
from mmapp.db import clock
from mmapp.jobs import allowed, engines, queue, tick
from mmapp.models import Installation, Job, ModelRecord
from tests.doctor import Doctor
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios import choosing
from tests.scenarios.conftest import Kept
from tests.scenarios.digesting import (
    NEXT,
    at,
    at_nine,
    change,
    digest,
    due,
    in_town,
    known,
    look,
    paused,
    runs,
    states,
    stop_clock,
    told,
)
from tests.scenarios.summaries import WRITTEN, found, summary
from tests.scenarios.test_bots_gone import without

# What is told here comes from Mattermost: one database will do, and both ages are met (test_digest_time.py has both).
pytestmark = [pytest.mark.usefixtures("talked"), pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


# Models


def test_another_model_stands_in_and_its_person_reads_so_once_and_when_it_is_back(line: Line) -> None:
    (usual,) = choosing.add(line, "usual")
    usual.repeat = True
    usual.enqueue(WRITTEN)
    number = digest(line, line.ann, [line.town], line.town, model="usual", window="week")
    choosing.take_away(line, "usual")
    due(line, number)
    due(line, number, NEXT[0])
    assert "written by `tiny` for now, since `usual` cannot be used" in told(line, line.ann)
    assert "in place of usual, which cannot be used here now" in in_town(line)
    line.worker.registry.extra["usual"] = usual
    choosing.add(line)
    due(line, number, NEXT[1])
    due(line, number, NEXT[2])
    assert states(line, number) == ["posted"] * 4
    assert line.private_answers(line.ann)[1:] == [f"Digest #{number} is written by `usual` again."]


def test_without_any_model_it_is_missed_its_person_reads_so_once_and_nothing_is_lost(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "It cannot be loaded.", clock(session) + engines.REST
    due(line, number)
    due(line, number, NEXT[0])
    assert states(line, number) == ["failed", "failed"]
    assert known(line, number).state == "active"
    assert f"Digest #{number} was not made this time: no model" in told(line, line.ann)
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "", None
    due(line, number, NEXT[1])
    assert "8 of 8 messages read" in in_town(line)


def test_a_model_that_dies_before_anything_is_read_is_told_without_a_question_given_back(line: Line) -> None:
    line.model.steps = [Step(error=ModelDied("gone"))]
    number = digest(line, line.ann, [line.town], line.town)
    due(line, number)
    line.hurry()
    line.settle()
    assert states(line, number) == ["failed"]
    assert "was not made this time: the model stopped working" in told(line, line.ann)
    assert "/ai digest" not in told(line, line.ann)
    line.model.steps = [Step(WRITTEN)]
    due(line, number, NEXT[0])
    assert "8 of 8 messages read" in in_town(line)


def test_a_model_that_dies_in_the_middle_leaves_what_was_read_and_the_next_one_tells_the_rest(line: Line) -> None:
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)
    for number in range(60):
        who = (line.ann, line.bob, line.carol)[number % 3]
        line.playground.post_as(who, line.town, f"Truck {number} has passed gate {number % 7} with pallets of cement.")
    line.model.repeat, line.model.steps = False, [Step(WRITTEN), *[Step(error=ModelDied("gone"))] * 2]
    number = digest(line, line.ann, [line.town])
    due(line, number)
    line.hurry()
    line.settle()
    assert "cut off: the model stopped working; this is what was read until then" in summary(line, line.ann)
    (run,) = runs(line, number)
    people = [post for post in line.playground.posts(line.town) if not post["type"]]
    read_now = [post for post in people if post["create_at"] <= run.until]
    assert known(line, number).read_until == run.until
    assert 0 < len(read_now) < len(people)
    line.model.repeat, line.model.steps = True, [Step(WRITTEN)]
    due(line, number, NEXT[0])
    left = len(people) - len(read_now)
    assert f"{left} of {left} messages read" in found(line, line.ann)  # it may have a reply of its own, which is newer


def test_a_worker_that_dies_over_it_again_and_again_ends_it_and_its_person_reads_so(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    with line.worker.database.write() as session:
        now = clock(session)
        tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    for _ in range(queue.MAX_ATTEMPTS):
        assert line.claim("admit")
        expire(line)
    line.settle()
    assert states(line, number) == ["failed"]
    assert "something went wrong each time it was tried" in told(line, line.ann)


def test_what_nobody_foresaw_ends_it_with_an_id_for_the_log(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(allowed, "require_privately", broken)
    number = digest(line, line.ann, [line.town])
    due(line, number)
    assert states(line, number) == ["failed"]
    assert "something went wrong on our side; an administrator finds the reason in the log under" in told(
        line, line.ann
    )


# The bot


def test_while_the_bot_s_token_is_refused_it_waits_and_comes_late(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    line.playground.revoke("ai")
    look(line, "8:56", "9:00", "9:10", show=show)
    line.playground.restore("ai")
    look(line, "9:30", show=show)
    assert states(line, number) == ["posted"]
    assert "late: it was due 09:00" in summary(line, line.ann)


class TestWithASecondBot:
    """A line with two bots."""

    @pytest.fixture
    def others(self) -> tuple[str, ...]:
        return ("guide",)

    def test_a_bot_that_is_gone_from_the_settings_pauses_it_and_the_main_one_says_so(
        self, line: Line, guide: Doc
    ) -> None:
        number = digest(line, line.ann, [line.town], line.town, bot="guide")
        without(line, guide)
        due(line, number)
        due(line, number, NEXT[0])
        assert paused(line, number) == "bot"
        assert "guide, which made it, no longer answers here" in told(line, line.ann)


# What is said of it


def test_the_same_is_told_again_after_it_was_mended(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    for key in NEXT[:2]:
        line.playground.remove_member(line.bot, line.town, by=line.bob)
        due(line, number, key)
        line.playground.join(line.bot, line.town)
        change(line, number, state="active", why="")
    assert len(line.private_answers(line.ann)) == 2


def test_an_edit_before_its_time_comes_has_it_made_again_and_keeps_the_notes_of_other_days(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:58", "9:00", show=show)
    for count in range(5):
        line.playground.post_as(line.bob, line.town, f"Truck {count} has passed the gate with pallets of cement.")
    look(line, "2026-11-27 8:30", "2026-11-27 8:59", show=show)
    line.playground.edit(line.bob, line.playground.posts(line.town)[-1], "Nothing has passed.")  # nobody listens
    before = _oldest_note(line)
    look(line, "2026-11-27 9:00", "2026-11-27 9:01", show=show)
    assert states(line, number) == ["posted", "posted"]
    assert "Nothing has passed." in line.prompt()
    assert _oldest_note(line) == before


def _oldest_note(line: Line) -> int:
    first = line.playground.posts(line.town)[0]
    with line.worker.database.read() as session:
        assert nodes.is_noted(session, line.town["id"], first["create_at"])
    return int(first["create_at"])


def test_the_doctor_says_when_nobody_looks_what_is_due(doctor: Doctor, log: Kept) -> None:
    line = doctor.line
    line.beat()
    assert doctor.visit().worst == {}
    digest(line, line.ann, [line.town])
    seen = doctor.visit()
    assert seen.worst == {"scheduler": "fault"}
    assert "No scheduler has looked for a minute what is due, so one digest will be late." in seen.what("scheduler")
    tick.tick(line.worker.database)
    assert doctor.visit().worst == {}
    for never in (
        "2020-01-01 9:00",
        "2120-01-01 9:00",
    ):  # the clock has been set back since, and nobody has looked again
        with line.worker.database.write() as session:
            session.scalars(select(Installation)).one().ticked_at = at(never)
        assert doctor.visit().worst == {"scheduler": "fault"}


def test_a_person_who_has_typed_for_it_hears_each_time_why_not(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = "It cannot be loaded.", clock(session) + engines.REST
    for key in ("one", "two"):
        due(line, number, key, class_=queue.PERSON)
    assert len(line.private_answers(line.ann)) == 2


def test_no_job_of_it_is_left(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.archive(line.town)
    due(line, number)
    with line.worker.database.read() as session:
        assert {job.state for job in session.scalars(select(Job))} <= {"done", "failed"}
