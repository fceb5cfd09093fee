"""A digest whose channels, or times, are no longer there: its person reads why, once, and when that is mended nothing is lost."""

from __future__ import annotations

import pytest

from mmapp.chat import read
from mmapp.db import clock
from mmapp.jobs import queue, tick
from mmapp.models import ChannelSettings, ClosedChannel
from tests.line import Line
from tests.scenarios.digesting import (
    at_nine,
    change,
    digest,
    due,
    in_town,
    known,
    look,
    paused,
    resumed,
    states,
    stop_clock,
    told,
)
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import found, summary
from tests.scenarios.switching import is_inside
from tests.scenarios.test_delete import refused

# What is told here comes from Mattermost: one database will do, and both ages are met (test_digest_time.py has both).
pytestmark = [pytest.mark.usefixtures("talked"), pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


# Where it is posted, and what it tells of


def test_an_archived_channel(line: Line) -> None:
    dock = line.playground.add_channel("O", "dock", members=(line.ann, line.bot))
    number = digest(line, line.ann, [line.town], dock)
    line.playground.archive(dock)
    due(line, number)
    assert paused(line, number) == "archived"
    assert "**Dock**, where it is posted, was archived" in told(line, line.ann)
    change(line, number, to_channel="")
    resumed(line, number)
    assert "8 of 8 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("status", [400, 403])
def test_mattermost_takes_no_post_in_a_channel_that_stands(line: Line, status: int) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.faults.add(
        "POST /api/v4/posts$", status=status, body=refused(status), times=2
    )  # with its card, and without
    due(line, number)
    assert paused(line, number) == "unposted"
    assert f"Digest #{number} is paused: Mattermost takes no post of ai in **Town**" in told(line, line.ann)
    assert f"`/ai digest resume {number}`" in told(line, line.ann)
    assert line.answers(line.town) == []
    resumed(line, number)
    assert "8 of 8 messages read" in in_town(line)


def untaken(line: Line) -> None:
    """Mattermost takes one post of the bot less, with its card and without."""
    line.playground.faults.add("POST /api/v4/posts$", status=403, body=refused(403), times=2)


def test_nor_in_the_direct_messages_of_its_person_who_reads_nothing_of_a_channel(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    untaken(line)
    due(line, number)
    assert paused(line, number) == "unsent"
    assert f"Digest #{number} is paused: Mattermost takes no post of ai in your direct messages." in told(
        line, line.ann
    )
    assert "admin" not in told(line, line.ann)
    resumed(line, number)
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_and_one_that_tries_as_it_was_told_sees_whether_it_does_by_now(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    untaken(line)
    due(line, number)
    assert f"Try with `/ai digest run {number}`" in told(line, line.ann)
    typed(line, line.ann, f"run {number}")
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_preview_that_is_not_taken_keeps_none_from_the_channel(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    untaken(line)
    due(line, number, "look", preview=True, class_=queue.PERSON)
    assert (known(line, number).state, states(line, number)) == ("active", ["failed"])
    assert "was not made this time: Mattermost takes no post of ai in your direct messages." in told(line, line.ann)
    due(line, number)
    assert "8 of 8 messages read" in in_town(line)


def test_a_channel_that_is_archived_after_it_was_made(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town], line.town)
    look(line, "8:30", "8:58", show=show)
    line.playground.archive(line.town)
    look(line, "9:00", show=show)
    assert paused(line, number) == "archived"
    assert "was archived" in told(line, line.ann)


def test_all_that_it_tells_of_was_archived(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    line.playground.archive(line.town)
    due(line, number)
    assert paused(line, number) == "over"
    assert "all channels that it tells of were archived" in told(line, line.ann)


def test_the_bot_was_removed_and_does_not_come_back_by_itself(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.remove_member(line.bot, line.town, by=line.bob)
    due(line, number)
    assert paused(line, number) == "outside"
    assert not is_inside(line, line.town)
    assert "ai was removed from the channel where it is posted" in told(line, line.ann)
    assert "`/invite @ai`" in told(line, line.ann)
    line.playground.join(line.bot, line.town)
    resumed(line, number)


def test_the_bot_is_removed_after_it_was_prepared_and_its_person_reads_so_once(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    with line.worker.database.write() as session:
        now = clock(session)
        tick.enqueue(session, known(line, number), "2026-11-26T09:00", now, now=now)
    line.step("admit")
    line.playground.remove_member(line.bot, line.town, by=line.bob)
    line.hear()
    line.settle()
    assert paused(line, number) == "outside"
    assert not is_inside(line, line.town)
    assert "is paused" in told(line, line.ann)
    assert "so your question was not answered" not in told(line, line.ann)


def test_a_public_channel_that_it_tells_of_is_joined_as_for_summaries(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    line.playground.remove_member(line.bot, line.town, by=line.bob)
    due(line, number)
    assert "8 of 8 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("deleted", [True, False])
def test_a_private_channel_that_it_tells_of_is_gone_or_the_bot_was_taken_out_of_it(line: Line, deleted: bool) -> None:
    line.playground.join(line.bot, line.secret)
    number = digest(line, line.ann, [line.town, line.secret])
    if deleted:
        line.playground.store.drop("channel", line.secret["id"])
    else:
        line.playground.remove_member(line.bot, line.secret, by=line.bob)
    due(line, number)
    assert paused(line, number) == "unseen"
    assert "ai was removed from a channel that it tells of, or that channel is gone" in told(line, line.ann)


def test_the_channel_where_it_is_posted_is_deleted_for_good(line: Line) -> None:
    dock = line.playground.add_channel("P", "dock", members=(line.ann, line.bot))
    number = digest(line, line.ann, [line.town], dock)
    line.playground.store.drop("channel", dock["id"])
    due(line, number)
    assert paused(line, number) == "outside"


@pytest.mark.parametrize("source", [True, False])
def test_chorus_is_off_where_it_is_posted_or_in_what_it_tells_of(line: Line, source: bool) -> None:
    people = (line.ann, line.bob, line.carol)
    dock = line.playground.add_channel("O", "dock", members=(*people, line.bot))
    number = digest(line, line.ann, [line.town] if not source else [dock, line.town], line.town if source else dock)
    with line.worker.database.write() as session:
        session.add(ChannelSettings(channel_id=dock["id"], on=False, set_by="", set_at=clock(session)))
    due(line, number)
    assert paused(line, number) == "off"
    assert "Chorus is off in **Dock**" in told(line, line.ann)


def test_a_channel_whose_admins_want_nothing_read_has_nothing_to_tell_and_is_no_fault(line: Line) -> None:
    number = digest(line, line.ann, [line.town], quiet=5)
    with line.worker.database.write() as session:
        session.add(ClosedChannel(channel_id=line.town["id"], closed_by=line.bob["id"], closed_at=clock(session)))
    due(line, number)
    assert (states(line, number), known(line, number).state) == (["quiet"], "active")
    assert found(line, line.ann) == ""


def test_more_messages_than_anybody_reads(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_POSTS", 7)
    number = digest(line, line.ann, [line.town])
    due(line, number)
    assert paused(line, number) == "too_many"
    assert "more than 7 messages were posted since the last one" in told(line, line.ann)
    change(line, number, window="day")
    monkeypatch.setattr(read, "MOST_POSTS", 8)
    resumed(line, number)
    assert "8 of 8 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("verb", ["run", "preview"])
def test_who_tries_whether_it_is_mended_reads_each_time_that_it_is_not(
    line: Line, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(read, "MOST_POSTS", 7)
    number = digest(line, line.ann, [line.town])
    due(line, number)
    for times in (2, 3):
        typed(line, line.ann, f"{verb} {number}")
        notes = line.private_answers(line.ann)
        assert len(notes) == times
        assert "more than 7 messages were posted since the last one" in notes[-1]


def test_times_that_are_not_understood_any_more_pause_it_and_no_other(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town], zone="Atlantis/Capital")
    other = at_nine(line, line.bob, [line.town])
    look(line, "8:30", "8:40", "9:00", show=show)
    assert paused(line, number) == "times"
    assert "its times are not understood any more" in told(line, line.ann)
    assert states(line, other) == ["posted"]
