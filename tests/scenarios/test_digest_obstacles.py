"""Whether a digest may be has one answer, for who types and for the time that it is due; and nobody joins anything for it."""

from __future__ import annotations

import pytest

from mmapp import choice
from mmapp.choice import Spot
from mmapp.db import clock
from mmapp.models import ChannelSettings
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.choosing import add, defaults
from tests.scenarios.digesting import NEXT, change, digest, due, known, paused, states
from tests.scenarios.ordering import digests, fill, further, only, opened, typed
from tests.scenarios.ordering import told as last_told
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.switching import is_inside
from tests.scenarios.test_bots_gone import without

# What is told here comes from Mattermost: one database will do, and both ages are met (test_digest_time.py has both).
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
GONE_ZONE = "Atlantis/Capital"


@pytest.fixture
def others() -> tuple[str, ...]:
    return ()


@pytest.fixture
def ops(line: Line) -> Doc:
    """A public channel of ann's and bob's."""
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))


def switched_off(line: Line, channel: Doc) -> None:
    with line.worker.database.write() as session:
        session.add(ChannelSettings(channel_id=channel["id"], on=False, set_by="", set_at=clock(session)))


# Nothing is joined


@pytest.mark.parametrize("verb", ["list", "show 1", "resume 1", "edit 1 09:30"])
def test_the_bot_does_not_come_back_to_a_channel_that_is_off(line: Line, ops: Doc, verb: str) -> None:
    digest(line, line.ann, [ops], state="paused", why="off")
    switched_off(line, ops)
    line.playground.remove_member(line.bot, ops)
    assert "ops" in typed(line, line.ann, verb)  # public: she may know its name all the same
    assert not is_inside(line, ops)


@pytest.mark.parametrize("verb", ["list", "show 1", "resume 1", "edit 1 09:30", "run 1"])
def test_nor_to_where_it_was_removed_from(line: Line, ops: Doc, verb: str) -> None:
    number = digest(line, line.ann, [ops], ops)
    line.playground.remove_member(line.bot, ops)
    due(line, number)
    assert paused(line, number) == "outside"
    typed(line, line.ann, verb)
    assert not is_inside(line, ops)
    assert known(line, number).state == "paused"


def test_messages_that_wait_in_a_channel_that_is_off_are_not_read_to_count_them(line: Line, ops: Doc) -> None:
    line.playground.post_as(line.bob, ops, "The crane is stuck.")
    digest(line, line.ann, [ops])
    assert "**Waiting:** 1 message" in typed(line, line.ann, "show 1")
    switched_off(line, ops)
    assert "Waiting" not in typed(line, line.ann, "show 1")


# Who types reads what keeps it, and nothing goes on


def test_a_guest_s_does_not_go_on(line: Line) -> None:
    number = digest(line, line.ann, [line.town])
    line.playground.change_user(line.ann, roles="system_guest")
    due(line, number)
    assert paused(line, number) == "access"
    assert "Guests cannot ask here" in typed(line, line.ann, "resume 1")
    assert known(line, number).state == "paused"


@pytest.mark.parametrize("verb", ["resume 1", "edit 1 09:30"])
def test_where_it_was_posted_is_archived(line: Line, ops: Doc, verb: str) -> None:
    number = digest(line, line.ann, [line.town], ops)
    line.playground.archive(ops)
    due(line, number)
    assert paused(line, number) == "archived"
    said = typed(line, line.ann, verb)
    assert "`~ops`, where it is posted, was archived. `/ai digest edit 1 --to me` has it sent to you alone" in said
    assert ops["id"] not in said
    assert known(line, number).state == "paused"
    typed(line, line.ann, "edit 1 --to me")
    assert "goes on" in typed(line, line.ann, "resume 1")


def test_one_source_of_two_that_was_archived_keeps_nothing_from_going_on(line: Line, ops: Doc) -> None:
    digest(line, line.ann, [line.town, ops], state="paused", why="asked", line="30 8 * * *")
    line.playground.archive(ops)
    assert "every day at 09:30" in typed(line, line.ann, "edit 1 09:30")
    assert "goes on" in typed(line, line.ann, "resume 1")
    line.playground.archive(line.town)
    typed(line, line.ann, "pause 1")
    assert "All channels that it tells of were archived." in typed(line, line.ann, "resume 1")


