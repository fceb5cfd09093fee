"""What was planned is changed, stopped or deleted: what holds by then is done, and the next one goes on from what was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from mmapp.chat.source import Source
from mmapp.commands import delete
from mmapp.db import clock
from mmapp.jobs import digests, queue, tick
from mmapp.models import Digest, DigestRun, Job
from tests.line import Line
from tests.scenarios.digesting import (
    Show,
    at,
    at_nine,
    change,
    known,
    look,
    runs,
    states,
)
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import found, summary, talk

# Changed in between


def test_one_that_is_paused_or_removed_after_it_was_planned_does_not_come(line: Line, show: Show) -> None:
    talk(line)
    paused, removed = (at_nine(line, who, [line.town]) for who in (line.ann, line.bob))
    look(line, "8:30", show=show)
    change(line, paused, state="paused")
    look(line, "8:58", show=show)
    change(line, removed, state="removed")  # it is made already
    look(line, "9:00", "9:30", show=show)
    assert states(line, paused) == states(line, removed) == ["stopped"]
    assert found(line, line.ann) == found(line, line.bob) == ""


def test_a_time_that_was_changed_after_it_was_planned_does_not_come_and_the_new_one_does(
    line: Line, show: Show
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    typed(line, line.ann, "edit 1 10:00")
    look(line, "8:55", "9:00", "9:30", "9:55", show=show)
    assert line.private_answers(line.ann) == []
    look(line, "10:00", show=show)
    assert states(line, number) == ["stopped", "posted"]


def test_what_was_changed_after_it_was_planned_holds_for_it(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    line.playground.make_channel_admin(line.ann, line.town)
    typed(line, line.ann, "edit 1 --to here --kind decisions")
    look(line, "8:31", "8:55", "9:00", show=show)
    assert states(line, number) == ["posted", "stopped"]
    assert "8 of 8 messages read" in line.answers(line.town)[-1].replace("\u200b", "")
    assert "decided" in line.prompt(0)


# Its other ends


def test_one_whose_job_was_stopped_has_ended_and_the_next_one_tells_its_messages(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    with line.worker.database.write() as session:
        assert queue.stop(session, runs(line, number)[0].request_id)
    look(line, "8:55", "9:00", show=show)
    assert states(line, number) == ["stopped"]
    look(line, "2026-11-27 8:30", "2026-11-27 9:00", show=show)
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_one_that_is_deleted_while_it_is_made_is_told_by_the_next_one(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    with line.worker.database.write() as session:
        delete.wanted(session, runs(line, number)[0].request_id, line.ann["id"])
    look(line, "9:00", "9:01", show=show)
    assert states(line, number) == ["stopped"]
    assert found(line, line.ann) == ""
    look(line, "2026-11-27 8:30", "2026-11-27 9:00", show=show)
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_one_that_is_deleted_where_it_stands_was_told(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], line.town)
    look(line, "8:30", "8:55", "9:00", show=show)
    until = known(line, number).read_until
    line.playground.delete(line.bot, line.posts()[-1])
    line.hear()
    look(line, "9:05", show=show)
    assert states(line, number) == ["posted"]
    assert known(line, number).read_until == until > 0


def test_a_run_that_nobody_works_at_has_ended_within_a_tick(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job)):
            job.state, job.ended_at = "dead", clock(session)
    look(line, "8:31", show=show)
    (run,) = runs(line, number)
    assert (run.state, run.ended_at) == ("failed", at("8:31"))


# What earlier ones have read


def made_then(line: Line, number: int, moment: datetime) -> int:
    """One was posted then, and ended there (ms)."""
    with line.worker.database.write() as session:
        whose = session.get_one(Digest, number)
        request_id = tick.enqueue(session, whose, f"{moment:%Y-%m-%dT%H:%M}", moment, now=moment)
        run = session.get_one(DigestRun, request_id)
        run.until, run.state, run.ended_at = round(moment.timestamp() * 1000), "posted", moment
        return run.until


def test_a_week_is_made_of_its_days_and_an_hourly_one_cuts_it_once_a_day(line: Line, show: Show) -> None:
    weekly = at_nine(line, line.ann, [line.town], line="0 9 * * thu")
    hourly = at_nine(line, line.bob, [line.town], line="0 * * * *")
    brief = at_nine(line, line.carol, [line.town], kind="brief")  # shares no notes with it
    for moment in (at("9:00"), at("2026-11-27 15:00"), at("2026-11-28 23:00")):
        made_then(line, brief, moment)
    days = [
        [made_then(line, hourly, at(f"{hour}:00") + timedelta(days=day)) for hour in (9, 15, 21)][-1]
        for day in range(3)
    ]
    mine = tick.payload(known(line, weekly), 0, alone=True).but(sources=(Source(line.town["id"]),))
    show("2026-12-03 9:00")
    assert digests.breaks(line.worker, mine) == days
    show("2026-12-11 21:30")  # what was noted on the first two days is gone by now
    assert digests.breaks(line.worker, mine) == days[2:]
