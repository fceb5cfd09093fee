"""Whose a digest is: who may look at it, change it and end it; and what becomes of rights that were lost meanwhile."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import digest
from tests.scenarios.ordering import demote, fill, only, opened, typed
from tests.scenarios.summaries import WRITTEN, talk

NOBODY_S = "There is no digest #1 that you can look at or change here."


@pytest.fixture
def ops(line: Line) -> Doc:
    """A public channel of ann's and bob's."""
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))


@pytest.fixture
def board(line: Line) -> Doc:
    """A private one of bob's and carol's."""
    return line.playground.add_channel("P", "board", members=(line.bob, line.carol, line.bot))


@pytest.fixture
def hers(line: Line) -> int:
    """Ann's, posted in the town, of which bob is an admin too; carol reads there."""
    for who in (line.ann, line.bob):
        line.playground.make_channel_admin(who, line.town)
    return digest(line, line.ann, [line.town], line.town, line="30 8 * * *")


@pytest.mark.usefixtures("hers")
@pytest.mark.parametrize("verb", ["edit 1 09:30", "pause 1", "resume 1", "run 1", "preview 1", "remove 1"])
def test_who_only_reads_there_may_look_and_no_more(line: Line, verb: str) -> None:
    assert NOBODY_S in typed(line, line.carol, verb)
    assert "Digest #1" in typed(line, line.carol, "show 1")
    assert "/ai digest edit" not in typed(line, line.carol, "show 1")
    assert (only(line).state, only(line).line) == ("active", "30 8 * * *")
    assert line.answers() == []


@pytest.mark.usefixtures("hers")
def test_elsewhere_it_is_not_even_there_for_them(line: Line, ops: Doc) -> None:
    assert NOBODY_S in typed(line, line.carol, "show 1", line.direct(line.carol))


@pytest.mark.usefixtures("hers")
def test_another_admin_of_the_channel_may_all_but_have_a_preview(line: Line) -> None:
    talk(line)
    assert "Digest #1 is paused" in typed(line, line.bob, "pause 1")
    assert "Digest #1 goes on" in typed(line, line.bob, "resume 1")
    assert "every day at 09:30" in typed(line, line.bob, "edit 1 09:30")
    assert "Only the owner of digest #1 can have a preview" in typed(line, line.bob, "preview 1")
    line.model.enqueue(WRITTEN)
    assert "comes in `~town`" in typed(line, line.bob, "run 1")
    assert len(line.answers()) == 1
    assert only(line).person_id == line.ann["id"]
    assert "is removed" in typed(line, line.bob, "remove 1")
    assert "There is no digest #1" in typed(line, line.bob, "show 1")


@pytest.mark.usefixtures("hers")
def test_another_admin_s_dialog_says_whose_it_is(line: Line) -> None:
    dialog = opened(line, line.bob, "edit 1")
    (where,) = [one for one in dialog["dialog"]["elements"] if one["name"] == "to"]
    assert where["options"][0]["text"] == "to ann alone"
    assert where["default"] == "here"
    fill(line, line.bob, dialog, time="10:30")
    line.settle()
    assert only(line).line == "30 10 * * *"


@pytest.mark.usefixtures("hers")
def test_who_is_no_admin_any_more_when_the_dialog_is_sent_changes_nothing(line: Line) -> None:
    dialog = opened(line, line.bob, "edit 1")
    demote(line, line.bob)
    fill(line, line.bob, dialog, time="10:30")
    line.settle()
    assert only(line).line == "30 8 * * *"
    assert NOBODY_S in line.told(line.bob)[-1]


@pytest.mark.usefixtures("hers")
def test_an_admin_gives_its_owner_nothing_that_the_owner_may_not_have(line: Line, board: Doc, ops: Doc) -> None:
    said = typed(line, line.bob, "edit 1 ~board --to me")
    assert "**ann**, whose digest it is, may not read all of these channels." in said
    line.playground.make_channel_admin(line.bob, ops)
    said = typed(line, line.bob, "edit 1 ~ops --to ~ops")
    assert "**ann**, whose digest it is, is no admin of `~ops`" in said
    assert only(line).to_channel == line.town["id"]


