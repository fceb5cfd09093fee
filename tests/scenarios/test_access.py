"""Who may ask, and where: in channels that are on, in direct messages for their members."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from mmapp.db import clock
from mmapp.jobs import allowed
from mmapp.models import ChannelSettings, PersonSettings, new_id
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.switching import OFF, heard, is_inside, notes, switch
from tests.scenarios.test_counts import calls

NONE = "you are in none yet"
MEMBER = "GET /channels/{}/members/{}"


def switch_off(line: Line) -> None:
    """Somebody has switched every channel off just now."""
    with line.worker.database.write() as session:
        session.execute(update(ChannelSettings).values(on=False))


# A channel that is off


def test_a_question_in_a_channel_that_is_off_is_refused_at_once_and_given_back(listed: Line) -> None:
    with calls(listed) as made:
        said = listed.say(listed.ann, "ask --private Why?").text
    assert OFF in said
    assert "`/ai on`" in said
    assert "```\n/ai ask --private Why?\n```" in said
    assert made == ["POST /commands/execute"]
    assert listed.jobs("queued") == 0


def test_a_mention_there_gets_the_sentence_alone(listed: Line) -> None:
    listed.mention(listed.ann, "@ai why?")
    assert OFF in notes(listed, "ann")[0]
    assert (listed.answers(), listed.model.history) == ([], [])


@pytest.mark.parametrize("command", ["help", "", "new", "stop", "delete", "off"])
def test_what_asks_no_model_works_in_every_channel(listed: Line, command: str) -> None:
    assert OFF not in listed.say(listed.ann, command).text


def test_what_was_asked_before_it_was_switched_off_is_not_admitted(listed: Line) -> None:
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bob))
    listed.playground.make_channel_admin(listed.bob, harbour)
    switch(listed, "bob", "on", harbour)
    listed.playground.remove_member(listed.bot, harbour)
    listed.say(listed.ann, "ask Why?", harbour)
    switch_off(listed)
    listed.settle()
    assert OFF in heard(listed, "ann")[-1]
    assert "/ai ask Why?" in heard(listed, "ann")[-1]
    assert not is_inside(listed, harbour)


@pytest.mark.parametrize("in_thread", [True, False])
def test_what_was_admitted_before_it_was_switched_off_is_not_answered(listed: Line, in_thread: bool) -> None:
    switch(listed, "bob")
    root = listed.playground.post_as(listed.bob, listed.town, "The pump stopped.") if in_thread else None
    listed.say(listed.ann, "ask Why?", root=root)
    assert listed.step("admit")
    switch_off(listed)
    listed.settle()
    assert OFF in heard(listed, "ann")[-1]
    assert (listed.answers(), listed.model.history) == ([], [])


@pytest.mark.parametrize("inside", [True, False])
def test_a_thread_of_a_channel_that_is_off_is_read_nowhere_and_draws_the_bot_in_nowhere(
    listed: Line, inside: bool
) -> None:
    switch(listed, "bob")
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, *[listed.bot] * inside))
    root = listed.playground.post_as(listed.ann, harbour, "The crane is stuck.")
    listed.say(listed.ann, f"ask --private --thread {listed.playground.link(root)} Why?")
    listed.settle()
    assert "off in the channel of that message" in heard(listed, "ann")[-1]
    assert listed.model.history == []
    assert is_inside(listed, harbour) is inside


def test_who_may_not_read_a_channel_is_not_told_that_it_is_off(listed: Line) -> None:
    switch(listed, "bob")
    listed.playground.join(listed.bot, listed.secret)
    listed.playground.remove_member(listed.carol, listed.secret)
    root = listed.playground.post_as(listed.ann, listed.secret, "We sell the harbour.")
    listed.say(listed.carol, f"ask --private --thread {listed.playground.link(root)} What?")
    listed.settle()
    assert "no such message" in heard(listed, "carol")[-1]


def test_a_conversation_about_a_thread_ends_when_its_channel_is_switched_off(listed: Line) -> None:
    switch(listed, "bob")
    root = listed.playground.post_as(listed.ann, listed.town, "The pump stopped.")
    command = f"ask --private --thread {listed.playground.link(root)} Why?"
    listed.model.enqueue("It ran dry.")
    listed.say(listed.ann, command)
    listed.settle()
    direct = listed.direct(listed.ann)
    (answer,) = listed.posts(direct)
    harbour = listed.playground.add_channel("O", "harbour", members=(listed.ann, listed.bot))
    listed.playground.make_channel_admin(listed.ann, harbour)
    switch(listed, "bob", "off")
    switch(listed, "ann", "on", harbour)  # in which the direct message is still open to ann
    listed.ask(listed.ann, "Since when?", direct, root=answer)
    assert "off in the channel of that message" in heard(listed, "ann")[-1]
    assert len(listed.model.history) == 1


def test_a_channel_that_is_named_as_a_group_message_is_off_all_the_same(listed: Line) -> None:
    disguised = listed.playground.add_channel("O", "a" * 40, members=(listed.ann, listed.bot))
    listed.ask(listed.ann, "Why?", disguised)
    assert OFF in heard(listed, "ann")[-1]
    assert listed.model.history == []


# Direct messages


def test_in_a_direct_message_members_of_a_channel_that_is_on_are_answered(listed: Line) -> None:
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", listed.direct(listed.ann), answer="Because.")
    assert "Because." in notes(listed, "ann")[0]


def test_in_a_direct_message_others_are_told_how_to_get_there(listed: Line) -> None:
    dave = listed.playground.add_user("dave")
    switch(listed, "bob")
    listed.mention(dave, "Why?", listed.direct(dave))
    listed.ask(dave, "Why?", listed.direct(dave))
    assert [NONE in text for text in heard(listed, dave) if "ai on" in text] == [True, True]
    assert listed.model.history == []


def test_where_no_channel_is_on_nobody_is_answered_in_direct_messages(listed: Line) -> None:
    listed.ask(listed.bob, "Why?", listed.direct(listed.bob))
    assert NONE in heard(listed, "bob")[-1]


@pytest.mark.parametrize("outside", ["another's direct message", "a group message"])
@pytest.mark.parametrize("member", [True, False])
def test_the_same_goes_for_answers_that_come_there_from_elsewhere(listed: Line, outside: str, member: bool) -> None:
    dave = listed.playground.add_user("dave")
    switch(listed, "bob")
    if member:
        listed.playground.join(dave, listed.town)
    group = listed.playground.add_channel("G", "e" * 40, members=(dave, listed.ann, listed.bob))
    place = group if outside == "a group message" else listed.playground.direct(dave, listed.ann)
    if member:
        listed.ask(dave, "Why?", place, answer="Because.")
        assert "Because." in notes(listed, dave)[0]
    else:
        listed.ask(dave, "Why?", place)
        assert NONE in heard(listed, dave)[-1]


def test_a_group_message_with_the_bot_in_it_is_for_members_too(listed: Line) -> None:
    group = listed.playground.add_channel("G", "e" * 40, members=(listed.ann, listed.bob, listed.bot))
    listed.ask(listed.ann, "Why?", group)
    assert NONE in heard(listed, "ann")[-1]
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", group, answer="Because.")
    assert "Because." in listed.answers(group)[0]


def on_in(line: Line, name: str, *members: Doc) -> Doc:
    """Another channel that is on."""
    channel = line.playground.add_channel("O", name, members=(line.bob, line.bot, *members))
    line.playground.make_channel_admin(line.bob, channel)
    switch(line, "bob", "on", channel)
    return channel


def on_elsewhere(line: Line, count: int) -> None:
    """So many more channels are on since just now, in which nobody is but the bot."""
    with line.worker.database.write() as session:
        for _ in range(count):
            channel = line.playground.add_channel("P", new_id(), members=(line.bot,))
            kept = {"on": True, "public": "everyone", "set_by": line.bob["id"], "set_at": clock(session)}
            session.add(ChannelSettings(channel_id=channel["id"], **kept))


def test_the_channel_that_somebody_was_found_in_is_asked_first_the_next_time(listed: Line) -> None:
    switch(listed, "bob")
    for number in range(3):
        on_in(listed, f"harbour-{number}")
    for looked in (4, 1):  # the latest that were switched on first
        listed.model.enqueue("Because.")
        listed.say(listed.ann, "ask Why?", listed.direct(listed.ann))
        with calls(listed) as made:
            listed.step("admit")
        listed.settle()
        assert made.count(MEMBER) == looked


def test_a_membership_is_looked_for_in_fifty_channels_and_typing_on_again_brings_one_among_them(listed: Line) -> None:
    switch(listed, "bob")
    on_elsewhere(listed, allowed.LOOKED)
    listed.say(listed.ann, "ask Why?", listed.direct(listed.ann))
    with calls(listed) as made:
        listed.step("admit")
    listed.settle()
    assert made.count(MEMBER) == allowed.LOOKED
    assert NONE in heard(listed, "ann")[-1]
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", listed.direct(listed.ann), answer="Because.")
    on_elsewhere(listed, allowed.LOOKED)
    listed.ask(listed.ann, "And now?", listed.direct(listed.ann), answer="Now.")  # found where ann was found before
    assert "Now." in notes(listed, "ann")[-1]


def test_a_membership_is_asked_for_each_time_and_not_remembered(listed: Line) -> None:
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", listed.direct(listed.ann), answer="Because.")
    listed.playground.remove_member(listed.ann, listed.town)
    listed.ask(listed.ann, "Why now?", listed.direct(listed.ann))
    assert NONE in heard(listed, "ann")[-1]
    on_in(listed, "harbour", listed.ann)
    listed.ask(listed.ann, "And now?", listed.direct(listed.ann), answer="Now.")
    assert "Now." in notes(listed, "ann")[-1]
    with listed.worker.database.read() as session:
        assert session.scalar(select(PersonSettings.note_when_late)) is True


# For whom the bot posts


@pytest.mark.parametrize(("who", "posts"), [("ann", False), ("bob", True), ("root", True)])
def test_where_it_posts_for_admins_others_get_theirs_in_the_direct_message(listed: Line, who: str, posts: bool) -> None:
    person = listed.playground.user(who)
    listed.playground.join(person, listed.town)
    switch(listed, "bob", "on --public admins")
    listed.ask(person, "Why?", answer="Because.")
    assert len(listed.answers()) == posts
    assert any("Because." in text for text in notes(listed, who)) is not posts
    assert any("posts only for its admins" in text for text in heard(listed, who)) is not posts


def test_where_it_posts_for_nobody_even_an_admin_s_answer_comes_alone_and_says_why(listed: Line) -> None:
    switch(listed, "bob", "on --public nobody")
    root = listed.playground.post_as(listed.ann, listed.town, "The pump stopped.")
    listed.ask(listed.bob, "Why?", root=root, answer="It ran dry.")
    assert listed.answers() == []
    assert "It ran dry." in notes(listed, "bob")[0]
    assert "The pump stopped." in listed.prompt()
    assert any("ai posts no answers" in text for text in heard(listed, "bob"))


def test_a_mention_is_answered_alone_there_as_well(listed: Line) -> None:
    switch(listed, "bob", "on --public nobody")
    listed.mention(listed.ann, "@ai why?", answer="Because.")
    assert listed.answers() == []
    assert ["Because." in text for text in notes(listed, "ann")].count(True) == 1


def test_what_was_answered_alone_is_no_part_of_the_thread_s_conversation(listed: Line) -> None:
    switch(listed, "bob", "on --public admins")
    root = listed.playground.post_as(listed.ann, listed.town, "The pump stopped.")
    listed.ask(listed.ann, "Is it mine?", root=root, answer="It is yours, ann.")
    listed.ask(listed.bob, "Why?", root=root, answer="It ran dry.")
    assert "yours, ann" not in listed.prompt()


def test_who_asked_for_a_private_answer_reads_no_reason_for_it(listed: Line) -> None:
    switch(listed, "bob", "on --public nobody")
    listed.ask(listed.ann, "--private Why?", answer="Because.")
    assert not any("posts no answers" in text for text in heard(listed, "ann"))
