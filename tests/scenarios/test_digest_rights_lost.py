"""A digest whose person has gone or lost a right, or whose readers may not read it: paused, and who can mend it hears why."""

from __future__ import annotations

import pytest

from mmapp import access
from mmapp.db import clock
from mmapp.jobs import owners
from mmapp.jobs.owners import Trouble
from mmapp.models import ChannelSettings, Digest
from tests.line import Line
from tests.scenarios.digesting import (
    at_nine,
    begin,
    digest,
    due,
    in_town,
    known,
    look,
    paused,
    resumed,
    stop_clock,
    told,
)
from tests.scenarios.summaries import found, summary

# What is told here comes from Mattermost: one database will do, and both ages are met (test_digest_time.py has both).
pytestmark = [pytest.mark.usefixtures("talked"), pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


# Its person has gone


def test_who_has_left_the_channel_and_its_admins_are_told_and_nothing_is_lost(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.make_channel_admin(line.bob, line.town)
    line.playground.remove_member(line.ann, line.town)
    due(line, number)
    assert paused(line, number) == "left"
    assert "you are no longer in **Town**" in told(line, line.ann)
    assert f"`/ai digest resume {number}`" in told(line, line.ann)
    assert f"Digest #{number} is no longer posted in **Town**" in told(line, line.bob)
    assert "**ann**, who had it made, has left the channel" in told(line, line.bob)
    assert found(line, line.carol) == ""  # no admin
    line.playground.join(line.ann, line.town, admin=True)
    resumed(line, number)
    assert "8 of 8 messages read" in in_town(line)


def test_it_is_noticed_when_the_listener_hears_of_it_and_told_once(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.remove_member(line.ann, line.town)
    line.hear()
    line.settle()
    assert paused(line, number) == "left"
    due(line, number)
    assert "is paused" in told(line, line.ann)


def test_two_who_find_the_same_at_one_moment_tell_it_once(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    request_id = begin(line, number)
    for _ in range(2):
        with line.worker.database.write() as session:
            trouble = Trouble("left", "You have left.", about=line.town["id"])
            owners.pause(session, session.get_one(Digest, number), request_id, trouble)
    line.settle()
    assert told(line, line.ann) == "You have left."


def test_who_leaves_a_channel_has_digests_elsewhere_go_on(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    line.playground.remove_member(line.ann, line.town)
    line.hear()
    line.settle()
    assert known(line, number).state == "active"
    due(line, number)  # a public channel, which every member of the team may read
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_no_more_than_five_admins_are_told(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    admins = [line.playground.add_user(f"admin{count}") for count in range(7)]
    for admin in admins:
        line.playground.join(admin, line.town, admin=True)
    line.playground.remove_member(line.ann, line.town)
    due(line, number)
    assert sum(found(line, admin) != "" for admin in admins) == 5


def test_who_has_left_the_team_reads_that(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.store.drop("team_member", f"{line.team['id']}:{line.ann['id']}")
    line.playground.store.drop("member", f"{line.town['id']}:{line.ann['id']}")
    due(line, number)
    assert paused(line, number) == "left_team"
    assert "you are no longer in the team of the channel where it is posted" in told(line, line.ann)


def test_whose_account_was_deactivated_is_told_nothing_and_the_admins_are(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    alone = digest(line, line.ann, [line.town])
    line.playground.make_channel_admin(line.bob, line.town)
    line.playground.change_user(line.ann, delete_at=1)
    due(line, number)
    due(line, alone)
    assert paused(line, number) == paused(line, alone) == "deactivated"
    assert found(line, line.ann) == ""
    assert "**ann**, who had it made, has no active account any more" in told(line, line.bob)


# Rights


def test_who_is_no_admin_any_more(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    demote(line)
    due(line, number)
    assert paused(line, number) == "rights"
    assert "you are no admin of **Town** any more" in told(line, line.ann)
    line.playground.make_channel_admin(line.ann, line.town)
    resumed(line, number)


def test_where_the_bot_posts_for_nobody(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    with line.worker.database.write() as session:
        settings = {"on": True, "public": access.NOBODY, "set_by": "", "set_at": clock(session)}
        session.add(ChannelSettings(channel_id=line.town["id"], **settings))
    due(line, number)
    assert paused(line, number) == "silent"
    assert "ai posts for nobody in **Town**" in told(line, line.ann)


def demote(line: Line) -> None:
    member = line.playground.server.member(line.town["id"], line.ann["id"])
    assert member
    line.playground.server.save_member(member | {"scheme_admin": False, "roles": "channel_user"})


@pytest.mark.parametrize("leaves", [True, False])
def test_a_right_that_is_lost_after_it_was_made_keeps_it_from_being_posted(
    line: Line, monkeypatch: pytest.MonkeyPatch, leaves: bool
) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town], line.town)
    look(line, "8:30", "8:58", show=show)
    assert line.model.history
    if leaves:
        line.playground.remove_member(line.ann, line.town)
    else:
        demote(line)
    look(line, "9:00", show=show)
    assert paused(line, number) == ("left" if leaves else "rights")
    assert line.answers(line.town) == []
    assert ("you are no longer in **Town**" if leaves else "you are no admin of **Town**") in told(line, line.ann)


def test_a_source_that_its_person_may_not_read_any_more_is_not_named(line: Line) -> None:
    line.playground.join(line.bot, line.secret)
    number = digest(line, line.ann, [line.town, line.secret])
    line.playground.remove_member(line.ann, line.secret)
    due(line, number)
    assert paused(line, number) == "unreadable"
    assert "it tells of a channel, which you may not read any more" in told(line, line.ann)
    assert "Secret" not in told(line, line.ann)


def test_readers_who_may_not_read_a_source_and_which_one(line: Line) -> None:
    dock = line.playground.add_channel("O", "dock", members=(line.ann, line.bob, line.bot))
    number = digest(line, line.ann, [line.town, dock], line.town)
    due(line, number)
    assert paused(line, number) == "readers"
    assert "not everyone in **Town** may read **Dock**" in told(line, line.ann)
    line.playground.join(line.carol, dock)
    resumed(line, number)
    assert "8 of 8 messages read" in in_town(line)


def test_somebody_who_comes_in_after_it_was_made_keeps_it_from_being_posted(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = stop_clock(monkeypatch)
    people = (line.ann, line.bob, line.carol)
    dock = line.playground.add_channel("O", "dock", members=(*people, line.bot))
    number = at_nine(line, line.ann, [line.town, dock], line.town)
    look(line, "8:30", "8:58", show=show)
    line.playground.join(line.playground.add_user("dave"), line.town)
    look(line, "9:00", show=show)
    assert paused(line, number) == "readers"
    assert line.answers(line.town) == []
    assert "**Dock**" in told(line, line.ann)


def test_who_may_not_ask_alone_any_more_reads_what_would_let_them(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    number = digest(line, line.ann, [line.town])
    line.playground.change_user(line.ann, roles="system_guest")
    due(line, number)
    assert paused(line, number) == "access"
    assert "Guests cannot ask here" in told(line, line.ann)