def test_what_may_not_be_read_any_more_is_left_out_with_the_command_for_it(line: Line) -> None:
    line.playground.join(line.bot, line.secret)
    digest(line, line.ann, [line.town, line.secret], state="paused", why="asked")
    line.playground.remove_member(line.ann, line.secret)
    said = typed(line, line.ann, "resume 1")
    assert "One of its channels you may not read any more" in said
    assert "`/ai digest edit 1 ~CHANNEL ~OTHER`" in said
    typed(line, line.ann, "edit 1 ~town")
    assert "goes on" in typed(line, line.ann, "resume 1")


@pytest.mark.parametrize("verb", ["run 1", "preview 1"])
def test_who_tries_one_that_is_paused_reads_what_still_keeps_it(line: Line, ops: Doc, verb: str) -> None:
    number = digest(line, line.ann, [line.town, ops], line.town)
    due(line, number)
    assert paused(line, number) == "readers"
    said = typed(line, line.ann, verb)
    assert "Not everybody in `~town` is a member of `~ops` (missing there: **carol**)" in said
    assert "is being made" not in said


# What it is called by now


def test_a_channel_s_present_name_is_nothing_for_who_may_not_read_it(line: Line) -> None:
    hidden = line.playground.add_channel("O", "layoffs", members=(line.bob, line.bot))
    number = digest(line, line.ann, [hidden])
    line.playground.store.drop("team_member", f"{line.team['id']}:{line.ann['id']}")
    due(line, number)
    assert paused(line, number) == "unreadable"
    assert "ayoffs" not in found(line, line.ann)


def test_nor_for_a_guest_in_the_dialog_and_in_lists(line: Line) -> None:
    hidden = line.playground.add_channel("O", "layoffs", members=(line.bob, line.bot))
    digest(line, line.ann, [hidden])
    line.playground.change_user(line.ann, roles="system_guest")
    assert defaults(opened(line, line.ann, "edit 1"))["what"] == hidden["id"]
    assert "a channel that you cannot read" in typed(line, line.ann, "list")


def test_another_admin_reads_no_names_of_what_only_its_owner_reads(line: Line) -> None:
    for who in (line.ann, line.bob):
        line.playground.make_channel_admin(who, line.town)
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    digest(line, line.ann, [board], line.town, state="paused", why="readers")
    said = typed(line, line.bob, "resume 1")
    assert "Not everybody in `~town` is a member of a channel of it, and" in said
    assert "carol" not in said
    assert "**ann** alone" in said


# Who reads it


def test_who_was_deactivated_reads_nothing(line: Line, ops: Doc) -> None:
    line.playground.join(line.carol, ops)
    line.playground.join(line.playground.add_user("left", delete_at=1), line.town)
    line.playground.make_channel_admin(line.ann, line.town)
    assert "is set up" in typed(line, line.ann, "~ops ~town daily 09:00 --to here")
    talk(line)
    line.model.enqueue(WRITTEN)
    due(line, 1)
    assert states(line, 1) == ["posted"]


def test_another_bot_reads_for_whoever_holds_its_token(line: Line, ops: Doc) -> None:
    line.playground.join(line.carol, ops)
    jira = line.playground.add_bot("jira")
    line.playground.join(jira, line.town)
    line.playground.make_channel_admin(line.ann, line.town)
    said = typed(line, line.ann, "~ops ~town daily 09:00 --to here")
    assert "Not everybody in `~town` is a member of `~ops` (missing there: **jira**)" in said
    line.playground.join(jira, ops)
    assert "is set up" in typed(line, line.ann, "~ops ~town daily 09:00 --to here")


def test_an_account_that_mattermost_says_nothing_of_counts(line: Line, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, line.town)
    line.playground.faults.add("POST /api/v4/users/ids", times=9, status=200, body="[]")
    assert "Not everybody in `~town` is a member of `~ops`, and" in typed(
        line, line.ann, "~ops ~town daily 09:00 --to here"
    )


def test_those_who_may_not_read_it_are_named_three_of_them(line: Line, ops: Doc) -> None:
    for name in ("dave", "erin", "frank"):
        line.playground.join(line.playground.add_user(name), line.town)
    number = digest(line, line.ann, [line.town, ops], line.town)
    due(line, number)
    note = found(line, line.ann)
    assert "may read **Ops**, which it tells of (missing there: " in note
    assert sum(f"**{name}**" in note for name in ("carol", "dave", "erin", "frank")) == 3
    assert ", 1 more)" in note


# Who hears that its person has gone


