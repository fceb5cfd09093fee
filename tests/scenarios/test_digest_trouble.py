"""A digest that cannot be made as it was ordered: its person reads why, once, and when that is mended nothing is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.base import ModelDied, Speed
from llm.scripted import Step
from mmapp import access, nodes
from mmapp.chat import read
from mmapp.db import clock
from mmapp.jobs import allowed, engines, queue, tick
from mmapp.models import ChannelSettings, ClosedChannel, Installation, Job, ModelRecord
from tests.doctor import Doctor
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios import choosing
from tests.scenarios.conftest import Kept
from tests.scenarios.digesting import at, at_nine, change, digest, due, known, look, runs, states, stop_clock
from tests.scenarios.summaries import WRITTEN, found, summary, talk
from tests.scenarios.switching import is_inside
from tests.scenarios.test_bots_gone import without

NEXT = ("2026-11-27T09:00", "2026-11-28T09:00", "2026-11-29T09:00")


@pytest.fixture(autouse=True)
def _talk(line: Line) -> None:
    """Something was said in the town, and the model has something to say about it."""
    talk(line)
    line.model.repeat = True
    line.model.enqueue(WRITTEN)


def paused(line: Line, number: int) -> str:
    """Why it is, by its code; it was not posted anywhere."""
    found_now = known(line, number)
    assert found_now.state == "paused"
    assert found_now.read_until == 0
    assert "planned" not in states(line, number)
    return found_now.why


def told(line: Line, who: Doc) -> str:
    """The only thing that somebody was told."""
    (note,) = line.private_answers(who)
    assert line.told(who) == []
    return note.replace("\u200b", "")


def resumed(line: Line, number: int) -> None:
    """Its person has mended it and typed so; the next one is due and tells everything."""
    change(line, number, state="active", why="")
    due(line, number, NEXT[0])
    assert states(line, number)[-1] == "posted"


def in_town(line: Line) -> str:
    return line.answers(line.town)[-1].replace("\u200b", "")


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
    assert "`ann`, who had it made, has left the channel" in told(line, line.bob)
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
    assert "you are no longer in the team of **Town**" in told(line, line.ann)


def test_whose_account_was_deactivated_is_told_nothing_and_the_admins_are(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    alone = digest(line, line.ann, [line.town])
    line.playground.make_channel_admin(line.bob, line.town)
    line.playground.change_user(line.ann, delete_at=1)
    due(line, number)
    due(line, alone)
    assert paused(line, number) == paused(line, alone) == "deactivated"
    assert found(line, line.ann) == ""
    assert "`ann`, who had it made, has no active account any more" in told(line, line.bob)


# Rights


def test_who_is_no_admin_any_more(line: Line) -> None:
    number = digest(line, line.ann, [line.town], line.town)
    line.playground.join(line.ann, line.town)
    member = line.playground.server.member(line.town["id"], line.ann["id"])
    assert member
    line.playground.server.save_member(member | {"scheme_admin": False, "roles": "channel_user"})
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
    assert paused(line, number) == "rights"
    assert "ai posts for nobody in **Town**" in told(line, line.ann)


def test_a_right_that_is_lost_after_it_was_made_keeps_it_from_being_posted(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = stop_clock(monkeypatch)
    number = at_nine(line, line.ann, [line.town], line.town)
    look(line, "8:30", "8:58", show=show)
    assert line.model.history
    line.playground.remove_member(line.ann, line.town)
    look(line, "9:00", show=show)
    assert paused(line, number) == "left"
    assert line.answers(line.town) == []
    assert "you are no longer in **Town**" in told(line, line.ann)


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
    assert f"{left} of {left} messages read" in summary(line, line.ann)


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
    with line.worker.database.write() as session:
        session.scalars(select(Installation)).one().ticked_at = at("2020-01-01 9:00")
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
