"""`/ai digest` with one that is there: pausing and going on, changing, one now, removing; and what was made ahead of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from mmapp.db import clock
from mmapp.jobs import tick as planner
from mmapp.models import Digest, DigestItem, DigestRun
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import THURSDAY, only, stand_still, typed
from tests.scenarios.summaries import WRITTEN, found, summary, talk
from tests.scenarios.test_times import lives_in

KATHMANDU = "Asia/Kathmandu"  # 5:45 hours from UTC


@pytest.fixture(autouse=True)
def at_noon(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday 26 November 2026, 12:00 in UTC; ann lives in Kathmandu."""
    stand_still(line, monkeypatch)
    lives_in(line, line.ann, KATHMANDU)


@pytest.fixture
def ops(line: Line) -> Doc:
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot), display_name="Operations")


def planned(line: Line, number: int, due_at: datetime, key: str) -> str:
    """A scheduler has planned a time ahead, and a worker has made all that can be made before it; the request's id."""
    with line.worker.database.write() as session:
        found = session.get_one(Digest, number)
        request_id = planner.enqueue(session, found, key, due_at, now=clock(session))
    line.model.enqueue(WRITTEN)
    line.settle()
    return request_id


# Pausing and going on


def test_a_paused_one_goes_on_from_where_it_was(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(line, line.ann, "daily 08:30")
    read_until = only(line).read_until
    said = typed(line, line.ann, "pause 1")
    assert "Digest #1 is paused. What is said meanwhile is not lost" in said
    assert (only(line).state, only(line).why) == ("paused", "asked")
    assert "is paused already" in typed(line, line.ann, "pause #1")
    stand_still(line, monkeypatch, THURSDAY + timedelta(days=3))
    said = typed(line, line.ann, "resume 1")
    assert "Digest #1 goes on. Its next times: Tomorrow, Monday 30 November, 08:30 ·" in said
    assert "The next one tells of all that was said since Thursday 26 November, 08:30." in said
    assert (only(line).state, only(line).why, only(line).read_until) == ("active", "", read_until)
    assert only(line).next_key == "2026-11-30T08:30"
    assert "is not paused. Its next times: Tomorrow" in typed(line, line.ann, "resume 1")


def test_one_of_the_last_day_says_that_it_is_of_that(line: Line) -> None:
    typed(line, line.ann, "daily 08:30 --window day")
    assert "not lost" not in typed(line, line.ann, "pause")
    assert "The next one tells of the last day, as it always does" in typed(line, line.ann, "resume")


def test_what_was_made_ahead_of_its_time_is_not_posted_once_it_is_paused(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    planned(line, number, THURSDAY + timedelta(minutes=20), "2026-11-26T12:20")
    typed(line, line.ann, "pause")
    line.hurry()
    line.settle()
    assert line.private_answers(line.ann) == []


def test_and_comes_all_the_same_where_it_goes_on_before(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line="20 12 * * *")
    planned(line, number, THURSDAY + timedelta(minutes=20), "2026-11-26T12:20")
    typed(line, line.ann, "pause")
    typed(line, line.ann, "resume")
    assert only(line).next_key == "2026-11-26T12:20"
    planned(line, number, only(line).next_at, only(line).next_key)
    line.hurry()
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert len(line.private_answers(line.ann)) == 1


# Changing


def test_what_is_said_changes_and_the_rest_stays(line: Line, ops: Doc) -> None:
    typed(line, line.ann, "~ops weekdays 08:30 --kind actions")
    said = typed(line, line.ann, "edit 1 09:15")
    assert "Saved. Digest **#1** now: `~ops`, to you alone, on working days at 09:15." in said
    assert "Tomorrow, Friday 27 November, 09:15" in said
    changed = only(line)
    assert (changed.line, changed.kind, changed.zone) == ("15 9 * * mon,tue,wed,thu,fri", "actions", KATHMANDU)
    assert changed.next_key == "2026-11-27T09:15"
    typed(line, line.ann, "edit 1 ~town every sunday --quiet 0 --kind summary --zone UTC")
    changed = only(line)
    assert (changed.channels, changed.line) == ([line.town["id"]], "15 9 * * sun")
    assert (changed.quiet, changed.kind, changed.zone) == (0, "summary", "UTC")
    assert "is like that already" in typed(line, line.ann, "edit 1 9:15")


def test_one_that_is_paused_stays_so(line: Line) -> None:
    typed(line, line.ann, "daily 08:30")
    typed(line, line.ann, "pause")
    assert "It is paused; `/ai digest resume 1` lets it go on." in typed(line, line.ann, "edit 1 09:30")
    assert only(line).state == "paused"


def test_what_was_made_ahead_by_the_old_settings_is_made_by_the_new_ones(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line="20 12 * * *", language="")
    old = planned(line, number, THURSDAY + timedelta(minutes=20), "2026-11-26T12:20")
    typed(line, line.ann, "edit 1 --language de")
    assert only(line).next_key == "2026-11-26T12:20"
    new = planned(line, number, only(line).next_at, only(line).next_key)
    line.hurry()
    line.settle()
    assert len(line.private_answers(line.ann)) == 1
    with line.worker.database.read() as session:
        assert session.get_one(DigestRun, old).state == "stopped"
        assert session.get_one(DigestRun, new).state == "posted"


# One now


def test_run_posts_one_and_the_next_goes_on_from_there(line: Line) -> None:
    talk(line)
    typed(line, line.ann, "daily 08:30")
    line.model.enqueue(WRITTEN)
    assert "Digest #1 is being made now, and comes in your direct message." in typed(line, line.ann, "run")
    assert "8 of 8 messages read" in summary(line, line.ann)
    newest = line.playground.posts(line.town)[-1]["create_at"]
    assert (only(line).read_until, only(line).made) == (newest, 1)


def test_preview_comes_to_its_owner_alone_and_moves_nothing(line: Line) -> None:
    talk(line)
    line.playground.make_channel_admin(line.ann, line.town)
    typed(line, line.ann, "daily 08:30 --to here")
    before = only(line).read_until
    line.model.enqueue(WRITTEN)
    assert "A preview of digest #1 is being made, for you alone." in typed(line, line.ann, "preview")
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert line.answers() == []
    assert (only(line).read_until, only(line).made) == (before, 0)


@pytest.mark.parametrize(
    ("verb", "said"),
    [("run", "Digest #1 is being made just now."), ("preview", "A preview of digest #1 is being made just now.")],
)
def test_one_at_a_time_is_made(line: Line, verb: str, said: str) -> None:
    talk(line)
    typed(line, line.ann, "daily 08:30")
    line.say(line.ann, f"digest {verb}")
    line.step("admit")  # the command is done, and its summary waits
    line.step("notify")
    line.say(line.ann, f"digest {verb}")
    line.model.enqueue(WRITTEN)
    line.settle()
    assert said in "\n".join(line.told(line.ann))
    with line.worker.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DigestRun)) == 1


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("run", "preview", "A preview of digest #1 is being made, for you alone."),
        ("preview", "run", "Digest #1 is being made now"),
    ],
)
def test_a_preview_and_one_that_is_run_keep_each_other_from_nothing(
    line: Line, first: str, second: str, said: str
) -> None:
    talk(line)
    typed(line, line.ann, "daily 08:30")
    line.model.repeat = True
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"digest {first}")
    line.step("admit")
    assert said in typed(line, line.ann, second)
    assert "8 of 8 messages read" in found(line, line.ann)


def test_one_that_is_made_ahead_says_when_it_comes(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line="20 12 * * *")
    planned(line, number, THURSDAY + timedelta(minutes=20), "2026-11-26T12:20")
    said = typed(line, line.ann, "run")
    assert "is being made already, and comes today, Thursday 26 November, 12:20." in said


# Removing


def test_a_removed_one_is_gone_with_what_it_carried_forward(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town])
    request_id = planned(line, number, THURSDAY + timedelta(minutes=20), "2026-11-26T12:20")
    with line.worker.database.write() as session:
        carried = {"section": "todo", "words": "Fix it", "person_id": "", "channel_id": line.town["id"], "post_id": ""}
        session.add(
            DigestItem(digest_id=number, request_id=request_id, post_at=0, created_at=clock(session), **carried)
        )
    assert "Digest #1 is removed" in typed(line, line.ann, "remove 1")
    line.hurry()
    line.settle()
    assert line.private_answers(line.ann) == []
    assert only(line).state == "removed"
    with line.worker.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DigestItem)) == 0
    assert "Your digest #1 was removed." in typed(line, line.ann, "show 1")
    assert "There is no digest #1" in typed(line, line.bob, "show 1")
    assert "You have no digest yet" in typed(line, line.ann, "remove")