@pytest.mark.usefixtures("hers")
def test_an_admin_has_nothing_posted_where_they_are_none(line: Line, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, ops)
    assert "Only its admins can have a digest posted in `~ops`." in typed(line, line.bob, "edit 1 ~ops --to ~ops")


def test_somebody_s_own_is_nobody_else_s_not_even_an_admin_s(line: Line) -> None:
    digest(line, line.ann, [line.town])
    line.playground.change_user(line.bob, roles="system_admin system_user")
    for verb in ("show 1", "edit 1 09:30", "pause 1", "resume 1", "run 1", "preview 1", "remove 1"):
        assert NOBODY_S in typed(line, line.bob, verb)
    assert NOBODY_S in line.say(line.bob, "digest edit 1").text


# What another admin does, its owner reads


@pytest.mark.usefixtures("hers")
@pytest.mark.parametrize(
    ("verb", "note"),
    [
        (
            "edit 1 --to me",
            "**bob** has changed your digest #1, which now is: `~town`, to you alone, every day at 08:30.",
        ),
        ("pause 1", "**bob** has paused your digest #1. `/ai digest resume 1` lets it go on."),
        ("remove 1", "**bob** has removed your digest #1: nothing of it comes any more."),
    ],
)
def test_its_owner_reads_what_another_admin_has_done(line: Line, verb: str, note: str) -> None:
    typed(line, line.bob, verb)
    (told,) = line.private_answers(line.ann)
    assert told.startswith(note)
    assert line.private_answers(line.bob) == []


@pytest.mark.usefixtures("hers")
def test_also_that_it_goes_on_and_nothing_of_what_they_do_themselves(line: Line) -> None:
    for verb in ("edit 1 09:30", "pause 1"):
        typed(line, line.ann, verb)
    assert line.private_answers(line.ann) == []
    typed(line, line.bob, "resume 1")
    (told,) = line.private_answers(line.ann)
    assert told.startswith("**bob** lets your digest #1 go on. Its next times: ")
    typed(line, line.bob, "resume 1")  # it does already
    assert len(line.private_answers(line.ann)) == 1


# Rights that were lost meanwhile


def test_one_does_not_go_on_where_a_right_was_lost_meanwhile(line: Line, board: Doc) -> None:
    number = digest(line, line.bob, [board], state="paused", why="asked")
    line.playground.remove_member(line.bob, board)
    assert "One of its channels you may not read any more" in typed(line, line.bob, f"resume {number}")
    assert only(line).state == "paused"
    line.playground.add_member(line.bob, board)
    assert "goes on" in typed(line, line.bob, f"resume {number}")


def test_nor_where_somebody_has_come_who_may_not_read_it(line: Line, ops: Doc) -> None:
    for channel in (line.town, ops):
        line.playground.make_channel_admin(line.ann, channel)
    digest(line, line.ann, [line.town], ops, state="paused", why="asked")
    dora = line.playground.add_user("dora")
    line.playground.join(dora, ops)
    assert "Not everybody in `~ops` is a member of `~town`" in typed(line, line.ann, "resume")
    assert only(line).state == "paused"


def test_a_channel_that_one_may_not_read_any_more_has_no_name_in_lists(line: Line, board: Doc) -> None:
    digest(line, line.bob, [line.town, board])
    assert "`~town` and `~board`" in typed(line, line.bob, "list")
    line.playground.remove_member(line.bob, board)
    assert "`~town` and a channel that you cannot read" in typed(line, line.bob, "list")
    assert "board" not in typed(line, line.bob, "show")


# Lists


@pytest.mark.usefixtures("hers")
def test_a_list_names_the_verbs_that_its_reader_has(line: Line) -> None:
    assert "`edit`, `pause`, `resume`, `run`, `preview`, `remove`." in typed(line, line.ann, "list")
    assert "`edit`, `pause`, `resume`, `run`, `remove`." in typed(line, line.bob, "list")
    assert typed(line, line.carol, "list").endswith("`/ai digest show 1` tells all of it.")


def test_a_person_s_name_is_told_as_it_is(line: Line) -> None:
    eve = line.playground.add_user("eve_w.x-2")
    line.playground.join(eve, line.town, admin=True)
    digest(line, eve, [line.town], line.town)
    assert r"by **eve\_w.x-2** – next:" in typed(line, line.carol, "list")
