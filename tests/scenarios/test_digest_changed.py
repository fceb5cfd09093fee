"""A digest is changed, paused or goes on while one of it is planned, made or late: nothing comes by what was set before, no time
is lost by it, and what is announced comes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mmapp.db import clock
from mmapp.jobs import engines, lanes, tick
from mmapp.models import ModelRecord
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import Show, admitted, at, at_nine, change, known, look, runs, states
from tests.scenarios.ordering import demote, typed
from tests.scenarios.summaries import found, summary, talk
from tests.scenarios.test_delete import kept

THURSDAYS = "0 9 * * thu"
TRIES = ("9:01:02", "9:01:10", "9:01:30", "9:02")  # when a delivery is tried again, after 2 s and 5 and 15


@pytest.fixture(autouse=True)
def _talk(line: Line) -> None:
    talk(line)


def planned(line: Line, show: Show) -> None:
    """The scheduler has looked at half past eight, and nothing is done yet."""
    show("8:30")
    tick.tick(line.worker.database)


def written(line: Line, show: Show) -> None:
    """It is a minute late, and its words wait to be posted."""
    planned(line, show)
    show("9:01")
    admitted(line)
    assert line.step("model:tiny")


def typed_meanwhile(line: Line, who: Doc, words: str) -> str:
    """Type it, and have nothing done but that; what is said by then."""
    line.say(who, f"digest {words}")
    while line.step("admit", "notify"):
        pass
    return "\n".join(line.told(who)[-1:])


# Before its time


def test_one_that_was_paused_and_goes_on_before_its_time_comes_at_its_time(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    demote(line, line.ann)
    look(line, "8:30", "8:55", show=show)
    assert (states(line, number), known(line, number).why) == (["failed"], "rights")
    line.playground.make_channel_admin(line.ann, line.town)
    show("8:56")
    assert "Its next times: Today, Thursday 26 November, 09:00" in typed(line, line.ann, "resume 1")
    look(line, "8:57", "9:00", show=show)
    assert states(line, number) == ["posted", "failed"]


def test_one_that_was_too_quiet_and_may_be_now_comes_at_its_time(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], quiet=99)
    look(line, "8:30", "8:55", show=show)
    assert states(line, number) == ["quiet"]
    show("8:56")
    assert "Its next times: Today, Thursday 26 November, 09:00" in typed(line, line.ann, "edit 1 --quiet 0")
    look(line, "8:57", "9:00", show=show)
    assert states(line, number) == ["posted", "quiet"]


def test_one_that_no_model_could_write_comes_at_its_time_once_it_has_another(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    show("8:54")
    _set_fault(line, "It cannot be loaded.")
    look(line, "8:54", "8:55", show=show)
    assert states(line, number) == ["failed"]
    _set_fault(line, "")
    show("8:56")
    assert "09:00" in typed(line, line.ann, "edit 1 --model tiny")
    look(line, "8:57", "9:00", show=show)
    assert states(line, number) == ["posted", "failed"]


def _set_fault(line: Line, fault: str) -> None:
    with line.worker.database.write() as session:
        for record in session.scalars(select(ModelRecord)):
            record.fault, record.retry_at = fault, clock(session) + engines.REST if fault else None


def test_a_time_that_was_changed_and_changed_back_comes_once(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", show=show)
    typed(line, line.ann, "edit 1 10:00")
    typed(line, line.ann, "edit 1 9:00")
    look(line, "8:40", "8:55", "9:00", "9:30", "10:00", show=show)
    assert states(line, number) == ["posted", "stopped"]
    assert known(line, number).next_at == at("2026-11-27 9:00")


# Where it was late


def test_an_answer_that_is_written_already_is_not_posted_where_it_was_to_be(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    written(line, show)
    said = typed_meanwhile(line, line.ann, "edit 1 --to me")
    assert "The one that was due today, Thursday 26 November, 09:00, is late: it comes as soon as it can" in said
    look(line, "9:02", show=show)
    assert line.answers(line.town) == []
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert states(line, number) == ["posted", "stopped"]


def test_nor_is_one_that_somebody_has_typed_for_and_they_are_told_so(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    typed_meanwhile(line, line.ann, "run 1")
    assert line.step("model:tiny")
    typed_meanwhile(line, line.ann, "edit 1 --to me")
    look(line, "8:01", show=show)
    assert line.answers(line.town) == []
    assert states(line, number) == ["stopped"]
    assert "so that one does not come. `/ai digest run 1` makes one as it is now." in found(line, line.ann)


def test_how_one_is_told_that_somebody_has_typed_for_may_change_meanwhile(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    typed_meanwhile(line, line.ann, "run 1")
    typed_meanwhile(line, line.ann, "edit 1 --length short")
    look(line, "8:01", show=show)
    assert states(line, number) == ["posted"]


def test_what_is_being_posted_comes_before_the_change_is_answered(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    written(line, show)
    claimed = line.claim("post")
    assert claimed
    for words in ("edit 1 --to me", "pause 1", "remove 1"):
        assert typed_meanwhile(line, line.ann, words) == ""
    assert (known(line, number).to_channel, known(line, number).state) == (line.town["id"], "active")
    lanes.do(line.worker, claimed)
    assert len(line.answers(line.town)) == 1
    look(line, "9:01:01", show=show)
    assert "to you alone" in "\n".join(line.told(line.ann))
    assert (known(line, number).to_channel, known(line, number).state) == ("", "removed")
    assert states(line, number) == ["posted"]


def test_no_word_is_kept_of_what_is_taken_back(line: Line, show: Show) -> None:
    at_nine(line, line.ann, [line.town], line.town)
    written(line, show)
    assert "The checkout was down" in kept(line)
    typed_meanwhile(line, line.ann, "edit 1 --kind actions")
    assert line.step("post")
    assert "The checkout was down" not in kept(line)
    assert line.answers(line.town) == []


def test_what_mattermost_has_not_taken_is_not_posted_once_it_is_changed(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    written(line, show)
    down = line.playground.faults.add("POST /api/v4/posts$", status=503, times=10_000)
    assert line.step("post")
    down.times = 0
    typed_meanwhile(line, line.ann, "edit 1 --to me")
    look(line, *TRIES, show=show)
    assert line.answers(line.town) == []
    assert states(line, number) == ["posted", "stopped"]


def unanswered(line: Line, show: Show, number: int, *, edits: bool) -> None:
    """Mattermost has taken its post, a headline or where it takes no `edits` all of it, and nobody knows."""
    line.playground.server.settings["PostEditTimeLimit"] = -1 if edits else 60
    written(line, show)
    line.playground.faults.add("POST /api/v4/posts$", drop="after")
    assert line.step("post")
    assert len(line.answers(line.town)) == 1
    assert states(line, number) == ["planned"]


@pytest.mark.parametrize("edits", [True, False])
@pytest.mark.parametrize("words", ["edit 1 --to me", "pause 1", "remove 1"])
def test_what_it_has_taken_without_an_answer_is_taken_away(line: Line, show: Show, words: str, *, edits: bool) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    unanswered(line, show, number, edits=edits)
    typed_meanwhile(line, line.ann, words)
    look(line, *TRIES, show=show)
    assert line.answers(line.town) == []
    assert states(line, number) == (["posted", "stopped"] if "edit" in words else ["stopped"])


def test_and_stands_there_once_where_it_was_paused_and_goes_on(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town, line=THURSDAYS)
    unanswered(line, show, number, edits=False)
    for words in ("pause 1", "resume 1"):
        typed_meanwhile(line, line.ann, words)
    look(line, *TRIES, show=show)
    assert len(line.answers(line.town)) == 1
    assert states(line, number) == ["posted", "stopped"]


@pytest.mark.parametrize(("edits", "state"), [(True, "stopped"), (False, "posted")])
def test_what_stands_there_whole_has_come_though_something_is_wrong_by_then(
    line: Line, show: Show, state: str, *, edits: bool
) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    unanswered(line, show, number, edits=edits)
    change(line, number, state="paused", why="rights")
    look(line, *TRIES, show=show)
    assert len(line.answers(line.town)) == (not edits)
    assert states(line, number) == [state]


def test_and_stays_as_it_is_however_late_that_is_found(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line.town)
    unanswered(line, show, number, edits=False)
    (before,) = line.posts(line.town)
    look(line, "9:20", show=show)
    (post,) = line.posts(line.town)
    assert (post["id"], post["message"]) == (before["id"], before["message"])
    assert states(line, number) == ["posted"]


def test_one_that_is_paused_while_it_is_late_and_goes_on_comes_at_once(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line=THURSDAYS)
    written(line, show)
    typed_meanwhile(line, line.ann, "pause 1")
    look(line, "9:10", show=show)
    assert states(line, number) == ["stopped"]
    show("9:11")
    assert "The one that was due today, Thursday 26 November, 09:00, is late" in typed(line, line.ann, "resume 1")
    look(line, "9:12", show=show)
    assert states(line, number) == ["posted", "stopped"]
    assert "late: it was due 09:00" in summary(line, line.ann)
    assert known(line, number).next_at == at("2026-12-03 9:00")


def test_what_it_makes_up_for_is_still_said_once_it_is_changed(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    show("2026-11-28 11:00")
    tick.tick(line.worker.database)
    typed_meanwhile(line, line.ann, "edit 1 --length short")
    look(line, "2026-11-28 11:01", show=show)
    said = "late: it was due 09:00 and makes up for 2 earlier ones, the first of them due Thu 09:00*"
    assert said in summary(line, line.ann)
    assert states(line, number) == ["posted", "stopped"]
    talk(line)
    look(line, "2026-11-29 8:30", "2026-11-29 9:00", show=show)
    assert (runs(line, number)[-1].folds, states(line, number)[-1]) == (0, "posted")


def test_and_since_when_by_the_times_that_it_had_then(line: Line, show: Show) -> None:
    at_nine(line, line.ann, [line.town], line="0 * * * *")
    show("11:10")
    tick.tick(line.worker.database)
    typed_meanwhile(line, line.ann, "edit 1 daily 11:00")
    look(line, "11:11", show=show)
    said = "late: it was due 11:00 and makes up for 2 earlier ones, the first of them due 09:00*"
    assert said in summary(line, line.ann)


# Where nobody was there


@pytest.mark.parametrize("words", [("edit 1 --length short",), ("pause 1", "resume 1")])
def test_a_time_that_nobody_kept_is_made_up_for_though_it_is_changed(
    line: Line, show: Show, words: tuple[str, ...]
) -> None:
    number = at_nine(line, line.ann, [line.town], line=THURSDAYS)
    show("9:30")
    said = [typed(line, line.ann, each) for each in words][-1]
    assert "The one that was due today, Thursday 26 November, 09:00, is late" in said
    assert "late: it was due today, Thursday 26 November, 09:00" in typed(line, line.ann, "list")
    assert "is late: it comes" in typed(line, line.ann, "show 1")
    look(line, "9:40", show=show)
    assert states(line, number) == ["posted"]
    assert "next: Thursday 3 December, 09:00" in typed(line, line.ann, "list")


def test_a_time_that_it_has_no_more_is_not(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line=THURSDAYS)
    show("9:30")
    assert "late" not in typed(line, line.ann, "edit 1 every friday 9:00")
    look(line, "9:40", show=show)
    assert runs(line, number) == []


def test_what_passes_while_it_is_paused_is_not_made_up_for(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town], line=THURSDAYS)
    typed(line, line.ann, "pause 1")
    show("9:30")
    assert "late" not in typed(line, line.ann, "resume 1")
    look(line, "9:40", show=show)
    assert runs(line, number) == []


def test_nor_is_what_was_late_when_it_was_paused_and_another_time_has_come_since(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    show("9:30")
    typed(line, line.ann, "pause 1")
    show("2026-11-28 10:00")
    assert "late" not in typed(line, line.ann, "resume 1")
    look(line, "2026-11-28 10:01", show=show)
    assert runs(line, number) == []


# Who travels, and clocks


@pytest.mark.parametrize(
    ("zone", "next_at"),
    [
        ("America/New_York", "14:00"),
        ("Europe/Lisbon", "2026-11-27 9:00"),
        ("Asia/Kathmandu", "2026-11-27 3:15"),
        ("Pacific/Honolulu", "19:00"),
    ],
)
def test_nine_of_another_place_is_another_time(line: Line, show: Show, zone: str, next_at: str) -> None:
    number = at_nine(line, line.ann, [line.town])
    look(line, "8:30", "8:55", "9:00", show=show)
    talk(line)
    show("9:10")
    typed(line, line.ann, f"edit 1 --zone {zone}")
    assert known(line, number).next_at == at(next_at)
    day, _, hour = f"{at(next_at):%Y-%m-%d %H:%M}".rpartition(" ")
    before = f"{day} {int(hour[:2]) - 1}:{hour[3:]}"
    look(line, before, f"{day} {hour}", show=show)
    assert [run.due_at for run in runs(line, number)] == [at("9:00"), at(next_at)]
    assert states(line, number) == ["posted", "posted"]


@pytest.mark.parametrize("words", ["edit 1 --length short", "edit 1 --zone Europe/Lisbon", "edit 1 weekdays 11:00"])
def test_a_clock_that_is_set_back_brings_none_again_though_it_is_changed(line: Line, show: Show, words: str) -> None:
    number = at_nine(line, line.ann, [line.town], line="0 * * * *")
    look(line, "11:10", show=show)  # those of 9:00 and 10:00 have no runs of their own
    show("9:30")
    next_one = "Tomorrow, Friday 27 November, 11:00" if "weekdays" in words else "Today, Thursday 26 November, 12:00"
    assert f"Its next times: {next_one}" in typed(line, line.ann, words)
    look(line, "9:40", "10:00", "10:40", "11:00", "11:20", show=show)
    assert [(run.due_at, run.state) for run in runs(line, number)] == [(at("11:00"), "posted")]


def test_a_clock_that_ran_ahead_once_silences_none(line: Line, show: Show) -> None:
    number = at_nine(line, line.ann, [line.town])
    show("2027-11-25 9:00")
    tick.tick(line.worker.database)
    assert known(line, number).next_at == at("2027-11-26 9:00")
    look(line, "8:20", show=show)
    assert "next: today, Thursday 26 November, 09:00" in typed(line, line.ann, "list")
    look(line, "8:30", "8:55", "9:00", show=show)
    talk(line)
    look(line, "2026-11-27 8:30", "2026-11-27 9:00", show=show)
    assert [run.due_at for run in runs(line, number) if run.state == "posted"] == [at("9:00"), at("2026-11-27 9:00")]


def test_until_it_is_set_right_what_comes_next_is_told_as_it_stands(line: Line, show: Show) -> None:
    at_nine(line, line.ann, [line.town])
    show("2027-11-25 9:00")
    tick.tick(line.worker.database)
    show("8:20")
    assert "next: Thursday 25 November 2027, 09:00" in typed(line, line.ann, "list")
