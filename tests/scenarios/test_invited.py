"""The bot is added to a channel where Chorus is off, or removed from one: what it says, and to whom."""

from __future__ import annotations

import json

from sqlalchemy import select

from mmapp.db import clock
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Gap
from mmapp.models import Job
from tests.line import Line, expire
from tests.playground import posting
from tests.playground.notifying import ADDED
from tests.playground.store import Doc
from tests.scenarios.switching import OFF, ON, invite, is_inside, notes, switch, ten_minutes_later


def kick(line: Line, channel: Doc, by: Doc) -> None:
    """`/kick @ai`; the listener hears of it and the worker does what follows."""
    line.playground.remove_member(line.bot, channel, by=by)
    line.hear()
    line.settle()


# Merely invited


def test_who_invites_the_bot_where_chorus_is_off_reads_once_how_to_switch_it_on(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    (told,) = notes(listed, "ann")
    assert "You have added ai to **Secret**" in told
    assert "`/ai on`" in told
    assert "in 10 minutes" in told
    assert listed.answers(listed.secret) == []
    assert listed.told(listed.bob) == notes(listed, "bob") == []


def test_ten_minutes_later_it_leaves_and_no_sooner(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    with listed.worker.database.read() as session:
        leave = session.scalars(select(Job).where(Job.kind == "leave")).one()
        assert 590 < (leave.run_at - clock(session)).total_seconds() <= 600
    listed.settle()
    assert is_inside(listed, listed.secret)
    ten_minutes_later(listed)
    assert not is_inside(listed, listed.secret)
    assert len(notes(listed, "ann")) == 1


def test_switched_on_meanwhile_it_stays(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    assert ON in switch(listed, "bob", "on", listed.secret)
    ten_minutes_later(listed)
    assert is_inside(listed, listed.secret)


def test_switched_on_and_off_again_meanwhile_it_is_no_longer_merely_invited(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    switch(listed, "bob", "on", listed.secret)
    switch(listed, "bob", "off", listed.secret)
    ten_minutes_later(listed)
    assert is_inside(listed, listed.secret)  # `/kick @ai` is what takes it out, as it was said


def test_it_leaves_in_time_whoever_restarts_meanwhile(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    listed.hurry()
    assert listed.claim() is not None  # and the worker dies over it
    expire(listed)
    listed.hurry()
    listed.settle()
    assert not is_inside(listed, listed.secret)


def test_two_listeners_and_a_gap_say_it_once(listed: Line) -> None:
    listed.listener.take(Gap())
    listed.playground.add_member(listed.bot, listed.secret, by=listed.ann)
    listed.hear()
    listed._heard = 0
    listed.hear(Listener(listed.listener._ear))
    Listener(listed.listener._ear).take(Gap())
    listed.settle()
    assert len(notes(listed, "ann")) == 1
    assert listed.jobs("queued") == 1  # to leave


def test_an_invitation_while_nobody_listened_is_heard_of_after_the_gap(listed: Line) -> None:
    listed.listener.take(Gap())
    listed.playground.add_member(listed.bot, listed.secret, by=listed.ann)
    Listener(listed.listener._ear).take(Gap())
    listed.settle()
    assert len(notes(listed, "ann")) == 1


def test_each_invitation_is_told_of_and_has_its_ten_minutes(listed: Line) -> None:
    invite(listed, listed.secret, by=listed.ann)
    kick(listed, listed.secret, by=listed.bob)
    invite(listed, listed.secret, by=listed.carol)
    assert len(notes(listed, "ann")) == len(notes(listed, "carol")) == 1
    assert listed.jobs("queued") == 1
    ten_minutes_later(listed)
    assert not is_inside(listed, listed.secret)


def test_taken_out_again_before_anybody_looked_nothing_is_said(listed: Line) -> None:
    listed.playground.add_member(listed.bot, listed.secret, by=listed.ann)
    listed.hear()
    listed.playground.remove_member(listed.bot, listed.secret, by=listed.ann)
    listed.settle()
    assert notes(listed, "ann") == []
    assert listed.jobs("queued") == 0


def test_where_everybody_may_ask_an_invitation_is_answered_by_nothing(line: Line) -> None:
    invite(line, line.secret, by=line.ann)
    ten_minutes_later(line)
    assert notes(line, "ann") == []
    assert is_inside(line, line.secret)


def test_where_it_was_switched_off_by_an_admin_it_is_merely_invited_as_well(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.secret)
    invite(line, line.secret, by=line.ann)
    switch(line, "bob", "off", line.secret)
    kick(line, line.secret, by=line.bob)
    invite(line, line.secret, by=line.ann)
    assert "where Chorus is off" in notes(line, "ann")[0]


def test_the_invitation_of_somebody_else_is_none_of_the_bot_s(listed: Line) -> None:
    dave = listed.playground.add_user("dave")
    listed.playground.add_member(dave, listed.town, by=listed.ann)
    listed.hear()
    assert listed.jobs("queued") == 0


def test_a_channel_that_nobody_can_leave_is_stayed_in_without_a_fuss_and_nothing_else_is_said(listed: Line) -> None:
    square = listed.playground.add_channel("O", "town-square", members=(listed.ann,))
    invite(listed, square, by=listed.ann)
    (told,) = notes(listed, "ann")
    assert "where Chorus is off" in told
    assert "stays there and answers nothing" in told
    assert "minutes" not in told
    assert listed.jobs("queued") == 0
    ten_minutes_later(listed)
    assert is_inside(listed, square)
    assert listed.jobs("failed") == listed.jobs("queued") == 0


def test_a_wish_of_somebody_whose_account_is_gone_hides_no_other_s(listed: Line) -> None:
    for wisher in ("ann", "bob"):
        switch(listed, wisher, "on", listed.secret)
    gone = {"id": "x", "message": "no", "detailed_error": "", "request_id": "r", "status_code": 404}
    asked = f"GET /api/v4/users/{listed.ann['id']}$"
    listed.playground.faults.add(asked, status=404, body=json.dumps(gone), times=100)
    invite(listed, listed.secret, by=listed.carol)
    assert [ON in text for text in notes(listed, "bob")] == [True]
    assert listed.jobs("failed") == 0


def test_a_wish_that_is_being_deleted_is_none_any_more(listed: Line) -> None:
    listed.playground.join(listed.bot, listed.secret)
    post = listed.playground.post_as(listed.bob, listed.secret, "@ai on")
    listed.hear()
    listed.playground.remove_member(listed.bot, listed.secret, by=listed.ann)
    listed._heard = listed.events_after(listed._heard)[-1]["seq"]  # nobody listened
    listed.settle()  # the bot is outside again, and the wish is kept
    listed.say(listed.bob, f"delete {listed.playground.link(post)}", listed.secret)
    assert listed.claim("admit") is not None  # another thread deletes it
    invite(listed, listed.secret, by=listed.ann)
    assert "where Chorus is off" in notes(listed, "ann")[0]
    assert OFF in listed.say(listed.ann, "ask Why?", listed.secret).text


def test_what_a_server_says_of_the_bot_s_own_joining_is_no_invitation(listed: Line) -> None:
    listed.playground.join(listed.bot, listed.secret)
    told = {"addedUserId": listed.bot["id"], "userId": listed.bot["id"]}
    posting.by_server(listed.playground.server, listed.bot, listed.secret, "ai was added.", ADDED, told)
    listed.hear()
    assert listed.jobs("queued") == 0


def test_joining_by_itself_is_no_invitation(listed: Line) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bob))
    listed.playground.make_channel_admin(listed.bob, harbour)
    switch(listed, "bob", "on", harbour)
    ten_minutes_later(listed)
    assert is_inside(listed, harbour)
    assert notes(listed, "bob") == []


def test_a_name_that_would_format_or_mention_does_neither(listed: Line) -> None:
    loud = listed.playground.add_channel("P", "loud", members=(listed.ann,), display_name="**@channel** [x](http://y)")
    invite(listed, loud, by=listed.ann)
    assert "@channel" not in notes(listed, "ann")[0]
    assert "](" not in notes(listed, "ann")[0]


def test_what_fails_there_stands_in_the_log_and_nobody_reads_of_a_question_that_was_none(listed: Line) -> None:
    refused = {"id": "x", "message": "no", "detailed_error": "", "request_id": "r", "status_code": 400}
    listed.playground.faults.add("GET /api/v4/channels/[a-z0-9]+$", status=400, body=json.dumps(refused))
    invite(listed, listed.secret, by=listed.ann)
    assert listed.jobs("failed") == 1
    assert notes(listed, "ann") == listed.told(listed.ann) == []


# Removed


def test_what_waits_for_a_channel_ends_when_the_bot_is_removed_and_its_askers_are_told(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    line.say(line.bob, "ask Since when?")
    line.step("admit")
    line.playground.post_as(line.carol, line.town, "@ai what now?")
    line.hear()
    kick(line, line.town, by=line.bob)
    for who, words in (("ann", "/ai ask Why?"), ("bob", "/ai ask Since when?"), ("carol", "")):
        (told,) = notes(line, who)
        assert "ai was removed from the channel where you asked" in told
        assert words in told
    assert line.model.history == []
    assert line.jobs("queued") == 0


def test_two_listeners_tell_of_a_removal_once(line: Line) -> None:
    line.say(line.ann, "ask Why?")
    line.playground.remove_member(line.bot, line.town, by=line.bob)
    line.hear()
    line._heard = 0
    line.hear(Listener(line.listener._ear))
    line.settle()
    assert len(notes(line, "ann")) == 1


def test_a_private_question_that_needs_nothing_of_the_channel_is_answered_all_the_same(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask --private Why?")
    line.step("admit")
    kick(line, line.town, by=line.bob)
    assert "Because." in notes(line, "ann")[0]


def test_a_private_question_about_a_thread_of_the_channel_ends(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.say(line.ann, f"ask --private --thread {line.playground.link(root)} Why?")
    line.step("admit")
    kick(line, line.town, by=line.bob)
    assert "was removed" in notes(line, "ann")[0]


def test_questions_elsewhere_go_on_when_the_bot_is_removed_from_one_channel(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?", line.direct(line.ann))
    kick(line, line.town, by=line.bob)
    assert "Because." in notes(line, "ann")[0]


def test_somebody_else_who_leaves_ends_nothing(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.ann, "ask Why?")
    line.playground.remove_member(line.bob, line.town)
    line.hear()
    line.settle()
    assert "Because." in line.answers()[0]


def test_a_wish_goes_with_the_bot(listed: Line) -> None:
    listed.say(listed.bob, "on", listed.secret)
    listed.settle()
    listed.playground.add_member(listed.bot, listed.secret, by=listed.ann)
    listed.playground.remove_member(listed.bot, listed.secret, by=listed.ann)
    listed.hear()
    listed.settle()
    invite(listed, listed.secret, by=listed.carol)
    assert "where Chorus is off" in notes(listed, "carol")[0]
    assert OFF in listed.say(listed.ann, "ask Why?", listed.secret).text
