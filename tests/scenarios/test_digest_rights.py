"""Who may have which digest, where: asked of Mattermost when it is set up, changed and let go on."""

from __future__ import annotations

import pytest

from mmapp.db import clock
from mmapp.models import ChannelSettings, ClosedChannel
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import demote, digests, errors, fill, only, opened, posted, typed
from tests.scenarios.switching import OFF, is_inside, switch


@pytest.fixture
def ops(line: Line) -> Doc:
    """A public channel of ann's and bob's."""
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))


@pytest.fixture
def board(line: Line) -> Doc:
    """A private one of bob's and carol's."""
    return line.playground.add_channel("P", "board", members=(line.bob, line.carol, line.bot))


# What is read


def test_a_channel_that_one_may_not_read_is_none(line: Line, board: Doc) -> None:
    for named in ("~board", board["id"]):
        assert f"There is no channel `{named}` that you and ai can both read." in typed(
            line, line.ann, f"{named} hourly"
        )
    assert "**#1** is set up" in typed(line, line.bob, "~board hourly")


def test_one_without_the_bot_is_none_until_it_is_invited(line: Line) -> None:
    assert "Any member can invite it there: `/invite @ai`" in typed(line, line.ann, "~secret hourly")
    assert "is not in this channel" in typed(line, line.ann, "hourly", line.secret)
    line.playground.add_member(line.bot, line.secret)
    assert "`~secret`, to you alone" in typed(line, line.ann, "hourly", line.secret)


def test_a_public_one_is_joined_by_its_id_or_where_it_is_typed(line: Line) -> None:
    yard = line.playground.add_channel("O", "yard", members=(line.bob,))
    lot = line.playground.add_channel("O", "lot", members=(line.bob,))
    assert "`~yard`, to you alone" in typed(line, line.ann, f"{yard['id']} hourly")
    assert "`~lot`, to you alone" in typed(line, line.bob, "hourly", lot)
    assert is_inside(line, yard)
    assert is_inside(line, lot)


def test_an_archived_one_is_none(line: Line, ops: Doc) -> None:
    line.playground.archive(ops)
    for named in ("~ops", ops["id"]):
        assert "There is no channel" in typed(line, line.ann, f"{named} hourly")


def test_a_direct_message_is_no_channel(line: Line) -> None:
    direct = line.direct(line.ann)
    assert "There is no channel" in typed(line, line.ann, f"{direct['id']} hourly")


def test_one_that_its_admins_have_closed_is_left_out(line: Line, ops: Doc) -> None:
    with line.worker.database.write() as session:
        session.add(ClosedChannel(channel_id=ops["id"], closed_by=line.bob["id"], closed_at=clock(session)))
    said = typed(line, line.ann, "~ops ~town hourly")
    assert "The admins of `~ops` do not want its messages read. Please leave it out." in said
    assert "/ai digest ~ops ~town hourly" in said


# Where it is posted


def test_in_a_channel_its_admins_have_one_posted(line: Line) -> None:
    said = typed(line, line.ann, "daily 08:30 --to here")
    assert "Only its admins can have a digest posted in `~town`." in said
    assert "```\n/ai digest here daily 08:30 --to here\n```" in said
    line.playground.make_channel_admin(line.ann, line.town)
    assert "`~town`, posted in `~town`, every day at 08:30" in typed(line, line.ann, "daily 08:30 --to here")
    assert only(line).to_channel == line.town["id"]


@pytest.mark.parametrize("right", ["team", "system"])
def test_admins_of_the_team_and_the_server_are_admins_too(line: Line, right: str) -> None:
    if right == "team":
        line.playground.make_team_admin(line.ann)
    else:
        line.playground.change_user(line.ann, roles="system_admin system_user")
    assert "posted in `~town`" in typed(line, line.ann, "daily 08:30 --to ~town")


def test_nobody_has_one_posted_where_they_are_not(line: Line, board: Doc) -> None:
    line.playground.make_team_admin(line.ann)
    assert "There is no channel `~board`" in typed(line, line.ann, "daily 08:30 --to ~board")
    yard = line.playground.add_channel("O", "yard", members=(line.bob, line.bot))
    assert "You are not a member of `~yard`" in typed(line, line.ann, "daily 08:30 --to ~yard")
    assert not line.posts(yard)
    assert digests(line) == []


def test_where_the_bot_is_to_be_silent_nothing_is_posted(line: Line) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    switch(line, "ann", "on --public nobody")
    assert "In `~town` ai posts nothing" in typed(line, line.ann, "daily 08:30 --to here")
    switch(line, "ann", "on --public admins")
    assert "posted in `~town`" in typed(line, line.ann, "daily 08:30 --to here")


