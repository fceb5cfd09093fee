"""What a digest leaves open is done: ticked off under its post, or by a ✅ under the message that says it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mmapp.commands import done as done_verb
from mmapp.db import clock
from mmapp.jobs import queue
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import change, digest, due
from tests.scenarios.summaries import WRITTEN, talk
from tests.scenarios.telling import BUSY, aged, busy, first, kept, message, newest, next_one, words
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_gaps import nobody_listening
from tests.scenarios.test_more import buttons, problem

TASK, QUESTION = "carol: post-mortem by Friday", "Who fixes the cache on Monday?"
POST_MORTEM = "I write the post-mortem by Friday."
LATER = "The pilot boat has a new engine since today."
TICKS = ("white_check_mark", "heavy_check_mark", "ballot_box_with_check")


def opened(line: Line, who: Doc, post: Doc | None = None) -> Doc:
    """Press Done… under the digest in the town, or this one; the dialog that opens."""
    post = post or line.posts(line.town)[0]
    shown = len(line.playground.dialogs(who))
    pressed = line.playground.click(who, line.playground.post(post), "Done…")
    assert pressed.status == 200, pressed
    (dialog,) = line.playground.dialogs(who)[shown:]
    return dialog


def offered(dialog: Doc) -> list[str]:
    """The words beside its boxes."""
    return [one["placeholder"] for one in dialog["dialog"]["elements"] or ()]


def tick(line: Line, who: Doc, dialog: Doc, *said: str, at: Doc | None = None) -> str:
    """Tick those with these words, and submit, looking at the town unless told; why it stays open, if it does."""
    boxes = {one["placeholder"]: one["name"] for one in dialog["dialog"]["elements"]}
    values: dict[str, Any] = dict.fromkeys(boxes.values(), False) | {boxes[one]: True for one in said}
    return problem(line.pick(who, dialog, at, **values))


def open_ones(line: Line) -> list[str]:
    return [one.words for one in kept(line) if not one.done_at]


# Done…


def test_it_opens_also_where_the_digest_s_time_zone_has_another_name_by_now(line: Line) -> None:
    change(line, first(line, line.town), zone="Atlantis/Capital")
    assert offered(opened(line, line.bob)) == [TASK, QUESTION]


def test_the_dialog_lists_what_is_open_and_what_is_ticked_is_told_no_more(line: Line) -> None:
    number = first(line, line.town)
    aged(line, 3)
    dialog = opened(line, line.bob)
    assert offered(dialog) == [TASK, QUESTION]
    assert [one["display_name"] for one in dialog["dialog"]["elements"]] == [
        "To do, for 3 days",
        "Open, for 3 days",
    ]
    assert tick(line, line.bob, dialog, TASK) == ""
    line.settle()
    (task, question) = kept(line)
    assert (task.done_by, task.done_with, bool(task.done_at)) == (line.bob["id"], "", True)
    assert question.done_at is None
    text = next_one(line, number)
    assert TASK not in text
    assert QUESTION in text


def test_where_the_newest_was_deleted_the_newest_that_stands_shows_it(line: Line) -> None:
    number = first(line, line.town)
    next_one(line, number)
    next_one(line, number, "2026-11-28T09:00", LATER)
    *_, stands, newest_one = [post for post in line.posts(line.town) if not post["root_id"]]
    line.playground.delete(line.bot, newest_one)
    line.hear()
    do_all(line)
    line.playground.react(line.bob, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    line.settle()
    assert f"✅ **To do** since today · {TASK}" in line.playground.post(stands)["message"].replace("\u200b", "")


def test_its_post_shows_it_by_one_edit(line: Line) -> None:
    first(line, line.town)
    (head,) = line.posts(line.town)
    before = len(line.playground.revisions(head))
    tick(line, line.bob, opened(line, line.bob), TASK)
    line.settle()
    text = line.playground.post(head)["message"].replace("\u200b", "")
    assert f"✅ **To do** · {TASK} [[" in text
    assert f"\n**Open** · {QUESTION} [[" in text
    assert len(line.playground.revisions(head)) == before + 1
    assert buttons(line, head) == ["Done…", "More…"]


def test_once_nothing_is_open_the_button_goes(line: Line) -> None:
    first(line, line.town)
    (head,) = line.posts(line.town)
    tick(line, line.bob, opened(line, line.bob), TASK, QUESTION)
    line.settle()
    assert buttons(line, head) == ["More…"]


def test_what_is_told_below_is_ticked_there(line: Line) -> None:
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    head, below = line.posts(line.town)
    said = next(words(row) for *_, row in BUSY[4:8] if words(row) in below["message"].replace("\u200b", ""))
    before = line.playground.revisions(head)
    tick(line, line.bob, opened(line, line.bob, head), said)
    line.settle()
    assert f"✅ **To do** · {said}" in line.playground.post(below)["message"].replace("\u200b", "")
    assert line.playground.revisions(head) == before


def test_the_newest_digest_shows_it_too(line: Line) -> None:
    number = first(line, line.town)
    next_one(line, number)
    old, new = line.posts(line.town)
    tick(line, line.bob, opened(line, line.bob, old), TASK)
    line.settle()
    for post in (old, new):
        assert "✅ **To do**" in line.playground.post(post)["message"]


@pytest.mark.parametrize("setting", [{"PostEditTimeLimit": "60"}, {"MayEdit": False}])
def test_where_posts_cannot_be_edited_the_next_digest_alone_tells(line: Line, setting: dict[str, object]) -> None:
    number = first(line, line.town)
    (head,) = line.posts(line.town)
    line.playground.server.settings.update(setting)
    line.worker.edits._until = 0.0  # what it knew of it is ten minutes old
    tick(line, line.bob, opened(line, line.bob), TASK)
    do_all(line)
    assert line.playground.post(head)["message"] == head["message"]
    assert [post["id"] for post in line.posts(line.town)] == [head["id"]]
    assert TASK not in next_one(line, number)


def test_a_digest_without_anything_open_has_no_such_button(line: Line) -> None:
    talk(line)
    line.model.enqueue("The checkout was down; a memory limit was the cause. [1]\n")
    due(line, digest(line, line.ann, [line.town], line.town))
    assert buttons(line, line.posts(line.town)[0]) == ["More…"]


def test_nor_has_a_preview(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [line.town], line.town), "preview", preview=True, class_=queue.PERSON)
    assert buttons(line, line.posts(line.direct(line.ann))[0]) == ["More…"]


def test_it_lists_ten_the_oldest_first_and_says_how_many_more_there_are(line: Line) -> None:
    rows = "".join(f"- To do: bob: paint wall {number} of the hall [{number + 1}]\n" for number in range(12))
    for number in range(12):
        line.playground.post_as(line.bob, line.town, f"I paint wall {number} of the hall.")
    line.model.enqueue(f"The walls of the hall are painted by bob. [1]\n{rows}")
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    dialog = opened(line, line.ann)
    assert offered(dialog) == [f"bob: paint wall {number} of the hall" for number in range(10)]
    assert "2 more are open, and offered once some of these are done." in dialog["dialog"]["introduction_text"]


def test_what_is_older_than_two_weeks_is_offered_behind_what_is_not(line: Line) -> None:
    number = first(line, line.town)
    aged(line, 15)
    said = "Who calls the yard about the crane?"
    next_one(line, number, said=said, told=f"- Open: {said} [1]\n")
    assert offered(opened(line, line.ann)) == [said, TASK, QUESTION]


def test_in_a_direct_message_its_person_ticks_it_off(line: Line) -> None:
    first(line)
    (head,) = line.posts(line.direct(line.ann))
    assert tick(line, line.ann, opened(line, line.ann, head), TASK) == ""
    line.settle()
    assert "✅ **To do**" in line.private_answers(line.ann)[0]


# Who may


def test_who_is_no_member_of_a_public_channel_may_as_they_can_read_it(line: Line) -> None:
    first(line, line.town)
    dora = line.playground.add_user("dora")
    if line.playground.age == "5.37":
        line.playground.join(dora, line.town)  # others cannot press there
    assert tick(line, dora, opened(line, dora), TASK) == ""
    assert kept(line)[0].done_by == dora["id"]


def test_a_guest_who_is_not_inside_may_not(line: Line) -> None:
    first(line, line.town)
    dialog = opened(line, line.carol)
    line.playground.remove_member(line.carol, line.town)
    line.playground.change_user(line.carol, roles="system_guest")
    assert "Only who may read this channel" in tick(line, line.carol, dialog, TASK, at=line.direct(line.carol))
    assert open_ones(line) == [TASK, QUESTION]


def test_of_a_channel_that_one_may_not_read_nothing_is_listed(line: Line) -> None:
    people = (line.ann, line.bob, line.carol, line.bot)
    harbour = line.playground.add_channel("P", "harbour", members=people)
    few = line.playground.add_channel("P", "few", members=people)
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [harbour], few))
    line.playground.remove_member(line.carol, harbour)
    assert offered(opened(line, line.carol, line.posts(few)[0])) == []
    assert offered(opened(line, line.bob, line.posts(few)[0])) == [TASK, QUESTION]


def test_another_s_dialog_or_item_cannot_be_submitted(line: Line) -> None:
    first(line, line.town)
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.carol, line.bot))
    talker = line.playground.post_as(line.ann, harbour, "Who calls the yard about the crane?")
    line.playground.post_as(line.carol, harbour, "The crane of the yard is stuck.", talker)
    line.model.enqueue("The crane is stuck. [2]\n- Open: Who calls the yard about the crane? [1]\n")
    due(line, digest(line, line.ann, [harbour], harbour))
    theirs = next(one for one in kept(line) if "crane" in one.words)
    dialog = opened(line, line.bob)
    assert problem(line.pick(line.bob, dialog, **{theirs.id: "true"}))
    assert theirs.words in open_ones(line)
    assert "done already" in problem(line.pick(line.carol, opened(line, line.bob), **{theirs.id: "true"}))


# Twice, at once, gone


def test_submitted_twice_it_is_done_once_and_said(line: Line) -> None:
    first(line, line.town)
    dialog = opened(line, line.bob)
    assert tick(line, line.bob, dialog, TASK) == ""
    assert tick(line, line.bob, dialog, TASK)
    assert open_ones(line) == [QUESTION]


def test_by_two_people_at_once_the_first_one_counts_and_the_second_reads_that(line: Line) -> None:
    first(line, line.town)
    bobs, carols = opened(line, line.bob), opened(line, line.carol)
    assert tick(line, line.bob, bobs, TASK) == ""
    said = tick(line, line.carol, carols, TASK, QUESTION)
    assert said == "One of them was done or gone already; the rest is done now. You can close this."
    assert [one.done_by for one in kept(line)] == [line.bob["id"], line.carol["id"]]
    line.settle()
    (head,) = line.posts(line.town)
    assert head["message"].count("✅") == 2


def test_what_is_gone_meanwhile_is_said(line: Line) -> None:
    first(line, line.town)
    dialog = opened(line, line.bob)
    line.playground.delete(line.carol, message(line, POST_MORTEM))
    line.hear()
    assert "It was done or gone already" in tick(line, line.bob, dialog, TASK)


def test_with_nothing_ticked_it_says_so_and_can_be_ticked_still(line: Line) -> None:
    first(line, line.town)
    dialog = opened(line, line.bob)
    assert "Nothing is ticked yet." in tick(line, line.bob, dialog)
    assert tick(line, line.bob, dialog, TASK) == ""


def test_pressed_when_all_is_done_it_says_so(line: Line) -> None:
    first(line, line.town)
    head = line.playground.post(line.posts(line.town)[0])
    with line.worker.database.write() as session:
        done_verb.close(session, [one.id for one in kept(line)], line.bob["id"])
    dialog = opened(line, line.ann, head)
    assert offered(dialog) == []
    assert "Nothing of this digest is open" in dialog["dialog"]["introduction_text"]


def test_under_a_digest_that_was_deleted_it_says_so(line: Line) -> None:
    first(line, line.town)
    dialog = opened(line, line.bob)
    line.pick(line.ann, line.more(line.ann), what="delete")
    do_all(line)
    assert "This digest was deleted" in tick(line, line.bob, dialog, TASK)


def test_written_anew_it_is_ticked_still(line: Line) -> None:
    first(line, line.town)
    (head,) = line.posts(line.town)
    tick(line, line.bob, opened(line, line.bob), TASK)
    line.settle()
    line.model.enqueue(WRITTEN.replace("post-mortem by Friday", "the post-mortem, by Friday"))
    assert line.pick(line.ann, line.more(line.ann, head), what="again") == {}
    line.settle()
    assert "✅ **To do** · carol: the post-mortem, by Friday" in line.posts(line.town)[0]["message"].replace(
        "\u200b", ""
    )
    assert open_ones(line) == [QUESTION]


def test_ticked_off_while_it_is_written_anew_it_is_ticked_in_the_new_one(line: Line) -> None:
    first(line, line.town)
    (head,) = line.posts(line.town)
    dialog = opened(line, line.bob)
    line.pick(line.ann, line.more(line.ann, head), what="again")
    line.look()
    tick(line, line.bob, dialog, TASK)
    line.step("admit")
    line.step("admit")
    assert buttons(line, head) == ["Stop"]
    line.model.enqueue(WRITTEN.replace("post-mortem by Friday", "the post-mortem, by Friday"))
    do_all(line)
    line.look()
    do_all(line)
    assert "✅ **To do** · carol: the post-mortem, by Friday" in line.posts(line.town)[0]["message"].replace(
        "\u200b", ""
    )
    assert buttons(line, head) == ["Done…", "More…"]


# ✅


@pytest.mark.parametrize("emoji", TICKS)
def test_a_tick_under_the_message_closes_what_it_says(line: Line, emoji: str) -> None:
    number = first(line, line.town)
    line.playground.react(line.carol, message(line, POST_MORTEM), emoji)
    line.hear()
    line.settle()
    task = kept(line)[0]
    assert (task.words, task.done_by, task.done_with) == (TASK, line.carol["id"], emoji)
    assert "✅ **To do**" in line.posts(line.town)[0]["message"]
    assert TASK not in next_one(line, number)


def test_other_reactions_and_other_messages_close_nothing(line: Line) -> None:
    first(line, line.town)
    line.playground.react(line.carol, message(line, POST_MORTEM), "eyes")
    line.playground.react(line.carol, message(line, "Limit raised"), TICKS[0])
    line.hear()
    assert open_ones(line) == [TASK, QUESTION]


def test_the_bot_s_own_and_other_bots_ticks_close_nothing(line: Line) -> None:
    first(line, line.town)
    robot = line.playground.add_bot("robot")
    line.playground.join(robot, line.town)
    for who in (robot, line.bot):
        line.playground.react(who, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    assert open_ones(line) == [TASK, QUESTION]


def test_taken_away_again_it_is_open_again(line: Line) -> None:
    number = first(line, line.town)
    line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    line.settle()
    line.playground.unreact(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    line.settle()
    assert open_ones(line) == [TASK, QUESTION]
    assert "✅" not in line.posts(line.town)[0]["message"]
    assert TASK in next_one(line, number)


def test_as_long_as_another_s_tick_stands_there_it_is_done(line: Line) -> None:
    first(line, line.town)
    for who, emoji in ((line.carol, TICKS[0]), (line.bob, TICKS[1])):
        line.playground.react(who, message(line, POST_MORTEM), emoji)
    line.hear()
    line.playground.unreact(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    assert open_ones(line) == [QUESTION]
    line.playground.unreact(line.bob, message(line, POST_MORTEM), TICKS[1])
    line.hear()
    assert open_ones(line) == [TASK, QUESTION]


def test_what_done_has_closed_no_tick_opens(line: Line) -> None:
    first(line, line.town)
    tick(line, line.carol, opened(line, line.carol), TASK)
    line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.playground.unreact(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    assert open_ones(line) == [QUESTION]


def test_one_that_was_put_there_while_nobody_listened_counts(line: Line) -> None:
    first(line, line.town)
    with nobody_listening(line):
        line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
    assert open_ones(line) == [QUESTION]


def test_so_does_one_that_was_there_before_the_digest(line: Line) -> None:
    talk(line)
    line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
    number = digest(line, line.ann, [line.town], line.town)
    line.model.enqueue(WRITTEN)
    due(line, number)
    assert TASK in newest(line)
    assert TASK not in next_one(line, number)
    assert kept(line)[0].done_by == line.carol["id"]


def test_a_tick_while_the_digest_waits_for_its_time_is_shown_in_it(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    with line.worker.database.read() as session:
        later = clock(session) + timedelta(hours=1)
    due(line, digest(line, line.ann, [line.town], line.town), at=later)
    line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
    line.hear()
    line.hurry()
    line.settle()
    assert f"✅ **To do** · {TASK}" in newest(line)


def test_which_emoji_does_it_is_the_administrator_s_choice(database_url: str, tmp_path: Any) -> None:
    with Line(database_url, tmp_path / "models", reactions=(("done", "tada"),)) as line:
        first(line, line.town)
        line.playground.react(line.carol, message(line, POST_MORTEM), TICKS[0])
        line.hear()
        assert open_ones(line) == [TASK, QUESTION]
        line.playground.react(line.carol, message(line, POST_MORTEM), "tada")
        line.hear()
        assert open_ones(line) == [QUESTION]
