"""A digest is planned before its time, made so that it is ready, and posted at the time itself: once, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from mmapp.db import clock
from mmapp.jobs import allowed, prepare, queue, tick
from mmapp.models import Digest, Installation, Job
from tests.line import Line, expire
from tests.scenarios.conftest import Kept
from tests.scenarios.digesting import (
    Show,
    admitted,
    at,
    at_nine,
    due,
    known,
    look,
    runs,
    states,
)
from tests.scenarios.summaries import summary, talk
from tests.scenarios.test_counts import calls

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


def lateness(log: Kept) -> list[int]:
    """By how many seconds digests were late, as the log has it."""
    told = [each for each in log.lines if "a digest was late" in each]
    return [int(re.findall(r"seconds\W+(\d+)", each)[0]) for each in told]


def test_after_downtime_one_digest_tells_of_the_whole_gap_and_says_so(line: Line, show: Show, log: Kept) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "2026-11-28 11:00", show=show)
    (run,) = runs(line, number)
    assert (run.due_at, run.folds, run.state) == (at("2026-11-28 9:00"), 2, "posted")
    said = " · late: it was due 09:00 and makes up for 2 earlier ones, the first of them due Thu 09:00*"
    assert said in summary(line, line.ann)
    assert known(line, number).late == 1
    assert lateness(log) == [50 * 3600]
    assert known(line, number).next_at == at("2026-11-29 9:00")


def test_back_before_the_next_time_it_comes_at_that_time_and_says_since_when_it_is_late(
    line: Line, show: Show, log: Kept
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "2026-11-27 8:45", "2026-11-27 8:59", show=show)
    assert line.private_answers(line.ann) == []
    look(line, "2026-11-27 9:00", show=show)
    (run,) = runs(line, number)
    assert (run.due_at, run.folds) == (at("2026-11-27 9:00"), 1)
    assert " · late: it makes up for 1 earlier one, due Thu 09:00*" in summary(line, line.ann)
    assert known(line, number).late == 1
    assert lateness(log) == [24 * 3600]


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


@pytest.mark.parametrize(
    ("made", "tried", "said"),
    [
        (
            ("2026-11-27 8:45", "2026-11-27 8:59"),
            "2026-11-27 9:00",
            "it was due 09:00 and makes up for 1 earlier one, due Thu 09:00",
        ),
        (("8:30", "8:55"), "9:10", "it was due Thu 09:00"),
    ],
)
def test_however_often_its_posting_is_tried_it_says_once_how_late_it_is(
    line: Line, show: Show, made: tuple[str, ...], tried: str, said: str
) -> None:
    talk(line)
    at_nine(line, line.ann, [line.town])
    look(line, *made, show=show)
    down = line.playground.faults.add("/api/v4/", status=503, times=10_000)
    look(line, tried, "2026-11-27 9:00", show=show)
    down.times = 0
    look(line, "2026-11-27 9:30", show=show)
    _read, _until, *delay = summary(line, line.ann).split("\n")[1].split(" · ")
    assert delay == [f"late: {said}*"]


def test_it_says_so_also_where_somebody_has_written_the_very_same(line: Line, show: Show) -> None:
    for _ in range(2):
        line.playground.post_as(line.bob, line.town, "The ferry was late: it was due 09:00 in the harbour.")
    line.model.steps = []
    line.model.enqueue("The ferry was late: it was due 09:00 in the harbour. [1]\n")
    at_nine(line, line.ann, [line.town])
    look(line, "9:10", show=show)
    verdict, receipt, *_ = summary(line, line.ann).split("\n")
    assert "late: it was due 09:00" in verdict
    assert receipt.endswith(" · late: it was due 09:00*")


def test_one_that_is_late_and_quiet_or_failed_is_found_in_the_log_as_well(
    line: Line, show: Show, log: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = at_nine(line, line.ann, [line.town], quiet=5)
    look(line, "12:00", show=show)

    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(allowed, "require_privately", broken)
    failed = at_nine(line, line.bob, [line.town])
    look(line, "12:00", show=show)
    assert (states(line, quiet), states(line, failed)) == (["quiet"], ["failed"])
    told = [each.replace("'", '"') for each in log.lines if "a digest was late" in each]
    assert ['"ended": "quiet"' in each for each in told] == [True, False]
    assert ['"ended": "failed"' in each for each in told] == [False, True]
    assert all('"seconds": 10800' in each for each in told)
    assert (known(line, quiet).late, known(line, failed).late) == (0, 0)  # of those that were posted, none


def test_one_that_was_typed_for_has_no_time_to_be_late_for(line: Line, show: Show, log: Kept) -> None:
    number = at_nine(line, line.ann, [line.town])
    with line.worker.database.write() as session:
        now = clock(session)
        tick.enqueue(session, session.get_one(Digest, number), "run", now, now=now, class_=queue.PERSON)
    show("8:20")
    line.settle()
    assert states(line, number) == ["quiet"]
    assert not any("a digest was late" in each for each in log.lines)


def test_five_minutes_are_not_late_yet(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:05", show=show)
    assert "late" not in summary(line, line.ann)
    assert known(line, number).late == 0


# Nobody to make it


def pumps(line: Line, count: int = 6) -> None:
    """So much more is said in the town."""
    for number in range(count):
        line.playground.post_as(
            line.bob, line.town, f"Pump {number} runs again since a new filter was put into it today"
        )


def hours(line: Line, show: Show, first: int, last: int) -> None:
    """The scheduler looks in each of these hours, at half past, and no worker is there."""
    for hour in range(first, last + 1):
        show(f"{hour}:30")
        tick.tick(line.worker.database)


def test_of_those_that_no_worker_was_there_for_the_newest_is_made_and_says_how_many_it_makes_up_for(
    line: Line, show: Show
) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], line="0 * * * *")
    hours(line, show, 8, 11)
    show("12:10")
    admitted(line)
    assert states(line, number) == ["folded", "folded", "folded", "planned"]
    line.settle()
    pumps(line)
    look(line, "12:11", "12:20", show=show)
    assert states(line, number) == ["folded", "folded", "folded", "posted"]
    said = "late: it was due 12:00 and makes up for 3 earlier ones, the first of them due 09:00*"
    assert said in summary(line, line.ann)
    assert len(line.private_answers(line.ann)) == 1


def test_one_that_begins_before_its_time_makes_up_for_those_that_nobody_has_begun(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], line="0 * * * *")
    down = line.playground.faults.add("/api/v4/", status=503, times=10_000)
    look(line, "8:30", "8:55", show=show)
    hours(line, show, 9, 9)
    with line.worker.database.write() as session:  # the first is tried again later than the second is begun
        first = session.scalars(select(Job).where(Job.request_id == runs(line, number)[0].request_id)).one()
        first.run_at = at("9:57")
    down.times = 0
    look(line, "9:55", "9:58", "10:00", show=show)
    assert states(line, number) == ["folded", "posted"]
    assert " · late: it makes up for 1 earlier one, due 09:00*" in summary(line, line.ann)


def test_what_somebody_has_typed_for_makes_up_for_none_and_none_makes_up_for_it(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    show("8:30")
    tick.tick(line.worker.database)
    show("9:10")
    for key, preview in (("typed", False), ("look", True)):
        due(line, number, key, preview=preview, class_=queue.PERSON)
    assert {run.key: (run.state, run.folds) for run in runs(line, number)} == {
        "2026-11-26T09:00Z": ("quiet", 0),
        "typed": ("posted", 0),
        "look": ("quiet", 0),
    }


def test_one_whose_worker_died_after_its_window_was_opened_is_made_by_another(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town])
    show("8:56")
    tick.tick(line.worker.database)
    claimed = line.claim("admit")
    assert claimed
    assert prepare._window(line.worker, claimed, known(line, number))
    expire(line)
    look(line, "8:58", "9:00", show=show)
    assert states(line, number) == ["posted"]


def test_one_that_waits_for_the_one_before_asks_mattermost_for_nothing(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], line="0 * * * *")
    hours(line, show, 8, 8)
    show("8:56")
    admitted(line)  # its summary waits for the model
    hours(line, show, 9, 11)
    show("12:01")
    with calls(line) as made:
        admitted(line)
    assert made == []
    assert states(line, number) == ["planned", "folded", "folded", "planned"]
    look(line, "12:02", "12:03", show=show)
    assert states(line, number) == ["posted", "folded", "folded", "quiet"]


def test_what_of_a_crowd_is_still_to_be_written_counts_for_those_that_are_begun_before_it(
    line: Line, show: Show
) -> None:
    talk(line)
    for who in (line.ann, line.bob):
        at_nine(line, who, [line.town], seconds=300.0)
    show("8:39")
    tick.tick(line.worker.database)
    admitted(line)  # 9:00 less twice ten minutes and a minute: one is begun, and its summary waits
    at_nine(line, line.carol, [line.town], line="58 8 * * *", next_at=at("8:58"), seconds=60.0)
    tick.tick(line.worker.database)
    with line.worker.database.read() as session:
        wanted = select(Job.run_at).where(Job.kind == "prepare", Job.person_id == line.carol["id"])
        assert session.scalars(wanted).one() == at("8:37")  # 9:00 less 10, 10 and 2 minutes, and one to spare


# Once


def test_a_zone_whose_rules_have_changed_since_it_was_planned_brings_a_time_once(line: Line, show: Show) -> None:
    talk(line)
    number = at_nine(line, line.ann, [line.town], next_at=at("8:00"))  # by the old rules the wall showed nine then
    look(line, "7:40", "8:00", "8:40", "9:00", show=show)
    assert [run.due_at for run in runs(line, number)] == [at("8:00")]
    assert known(line, number).next_at == at("2026-11-27 9:00")


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
    assert {first.key, second.key} == {"2026-11-26T09:00Z", "typed"}
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