def test_it_goes_only_where_all_who_read_it_may_read_what_it_tells(line: Line, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    said = typed(line, line.ann, "~town ~ops daily 08:30 --to here")
    assert "Not everybody in `~town` is a member of `~ops`" in said
    assert "/ai digest ~town ~ops daily 08:30 --to here" in said
    line.playground.add_member(line.carol, ops)
    assert "`~town` and `~ops`, posted in `~town`" in typed(line, line.ann, "~town ~ops daily 08:30 --to here")


def test_to_oneself_alone_any_that_one_may_read(line: Line, ops: Doc, board: Doc) -> None:
    assert "`~town`, `~ops` and `~board`, to you alone" in typed(line, line.bob, "~town ~ops ~board daily 08:30")


# Where Chorus is off, guests


def test_where_it_is_off_none_is_set_up_but_those_that_are_there_can_be_ended(listed: Line) -> None:
    digest(listed, listed.ann, [listed.town])
    for words in ("", "daily 08:30", "edit 1", "edit 1 09:30", "run", "preview"):
        assert OFF in listed.say(listed.ann, f"digest {words}").text
    assert "**#1**" in typed(listed, listed.ann, "list")
    for verb in ("show", "pause", "resume", "remove"):
        assert OFF not in typed(listed, listed.ann, verb)


def test_a_channel_that_is_off_is_neither_read_nor_posted_in(listed: Line) -> None:
    ops = listed.playground.add_channel("O", "ops", members=(listed.ann, listed.bob, listed.bot))
    yard = listed.playground.add_channel("O", "yard", members=(listed.ann, listed.bob))
    listed.playground.make_channel_admin(listed.bob, ops)
    switch(listed, "bob")
    assert "Chorus is off in `~ops`." in typed(listed, listed.bob, "~ops hourly")
    assert "Chorus is off in `~ops`." in typed(listed, listed.bob, "~town hourly --to ~ops")
    assert "Chorus is off in `~yard`." in typed(listed, listed.bob, f"{yard['id']} hourly")
    assert not is_inside(listed, yard)
    switch(listed, "bob", "on", ops)
    assert "`~ops`, to you alone" in typed(listed, listed.bob, "~ops hourly")


def test_in_a_direct_message_who_is_a_member_of_a_channel_that_is_on(listed: Line) -> None:
    direct = listed.direct(listed.ann)
    assert "you are in none yet" in typed(listed, listed.ann, "~town hourly", direct)
    switch(listed, "bob")
    assert "`~town`, to you alone" in typed(listed, listed.ann, "~town hourly", direct)


def test_a_guest_has_none(line: Line) -> None:
    guest = line.playground.add_user("gina", roles="system_guest")
    line.playground.join(guest, line.town)
    line.playground.server.save_member(
        line.playground.server.member(line.town["id"], guest["id"]) | {"scheme_guest": True}
    )
    assert "Guests cannot ask here." in typed(line, guest, "~town hourly")
    assert digests(line) == []


# By a mention, and meanwhile


def test_a_mention_has_no_more_rights(line: Line, board: Doc) -> None:
    assert "There is no channel `~board`" in posted(line, line.ann, "~board hourly")
    assert "Only its admins can have" in posted(line, line.ann, "~town hourly --to here")
    assert digests(line) == []


def test_who_was_an_admin_when_it_was_typed_and_is_none_when_it_is_done_has_none(line: Line) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    line.say(line.ann, "digest daily 08:30 --to here")
    demote(line, line.ann)
    line.settle()
    assert digests(line) == []
    assert "Only its admins can have" in line.told(line.ann)[-1]


def test_errors_stay_beside_fields_where_only_rights_are_wrong(line: Line) -> None:
    """Rights are the worker's to ask for: the dialog closes, and what was filled in is given back."""
    answer = fill(line, line.ann, opened(line, line.ann), to="here")
    assert errors(answer) == {"": ""}
    line.settle()
    assert "/ai digest ~town weekdays 08:30 --to here" in line.told(line.ann)[-1]


def test_a_channel_switched_off_before_it_is_done_is_not_set_up(line: Line) -> None:
    line.say(line.ann, "digest daily 08:30")
    with line.worker.database.write() as session:
        off = ChannelSettings(channel_id=line.town["id"], set_by=line.bob["id"], set_at=clock(session))
        session.add(off)
    line.settle()
    assert digests(line) == []
    assert OFF in line.told(line.ann)[-1]
