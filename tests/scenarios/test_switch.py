"""`/ai on` and `/ai off`: who may, before the bot is there and after, and that what is in force is always said."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mmapp.chat import audience
from mmapp.jobs import lanes
from mmapp.mattermost.client import Client
from mmapp.models import ChannelSettings
from tests.line import Line
from tests.scenarios.switching import OFF, ON, heard, invite, is_inside, notes, switch


def test_an_admin_of_the_channel_switches_it_on_and_reads_what_is_in_force(listed: Line) -> None:
    said = switch(listed, "bob")
    assert ON in said
    assert "posted in the channel for everybody" in said
    assert "/ai off" in said
    listed.ask(listed.ann, "Why?", answer="Because.")
    assert "Because." in listed.answers()[0]


def test_the_acknowledgement_says_that_it_is_looked_into(listed: Line) -> None:
    assert "if you are an admin of it" in listed.say(listed.ann, "on").text


def test_who_is_no_admin_is_told_so_with_the_command_to_copy(listed: Line) -> None:
    said = switch(listed, "ann", "on --public admins")
    assert "Only an admin of the channel" in said
    assert "```\n/ai on --public admins\n```" in said
    assert OFF in listed.say(listed.ann, "ask Why?").text


def test_an_admin_of_the_team_may_and_one_of_the_server(listed: Line) -> None:
    listed.playground.make_team_admin("carol")
    assert ON in switch(listed, "carol")
    assert OFF in switch(listed, "root", "off")
    assert ON in switch(listed, "root")


def test_by_mention_it_is_the_same_and_said_alone(listed: Line) -> None:
    listed.mention(listed.bob, "@ai on --public admins")
    assert ON in heard(listed, "bob")[-1]
    assert "for the channel's admins" in heard(listed, "bob")[-1]
    listed.mention(listed.bob, "@ai off")
    assert OFF in notes(listed, "bob")[-1]
    listed.mention(listed.ann, "@ai on")
    assert "Only an admin" in notes(listed, "ann")[-1]
    assert listed.answers() == []


def test_a_sentence_that_begins_with_on_is_a_question(listed: Line) -> None:
    switch(listed, "bob")
    listed.mention(listed.ann, "@ai on Monday, what did we decide?", answer="Nothing.")
    assert listed.model.history[-1].asked == "on Monday, what did we decide?"


@pytest.mark.parametrize(
    ("public", "said"),
    [("everyone", "for everybody"), ("admins", "for the channel's admins"), ("nobody", "Everybody gets the answer in")],
)
def test_on_again_changes_for_whom_the_bot_posts(listed: Line, public: str, said: str) -> None:
    switch(listed, "bob", "on --public admins")
    assert said in switch(listed, "bob", f"on --public {public}")
    assert said in switch(listed, "bob", "on")  # without it, what was set stays


def test_repeating_is_harmless_and_says_what_is_so(listed: Line) -> None:
    assert ON in switch(listed, "bob")
    assert ON in switch(listed, "bob")
    assert OFF in switch(listed, "bob", "off")
    assert OFF in switch(listed, "bob", "off")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("on --public friends", "`friends` is none of those"),
        ("on --public", "needs a value"),
        ("on now", "stands nothing but"),
        ("off now", "stands nothing."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_words_and_nothing_changes(
    listed: Line, command: str, said: str
) -> None:
    answer = listed.say(listed.bob, command).text
    assert said in answer
    assert f"/ai {command}" in answer
    assert listed.jobs("queued") == 0


def test_in_direct_and_group_messages_there_is_nothing_to_switch(listed: Line) -> None:
    group = listed.playground.add_channel("G", "e" * 40, members=(listed.ann, listed.bob, listed.carol))
    for channel in (listed.direct(listed.bob), group):
        assert "Type it in a channel" in listed.say(listed.bob, "on", channel).text


def test_off_where_everybody_may_ask_holds_as_well_and_on_takes_it_back(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    assert OFF in switch(line, "bob", "off")
    assert OFF in line.say(line.ann, "ask Why?").text
    assert ON in switch(line, "bob", "on")
    line.ask(line.ann, "Why?", answer="Because.")
    assert len(line.answers()) == 1


def test_what_was_typed_last_holds_in_whatever_order_it_is_done(listed: Line) -> None:
    listed.playground.make_channel_admin(listed.carol, listed.town)
    listed.say(listed.bob, "on")
    listed.say(listed.carol, "off")
    on, off = listed.claim(), listed.claim()
    assert on is not None
    assert off is not None
    for claimed in (off, on):  # two threads ask Mattermost, and the second is quicker
        lanes.do(listed.worker, claimed)
    listed.settle()
    assert OFF in listed.say(listed.ann, "ask Why?").text
    assert OFF in listed.told(listed.bob)[-1]
    assert OFF in listed.told(listed.carol)[-1]


def test_who_set_it_and_when_is_kept(listed: Line) -> None:
    switch(listed, "bob", "on --public nobody")
    with listed.worker.database.read() as session:
        kept = session.scalars(select(ChannelSettings)).one()
    assert (kept.channel_id, kept.on, kept.public) == (listed.town["id"], True, "nobody")
    assert kept.set_by == listed.bob["id"]


def test_without_a_worker_the_acknowledgement_says_when(listed: Line) -> None:
    with listed.worker.database.engine.begin() as connection:
        connection.exec_driver_sql("delete from worker")
    assert "as soon as a worker runs again" in listed.say(listed.bob, "on").text


# Before the bot is a member


def test_in_a_public_channel_the_bot_joins_and_stays_where_it_was_switched_on(listed: Line) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bob))
    listed.playground.make_channel_admin(listed.bob, harbour)
    assert ON in switch(listed, "bob", "on", harbour)
    assert is_inside(listed, harbour)


@pytest.mark.parametrize(("who", "command"), [("ann", "on"), ("ann", "off"), ("bob", "off")])
def test_in_a_public_channel_where_it_was_not_switched_on_the_bot_does_not_stay(
    listed: Line, who: str, command: str
) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bob))
    listed.playground.make_channel_admin(listed.bob, harbour)
    assert (OFF if who == "bob" else "Only an admin") in switch(listed, who, command, harbour)
    assert not is_inside(listed, harbour)


def test_who_is_no_admin_does_not_drive_out_a_bot_that_was_there(listed: Line) -> None:
    switch(listed, "bob")
    switch(listed, "ann", "off")
    assert is_inside(listed, listed.town)
    assert OFF not in listed.say(listed.ann, "ask Why?").text


def test_in_a_private_channel_the_wish_is_kept_until_the_bot_is_invited_by_anybody(listed: Line) -> None:
    assert "/invite @ai" in switch(listed, "bob", "on --public nobody", listed.secret)
    assert OFF in listed.say(listed.ann, "ask Why?", listed.secret).text
    invite(listed, listed.secret, by=listed.ann)
    (told,) = notes(listed, "bob")
    assert told.startswith("In **Secret**: Chorus is on")
    assert "Everybody gets the answer in" in told
    assert notes(listed, "ann") == []  # there is nothing to do for who invited it
    listed.hurry()
    listed.settle()
    assert is_inside(listed, listed.secret)
    assert OFF not in listed.say(listed.ann, "ask Why?", listed.secret).text


def test_a_wish_of_who_is_no_admin_is_refused_then_and_hides_no_other_s(listed: Line) -> None:
    switch(listed, "bob", "on", listed.secret)
    switch(listed, "ann", "on", listed.secret)
    invite(listed, listed.secret, by=listed.carol)
    assert ["Only an admin" in text for text in notes(listed, "ann")] == [True]
    assert [ON in text for text in notes(listed, "bob")] == [True]


def test_rights_are_those_of_when_the_bot_is_there(listed: Line) -> None:
    switch(listed, "bob", "on", listed.secret)
    member = listed.playground.server.member(listed.secret["id"], listed.bob["id"])
    listed.playground.server.save_member({**(member or {}), "scheme_admin": False})
    invite(listed, listed.secret, by=listed.ann)
    assert "Only an admin" in notes(listed, "bob")[0]
    assert OFF in listed.say(listed.ann, "ask Why?", listed.secret).text


def test_the_wish_of_an_admin_of_the_server_needs_no_membership_to_be_seen(listed: Line) -> None:
    listed.playground.join("root", listed.secret)
    said = switch(listed, "root", "on", listed.secret)
    assert ON in said
    assert "`/invite @ai`" in said
    invite(listed, listed.secret, by=listed.ann)
    assert notes(listed, "ann") == []
    assert is_inside(listed, listed.secret)


def test_a_wish_can_be_taken_back(listed: Line) -> None:
    switch(listed, "bob", "on", listed.secret)
    assert "is not switched on for you" in switch(listed, "bob", "off", listed.secret)
    assert "cannot be seen" in switch(listed, "bob", "off", listed.secret)
    invite(listed, listed.secret, by=listed.bob)
    assert ["where Chorus is off" in text for text in notes(listed, "bob")] == [True]


def test_a_wish_wished_twice_is_fulfilled_once(listed: Line) -> None:
    switch(listed, "bob", "on", listed.secret)
    switch(listed, "bob", "on --public admins", listed.secret)
    invite(listed, listed.secret, by=listed.ann)
    assert ["for the channel's admins" in text for text in notes(listed, "bob")] == [True]


def test_a_wish_that_was_being_looked_into_while_the_bot_came_is_not_forgotten(
    listed: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_manage = audience.may_manage

    def invited_meanwhile(client: Client, channel_id: str, person_id: str) -> bool:
        may = may_manage(client, channel_id, person_id)
        listed.playground.add_member(listed.bot, listed.secret, by=listed.ann)
        return may

    monkeypatch.setattr(audience, "may_manage", invited_meanwhile)
    assert ON in switch(listed, "bob", "on", listed.secret)