def test_where_a_channel_has_no_admins_of_its_own_the_team_s_are_told(line: Line) -> None:
    for who in (line.ann, line.bob):
        line.playground.make_team_admin(who)
    number = digest(line, line.ann, [line.town])
    change(line, number, to_channel=line.town["id"])
    line.playground.remove_member(line.ann, line.town)
    due(line, number)
    assert paused(line, number) == "left"
    assert "**ann**, who had it made, has left the channel" in found(line, line.bob)
    assert found(line, line.carol) == ""


# A zone that has another name by now


@pytest.mark.parametrize("verb", ["edit 1 09:00", "resume 1"])
def test_its_person_reads_how_its_zone_is_named_anew(line: Line, verb: str) -> None:
    number = digest(line, line.ann, [line.town], state="paused", why="times", zone=GONE_ZONE)
    assert "`/ai digest edit 1 --zone Europe/Berlin` names it anew." in typed(line, line.ann, verb)
    assert known(line, number).state == "paused"
    assert "its times are not understood any more" in typed(line, line.ann, "show 1")
    assert "Saved." in typed(line, line.ann, "edit 1 --zone Europe/Berlin")
    assert "goes on" in typed(line, line.ann, "resume 1")


def test_it_is_no_fault_of_a_list(line: Line) -> None:
    number = digest(line, line.ann, [line.town], zone=GONE_ZONE)
    change(line, number, made=1)
    due(line, digest(line, line.ann, [line.town]), NEXT[0])
    assert "its times are not understood any more" in typed(line, line.ann, "list")
    assert "**#2**" in typed(line, line.ann, "list")


def test_the_dialog_takes_its_person_s_own_zone_for_it(line: Line) -> None:
    typed(line, line.ann, "~town daily 08:30 --kind brief")  # her own zone is known from then on
    line.playground.change_user(
        line.ann,
        timezone={"useAutomaticTimezone": "false", "manualTimezone": "Asia/Kathmandu", "automaticTimezone": ""},
    )
    typed(line, line.ann, "~town daily 07:30 --kind actions")
    change(line, 1, zone=GONE_ZONE, state="paused", why="times")
    dialog = opened(line, line.ann, "edit 1")
    assert defaults(dialog)["time"] == "08:30"
    fill(line, line.ann, dialog)
    assert "Saved." in last_told(line, line.ann)
    assert known(line, 1).zone == "Asia/Kathmandu"


# A model that may not write it there


@pytest.fixture
def ruled(line: Line) -> None:
    """In the town tiny alone may answer; ann is its admin."""
    add(line, "large")
    spot = Spot(line.carol["id"], line.town["id"], line.town["team_id"])
    with line.worker.database.write() as session:
        choice.keep(session, spot, choice.CHANNEL, allowed=["tiny"])
    line.playground.make_channel_admin(line.ann, line.town)


@pytest.mark.usefixtures("ruled")
def test_which_model_may_write_it_is_judged_where_it_is_posted_and_read(line: Line, ops: Doc) -> None:
    said = typed(line, line.ann, "~town daily 09:00 --model large --to ~town", ops)
    assert "`large` may not answer here" in said
    assert digests(line) == []
    assert "is set up" in typed(line, line.ann, "~ops daily 09:00 --model large")  # typed in the town
    assert "`large` may not answer here" in typed(line, line.ann, "edit 1 ~ops ~town")
    assert only(line).channels == [ops["id"]]


@pytest.mark.usefixtures("ruled")
def test_the_dialog_offers_what_may_write_it_somewhere(line: Line, ops: Doc) -> None:
    second = further(line, line.ann, opened(line, line.ann, "~ops --kind brief"))
    fill(line, line.ann, second, model="large")
    assert "is set up" in last_told(line, line.ann)
    assert only(line).model == "large"


# A bot that is gone


@pytest.mark.parametrize("others", [("guide",)])
@pytest.mark.parametrize("verb", ["resume 1", "edit 1 09:30", "run 1"])
def test_one_whose_bot_is_gone_does_not_come_again(line: Line, guide: Doc, verb: str) -> None:
    line.mention(line.ann, "@guide digest daily 08:30 ~town --to me")
    without(line, guide)
    due(line, 1)
    assert paused_by_bot(line)
    assert "guide, which makes digest #1, no longer answers here." in typed(line, line.ann, verb)
    assert paused_by_bot(line)
    assert only(line).line == "30 8 * * *"


def paused_by_bot(line: Line) -> bool:
    return (only(line).state, only(line).why) == ("paused", "bot")
