"""A digest is planned before its time, made so that it is ready, and posted at the time itself: once, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from llm.base import Speed
from llm.scripted import Step
from mmapp.chat.source import Source
from mmapp.commands import delete
from mmapp.db import clock
from mmapp.jobs import digests, lanes, queue, tick
from mmapp.models import Digest, DigestRun, Installation, Job
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.conftest import Kept
from tests.scenarios.digesting import at, at_nine, change, digest, due, known, look, runs, states, stop_clock
from tests.scenarios.summaries import WRITTEN, found, summary, talk

Show = Callable[[str], None]
WORDS = "Truck {0} has passed gate {1} with {2} pallets of cement for the harbour wall today."


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, line: Line) -> Show:
    """Sets the database's clock, which stands still otherwise; the model always has something to say."""
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    return stop_clock(monkeypatch)


def trucks(line: Line, count: int = 60, channel: Doc | None = None) -> None:
    """So much is said that it is read in several parts."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)
    for number in range(count):
        who = (line.ann, line.bob, line.carol)[number % 3]
        line.playground.post_as(who, channel or line.town, WORDS.format(number, number % 7, number % 13))


# Planned, made, posted


def test_it_is_planned_half_an_hour_ahead_made_as_late_as_may_be_and_posted_at_the_time_itself(
    line: Line, show: Show
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:29:59", show=show)
    assert runs(line, number) == []
    look(line, "8:30", "8:54:59", show=show)  # it took two minutes last: twice that, and one to spare
    assert not line.model.history
    look(line, "8:55", "8:59:59", show=show)
    assert line.model.history
    assert line.private_answers(line.ann) == []
    look(line, "9:00", show=show)
    assert "8 of 8 messages read" in summary(line, line.ann)
    (run,) = runs(line, number)
    assert (run.state, run.due_at, run.folds) == ("posted", at("9:00"), 0)
    assert known(line, number).next_at == at("2026-11-27 9:00")


def test_what_is_said_while_it_is_made_is_told_by_the_next_one(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    for words in ("The pump runs again since a new filter was put in", "Its oil was changed as well today"):
        line.playground.post_as(line.bob, line.town, words)
    look(line, "9:00", show=show)
    assert "8 of 8 messages read" in summary(line, line.ann)
    look(line, "2026-11-27 8:30", "2026-11-27 9:00", show=show)
    assert "2 of 2 messages read" in summary(line, line.ann)
    first, second = runs(line, number)
    assert second.since == first.until + 1


def test_many_at_once_are_begun_one_after_the_other_in_order_of_their_numbers(line: Line, show: Show) -> None:
    numbers = [at_nine(line, who, [line.town]) for who in (line.ann, line.bob, line.carol)]
    show("8:30")
    tick.tick(line.worker.database)
    with line.worker.database.read() as session:
        jobs = list(session.scalars(select(Job).where(Job.kind == "prepare").order_by(Job.run_at)))
    assert [job.request_id for job in jobs] == [runs(line, number)[0].request_id for number in numbers]
    assert [job.run_at for job in jobs] == [at("8:47"), at("8:51"), at("8:55")]


def test_none_is_begun_earlier_than_half_an_hour_before_its_time() -> None:
    work = [(at("9:00"), number, 120.0) for number in range(1, 201)]
    begun = tick.begins_at(work)
    assert min(begun.values()) == at("8:30")
    assert begun[at("9:00"), 200] == at("8:55")
    assert sorted(begun, key=lambda each: (begun[each], each)) == [(each, number) for each, number, _ in work]


def test_one_that_is_due_later_does_not_have_an_earlier_one_begun_sooner() -> None:
    begun = tick.begins_at([(at("9:00"), 1, 60.0), (at("9:20"), 2, 60.0)])
    assert begun == {(at("9:00"), 1): at("8:57"), (at("9:20"), 2): at("9:17")}


def test_how_long_it_took_decides_when_the_next_one_is_begun(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:00", show=show)
    assert known(line, number).seconds == 1.0  # the clock stood still meanwhile
    show("2026-11-27 8:30")
    tick.tick(line.worker.database)
    with line.worker.database.read() as session:
        job = session.scalars(select(Job).where(Job.kind == "prepare", Job.state == "queued")).one()
    assert job.run_at == at("2026-11-27 8:58:58")


# Nobody there


def test_after_downtime_one_digest_tells_of_the_whole_gap_and_says_so(line: Line, show: Show, log: Kept) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "2026-11-28 11:00", show=show)
    (run,) = runs(line, number)
    assert (run.key, run.folds, run.state) == ("2026-11-28T09:00", 2, "posted")
    assert "*late: it was due 09:00 · it makes up for 2 before it that could not be made*" in summary(line, line.ann)
    assert known(line, number).late == 1
    assert any("a digest was late" in each and '"seconds": 7200' in each.replace("'", '"') for each in log.lines)
    assert known(line, number).next_at == at("2026-11-29 9:00")


def test_back_before_the_next_time_it_comes_at_that_time_and_is_not_late(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "2026-11-27 8:45", "2026-11-27 8:59", show=show)
    assert line.private_answers(line.ann) == []
    look(line, "2026-11-27 9:00", show=show)
    (run,) = runs(line, number)
    assert (run.key, run.folds) == ("2026-11-27T09:00", 1)
    assert "late:" not in summary(line, line.ann)
    assert known(line, number).late == 0


def test_where_mattermost_is_down_at_its_time_it_comes_when_it_is_back_and_says_that_it_is_late(
    line: Line, show: Show
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    down = line.playground.faults.add("/api/v4/", status=503, times=10_000)
    look(line, "9:00", "9:02", show=show)
    down.times = 0
    look(line, "9:30", show=show)
    assert "late: it was due 09:00" in summary(line, line.ann)
    assert known(line, number).late == 1


def test_five_minutes_are_not_late_yet(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:05", show=show)
    assert "late" not in summary(line, line.ann)
    assert known(line, number).late == 0


# Once


def test_a_clock_that_is_set_back_an_hour_brings_none_a_second_time(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:00", "8:00", "8:30", "9:00", "9:30", show=show)
    assert states(line, number) == ["posted"]
    assert len(line.private_answers(line.ann)) == 1


def test_a_scheduler_that_dies_after_planning_one_of_two_leaves_the_other_to_the_next(
    line: Line, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (at_nine(line, who, [line.town]) for who in (line.ann, line.bob))
    show("8:30")
    planned, _begins = tick._due(line.worker.database)
    tick._plan(line.worker.database, planned[0], at("8:50"))
    tick.tick(line.worker.database)
    tick._plan(line.worker.database, planned[1], at("8:50"))  # somebody who has slept since it looked
    assert [len(runs(line, number)) for number in (first, second)] == [1, 1]


def test_whoever_looks_says_so(line: Line, show: Show) -> None:
    look(line, "8:10", show=show)
    with line.worker.database.read() as session:
        assert session.scalars(select(Installation.ticked_at)).one() == at("8:10")


# Two of one


def test_a_second_one_waits_until_the_first_is_posted_and_goes_on_from_it(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    line.playground.post_as(line.bob, line.town, "The pump runs again since a new filter was put in")
    line.playground.post_as(line.bob, line.town, "Its oil was changed as well today")
    due(line, number, "typed", class_=queue.PERSON)
    assert line.private_answers(line.ann) == []
    look(line, "9:00", show=show)
    line.hurry()
    line.settle()
    first, second = runs(line, number)
    assert {first.key, second.key} == {f"{at('9:00'):%Y-%m-%dT%H:%M}", "typed"}
    assert min(first.since, second.since) < max(first.since, second.since) == min(first.until, second.until) + 1
    assert "2 of 2 messages read" in summary(line, line.ann)


def test_a_look_ahead_keeps_none_waiting_and_moves_nothing(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", show=show)
    due(line, number, "look", preview=True, class_=queue.PERSON)
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert known(line, number).read_until == 0
    look(line, "9:00", show=show)
    assert len(line.private_answers(line.ann)) == 2
    assert known(line, number).read_until > 0


# Quiet


def test_of_fewer_than_five_messages_by_people_nothing_is_told_until_there_are_more(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], quiet=5)
    others = line.playground.add_bot("alerts")
    line.playground.join(others, line.town)
    for count in range(4):
        line.playground.post_as(line.bob, line.town, WORDS.format(count, 1, 2))
        line.playground.post_as(others, line.town, WORDS.format(count, 3, 4))
        line.playground.post_as(line.bob, line.town, "From a hook", props={"from_webhook": "true"})
    look(line, "8:30", "8:55", "9:00", show=show)
    assert states(line, number) == ["quiet"]
    assert found(line, line.ann) == ""
    assert not line.model.history
    line.playground.post_as(line.ann, line.town, WORDS.format(5, 5, 5))
    look(line, "2026-11-27 8:30", "2026-11-27 8:59", "2026-11-27 9:00", show=show)
    assert states(line, number) == ["quiet", "posted"]
    assert "13 of 13 messages read" in summary(line, line.ann)


def test_the_messages_of_all_its_channels_are_counted_together(line: Line, show: Show) -> None:
    dock = line.playground.add_channel("O", "dock", members=(line.ann, line.bob, line.bot))
    number = at_nine(line, line.ann, [line.town, dock], quiet=5)
    for place, channel in enumerate((line.town, line.town, dock, dock, dock)):
        line.playground.post_as(line.bob, channel, WORDS.format(place, 1, 2))
    look(line, "8:30", "8:55", "9:00", show=show)
    assert states(line, number) == ["posted"]


def test_nobody_hears_of_one_that_has_nothing_at_all_to_tell_but_who_has_typed_for_it(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:00", show=show)
    assert (states(line, number), found(line, line.ann)) == (["quiet"], "")
    due(line, number, "typed", class_=queue.PERSON)
    assert f"There is nothing for digest #{number} to tell" in summary(line, line.ann)


# Below what people want


def test_a_question_waits_for_one_part_of_it_and_so_does_a_summary(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [line.town])
    with line.worker.database.write() as session:
        now = clock(session)
        tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    while line.step("admit"):
        pass
    claimed = line.claim("model:tiny")
    assert claimed
    line.say(line.bob, "ask What is a pallet?")
    line.say(line.carol, "summarize channel --kind brief")
    while line.step("admit"):
        pass
    lanes.do(line.worker, claimed)
    line.settle()
    asked = [
        "question" if "pallet?" in one.question else "brief" if "3 lines" in one.system else "digest"
        for one in line.model.history
    ]
    assert asked[0] == "digest"
    assert asked.count("digest") > 3
    assert "digest" not in asked[1 : 2 + asked.count("brief")]
    assert states(line, number) == ["posted"]


def test_two_of_them_do_not_give_way_to_each_other(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    numbers = [digest(line, who, [line.town], language=name) for who, name in ((line.ann, ""), (line.bob, "French"))]
    with line.worker.database.write() as session:
        now = clock(session)
        for number in numbers:
            tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    line.settle()
    languages = ["French" in one.system for one in line.model.history]
    assert languages == sorted(languages)
    assert set(languages) == {False, True}


def test_it_gives_way_again_and_again_and_keeps_its_place_among_its_like(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    numbers = [digest(line, who, [line.town], language=name) for who, name in ((line.ann, ""), (line.bob, "French"))]
    with line.worker.database.write() as session:
        now = clock(session)
        for number in numbers:
            tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    while line.step("admit"):
        pass
    for _ in range(3):
        line.say(line.carol, "ask What is a pallet?")
        line.step("admit")
        line.step("model:tiny")  # a part of the first one, or the question
        line.step("model:tiny")
    line.settle()
    parts = ["French" in one.system for one in line.model.history if "pallet?" not in one.question]
    assert parts == sorted(parts)


def test_a_hundred_that_wait_take_no_room_and_no_place_from_anybody(line: Line, show: Show) -> None:
    for _ in range(100):
        at_nine(line, line.ann, [line.town])
    show("8:30")
    tick.tick(line.worker.database)
    said = line.say(line.ann, "ask Why?")
    assert "questions waiting" not in said.text
    assert "in line" not in said.text
    assert "Stopped" in line.say(line.ann, "stop").text
    assert "nothing to stop" in line.say(line.ann, "stop").text
    with line.worker.database.read() as session:
        assert len(list(session.scalars(select(Job).where(Job.kind == "prepare", Job.state == "queued")))) == 100


def test_what_it_takes_of_the_model_counts_against_nobody(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    line.model.enqueue(Step(WRITTEN, delay_ms=300))
    due(line, number)
    line.model.enqueue("It is.", "It is.")
    line.say(line.ann, "ask Is it?")
    line.say(line.bob, "ask Is it?")
    line.settle()
    people = [job.person_id for job in _by_claim(line)]
    assert people == [line.ann["id"], line.bob["id"]]


def _by_claim(line: Line) -> list[Job]:
    with line.worker.database.read() as session:
        return list(session.scalars(select(Job).where(Job.kind == "answer").order_by(Job.started_at)))


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
    change(line, number, line="0 10 * * *", next_at=at("10:00"), next_key="2026-11-26T10:00")
    look(line, "8:55", "9:00", "9:30", "9:55", show=show)
    assert line.private_answers(line.ann) == []
    look(line, "10:00", show=show)
    assert states(line, number) == ["stopped", "posted"]


def test_a_time_that_was_changed_and_changed_back_comes_once(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    change(line, number, next_at=at("9:00"), next_key="2026-11-26T09:00")
    look(line, "8:40", "8:55", "9:00", show=show)
    assert states(line, number) == ["posted"]
    assert known(line, number).next_at == at("2026-11-27 9:00")


def test_what_was_changed_after_it_was_planned_holds_for_it(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    line.playground.make_channel_admin(line.ann, line.town)
    change(line, number, to_channel=line.town["id"], kind="decisions")
    look(line, "8:55", "9:00", show=show)
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


def test_one_that_is_stopped_in_its_middle_tells_what_was_read_and_the_next_one_goes_on_there(line: Line) -> None:
    trucks(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [line.town])
    with line.worker.database.write() as session:
        now = clock(session)
        request_id = tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    while line.step("admit"):
        pass
    claimed = line.claim("model:tiny")
    assert claimed
    _stop_after_one_part(line, request_id)
    lanes.do(line.worker, claimed)
    line.settle()
    assert "stopped: this is what was read until then" in summary(line, line.ann)
    (run,) = runs(line, number)
    read = [post for post in line.playground.posts(line.town) if post["create_at"] <= run.until]
    assert run.state == "posted"
    assert f"*{len(read)} of 60 messages read" in summary(line, line.ann)
    assert 0 < len(read) < 60
    due(line, number, "2026-11-27T09:00")
    assert f"{60 - len(read)} of {60 - len(read)} messages read" in summary(line, line.ann)


def _stop_after_one_part(line: Line, request_id: str) -> None:
    original = line.model.generate

    def generate(*given: object) -> object:
        yield from original(*given)  # type: ignore[arg-type]
        with line.worker.database.write() as session:
            queue.stop(session, request_id)

    line.model.generate = generate  # type: ignore[assignment, method-assign]


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


def told(line: Line, number: int, moment: datetime) -> int:
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
        told(line, brief, moment)
    days = [
        [told(line, hourly, at(f"{hour}:00") + timedelta(days=day)) for hour in (9, 15, 21)][-1] for day in range(3)
    ]
    mine = tick.payload(known(line, weekly), 0, alone=True).but(sources=(Source(line.town["id"]),))
    show("2026-12-03 9:00")
    assert digests.breaks(line.worker, mine) == days
    show("2026-12-11 21:30")  # what was noted on the first two days is gone by now
    assert digests.breaks(line.worker, mine) == days[2:]
