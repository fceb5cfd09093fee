"""What a digest leaves open is told again in the next ones, as long as its message stands and may be read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from mmapp import items
from mmapp.commands import delete
from mmapp.db import clock
from mmapp.jobs import overdue, queue
from mmapp.models import DigestItem, DigestRun
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.digesting import begin, digest, due
from tests.scenarios.ordering import typed
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.telling import (
    BUSY,
    aged,
    busy,
    change,
    first,
    kept,
    lines_of,
    message,
    newest,
    next_one,
    read_again,
    words,
)
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_gaps import nobody_listening
from tests.scenarios.test_privacy import opted_out, pick
from tests.scenarios.test_summarize_late import READ

TASK, QUESTION = "carol: post-mortem by Friday", "Who fixes the cache on Monday?"
POST_MORTEM, WHO = "I write the post-mortem by Friday.", "Who fixes the cache on Monday?"


def told(line: Line) -> list[str]:
    """The words of what is kept."""
    return [one.words for one in kept(line)]


def page(text: str, number: int = 0) -> str:
    """The post, or what hangs below it."""
    return [*text.split("**The rest of this digest**"), ""][number]


# Told again


def test_what_is_not_done_stands_in_the_next_ones_with_its_age(line: Line) -> None:
    number = first(line, line.town)
    aged(line, 3)
    text = next_one(line, number)
    assert f"**To do** for 3 days · {TASK} [[" in text
    assert f"**Open** for 3 days · {QUESTION} [[" in text
    assert f"/pl/{message(line, POST_MORTEM)['id']})" in text
    aged(line, 1)
    text = next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")
    assert f"**To do** for 4 days · {TASK}" in text


def test_its_age_is_counted_by_the_days_of_the_calendar(line: Line) -> None:
    number = first(line, line.town)
    assert f"**To do** since today · {TASK}" in next_one(line, number)
    aged(line, 1)
    text = next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")
    assert f"**To do** since yesterday · {TASK}" in text


def test_three_of_them_stand_in_the_post_and_the_others_below_the_oldest_first(line: Line) -> None:
    busy(line)
    number = digest(line, line.ann, [line.town], line.town, length="long")
    due(line, number)
    aged(line, 2)
    text = next_one(line, number)
    tasks, questions = ([words(row) for *_, row in BUSY[first:last]] for first, last in ((4, 8), (8, 12)))
    for number, again in enumerate(([*tasks[:2], questions[0]], [*tasks[2:], *questions[1:]])):
        rows = [row for row in lines_of(page(text, number)) if "for 2 days" in row]
        assert [said in row for said, row in zip(again, rows, strict=True)] == [True] * len(again)


def test_what_is_older_than_two_weeks_stands_below_alone(line: Line) -> None:
    number = first(line, line.town)
    aged(line, 14)
    assert TASK in page(next_one(line, number))
    aged(line, 1)
    text = next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")
    assert TASK not in page(text)
    assert f"**To do** for 15 days · {TASK}" in page(text, 1)


def test_of_very_many_it_says_how_many_more_are_open(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmapp.jobs.carried.MOST", 5)
    busy(line)
    number = digest(line, line.ann, [line.town], line.town, length="long")
    due(line, number)
    text = next_one(line, number)
    assert text.count("since today") == 5
    assert "*3 more items of earlier digests are still open.*" in text


def open_for(line: Line, number: int, days: int, *said: str) -> None:
    """So long ago bob said each of these, a digest has told it since, and nobody has done it."""
    with line.worker.database.write() as session:
        run = session.scalars(select(DigestRun).where(DigestRun.state == "posted")).first()
        assert run
        for place, words in enumerate(said):
            post = line.playground.post_as(line.bob, line.town, words)
            then = round((clock(session) - timedelta(days=days)).timestamp() * 1000) + place
            where = {"channel_id": line.town["id"], "post_id": post["id"], "root_id": "", "post_at": then}
            whose = {"digest_id": number, "request_id": run.request_id, "person_id": line.bob["id"]}
            session.add(
                DigestItem(section="todo", words=words, edited_at=0, created_at=clock(session), **whose, **where)
            )


def test_where_nobody_ticks_anything_old_things_hide_nothing_new(line: Line) -> None:
    number = first(line, line.town)
    open_for(line, number, 20, *(f"I paint pallet number {one} of the harbour." for one in range(25)))
    text = next_one(line, number)
    assert f"**To do** since today · {TASK}" in page(text)
    assert f"**Open** since today · {QUESTION}" in page(text)
    assert page(text, 1).count("for 20 days") == 21
    assert "*4 more items of earlier digests are still open.*" in text


def test_what_is_older_than_sixty_days_is_counted_and_no_more(line: Line) -> None:
    number = first(line, line.town)
    open_for(line, number, 60, "I count the cranes of the harbour.")
    open_for(line, number, 61, "I paint the gate of the harbour.", "I wash the flags of the harbour.")
    text = next_one(line, number)
    assert "for 60 days · I count the cranes" in page(text, 1)
    assert "61 days" not in text
    assert "*2 more items of earlier digests are still open.*" in text


def test_a_line_that_names_no_message_or_is_not_supported_is_not_told_again(line: Line) -> None:
    talk(line)
    line.model.enqueue(f"{WRITTEN}- To do: penguins march over frozen lagoons [2]\n")
    number = digest(line, line.ann, [line.town], line.town)
    due(line, number)
    assert "⚠" in newest(line)
    assert told(line) == [TASK, QUESTION]


def test_only_what_its_kind_is_about_is_told_again(line: Line) -> None:
    number = first(line, line.town)
    change(line, number, kind="questions")
    text = next_one(line, number, told=f"- Open: {QUESTION} [1]\n", said=QUESTION)
    assert TASK not in text
    assert QUESTION in text


# Never twice


def test_the_same_message_cited_again_is_the_same_in_the_words_that_people_know(line: Line) -> None:
    number = first(line, line.town)
    aged(line, 2)
    text = read_again(line, number, WRITTEN.replace("post-mortem by Friday", "write that post-mortem by Friday"))
    assert text.count("post-mortem") == 1
    assert f"**To do** for 2 days · {TASK} [[" in text
    assert text.count(QUESTION) == 1
    assert told(line) == [TASK, QUESTION]


def test_the_same_words_in_another_message_are_the_same_too(line: Line) -> None:
    number = first(line, line.town)
    text = next_one(
        line, number, said="who fixes the cache on Monday", told="- Open: who fixes the cache on Monday [1]\n"
    )
    assert text.lower().count("who fixes the cache") == 1
    assert len(told(line)) == 2


def test_what_was_done_is_not_told_anew_by_the_same_message(line: Line) -> None:
    number = first(line, line.town)
    with line.worker.database.write() as session:
        items.close(session, [one.id for one in kept(line)], line.bob["id"])
    text = read_again(line, number, WRITTEN)
    assert TASK not in text
    assert QUESTION not in text
    assert len(told(line)) == 2


def test_what_is_asked_once_more_after_it_was_done_is_new(line: Line) -> None:
    number = first(line, line.town)
    with line.worker.database.write() as session:
        items.close(session, [one.id for one in kept(line)], line.bob["id"])
    text = next_one(line, number, said=QUESTION, told=f"- Open: {QUESTION} [1]\n")
    assert f"**Open** · {QUESTION}" in text
    assert len(told(line)) == 3


def test_a_digest_tells_nothing_of_another_one(line: Line) -> None:
    first(line, line.town)
    other = digest(line, line.bob, [line.town], line.town)
    assert TASK not in next_one(line, other, told="The bridge is open for lorries as well. [10]\n")


# Where a digest is written anew


SHORT = "A memory limit was the cause. [1]\n- The limit is 256 MB [3]\n"


@pytest.mark.parametrize("told_since", [False, True])
@pytest.mark.parametrize("how", ["shorter", "again"])
def test_what_its_new_words_leave_out_is_open_all_the_same(line: Line, how: str, told_since: bool) -> None:
    number = first(line, line.town)
    if told_since:
        next_one(line, number)
    head = next(post for post in line.posts(line.town) if not post["root_id"])
    line.model.enqueue(SHORT)
    assert line.pick(line.ann, line.more(line.ann, head), what=how) == {}
    line.settle()
    assert "post-mortem" not in line.playground.post(head)["message"]
    assert told(line) == [TASK, QUESTION]
    text = next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")
    assert f"**To do** since today · {TASK}" in text
    assert QUESTION in text


# Which are kept


def test_they_are_encrypted(line: Line) -> None:
    first(line, line.town)
    with line.worker.database.engine.connect() as connection:
        raw = connection.exec_driver_sql("select words from digest_item").scalars().all()
    assert all(b"post-mortem" not in bytes(one) for one in raw)
    assert TASK in told(line)


def test_they_count_once_their_digest_stands_there(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line.town)
    line.model.enqueue(WRITTEN)
    request_id = due(line, number, at=later(line))
    assert told(line) == [TASK, QUESTION]
    with line.worker.database.read() as session:
        assert items.open_of(session, number) == []
    line.hurry()
    line.settle()
    with line.worker.database.read() as session:
        assert len(items.open_of(session, number)) == 2
        assert session.get_one(DigestRun, request_id).state == "posted"


def test_a_preview_tells_them_and_keeps_nothing_of_its_own(line: Line) -> None:
    number = first(line, line.town)
    line.playground.post_as(line.bob, line.town, "Who calls the yard about the crane?")
    line.playground.post_as(line.bob, line.town, "The crane of the yard is stuck.")
    line.model.enqueue("The crane is stuck. [2]\n- Open: Who calls the yard about the crane? [1]\n")
    due(line, number, "preview", preview=True, class_=queue.PERSON)
    text = line.private_answers(line.ann)[-1].replace("\u200b", "")
    assert TASK in text
    assert "**Open** · Who calls the yard about the crane?" in text
    assert told(line) == [TASK, QUESTION]


def later(line: Line) -> datetime:
    with line.worker.database.read() as session:
        return clock(session) + timedelta(hours=1)


def waiting(line: Line, number: int, key: str, written: str) -> None:
    """It is made, and waits for its time."""
    line.model.enqueue(written)
    due(line, number, key, at=later(line))


def test_of_one_that_is_made_again_the_first_ones_do_not_stay(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "LATE", timedelta(0))
    talk(line)
    number = digest(line, line.ann, [line.town], line.town)
    waiting(line, number, "2026-11-26T09:00", WRITTEN)
    line.playground.delete(line.carol, message(line, POST_MORTEM))
    line.model.enqueue(f"The checkout was down; a memory limit was the cause. [1]\n- Open: {QUESTION} [7]\n")
    line.hurry()
    do_all(line)
    assert "post-mortem" not in newest(line)
    assert told(line) == [QUESTION]


def test_of_one_that_is_deleted_before_its_time_nothing_stays(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line.town)
    line.model.enqueue(WRITTEN)
    request_id = due(line, number, at=later(line))
    with line.worker.database.write() as session:
        delete.wanted(session, request_id, line.ann["id"])
    line.hurry()
    do_all(line)
    assert line.posts(line.town) == []
    assert told(line) == []


def test_of_one_that_cannot_be_posted_nothing_stays(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line.town)
    waiting(line, number, "2026-11-26T09:00", WRITTEN)
    line.playground.archive(line.town)
    line.hurry()
    do_all(line)
    assert line.posts(line.town) == []
    assert told(line) == []


# Each time it is told


def gone(line: Line) -> None:
    line.playground.delete(line.carol, message(line, POST_MORTEM))


def edited(line: Line) -> None:
    line.playground.edit(line.carol, message(line, POST_MORTEM), "I write no post-mortem.")


def of_who_opted_out(line: Line) -> None:
    opted_out(line, line.carol)


LOST: list[Callable[[Line], None]] = [gone, edited, of_who_opted_out]


@pytest.mark.parametrize("lose", LOST)
def test_a_message_that_is_not_there_as_it_was_is_not_told_again_and_not_kept(
    line: Line, lose: Callable[[Line], None]
) -> None:
    number = first(line, line.town)
    lose(line)
    text = next_one(line, number)
    assert "post-mortem" not in text
    assert QUESTION in text
    assert told(line) == [QUESTION]


@pytest.mark.parametrize("lose", LOST)
def test_so_it_is_where_that_happens_while_the_digest_waits_for_its_time(
    line: Line, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Line], None]
) -> None:
    monkeypatch.setattr(overdue, "LATE", timedelta(0))
    number = first(line, line.town)
    line.playground.post_as(line.bob, line.town, "The scales of the harbour were calibrated today.")
    line.playground.post_as(line.bob, line.town, "The bridge is open for lorries as well.")
    waiting(line, number, "2026-11-27T09:00", "The scales of the harbour were calibrated. [1]\n")
    lose(line)
    asked = len(line.model.history)
    line.model.enqueue("The scales of the harbour were calibrated. [1]\n")
    line.hurry()
    do_all(line)
    text = newest(line)
    assert "The scales of the harbour were calibrated." in text
    assert "post-mortem" not in text
    assert QUESTION in text
    assert lose is of_who_opted_out or len(line.model.history) == asked  # nothing is read again for it


def test_what_stands_there_whole_stays_though_it_could_not_be_read_back(line: Line) -> None:
    number = first(line, line.town)
    line.playground.post_as(line.bob, line.town, "The scales of the harbour were calibrated today.")
    line.playground.post_as(line.bob, line.town, "The bridge is open for lorries as well.")
    line.model.enqueue("The scales of the harbour were calibrated. [1]\n")
    begin(line, number, "2026-11-27T09:00")
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(READ, status=503, times=3)
    line.settle()
    before, asked = newest(line), len(line.model.history)
    assert "post-mortem" in before
    edited(line)
    do_all(line)
    assert newest(line) == before
    assert len(line.model.history) == asked
    assert line.jobs("queued") == 0


def test_of_a_closed_channel_nothing_is_told_again(line: Line) -> None:
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [harbour, line.town])
    due(line, number)
    line.playground.make_channel_admin(line.bob, harbour)
    assert pick(line, line.bob, harbour, channel="no") == ""
    assert TASK not in next_one(line, number)
    assert told(line) == []


def test_of_a_channel_that_it_reads_no_more_nothing_is_told_again(line: Line) -> None:
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [harbour, line.town])
    due(line, number)
    change(line, number, channels=[line.town["id"]])
    assert TASK not in next_one(line, number)


def test_who_may_not_read_its_channel_any_more_is_told_nothing_of_it(line: Line) -> None:
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    number = digest(line, line.ann, [harbour, line.town])
    due(line, number)
    line.playground.remove_member(line.ann, harbour)
    before = len(line.private_answers(line.ann))
    line.playground.post_as(line.bob, line.town, "The bridge is open for lorries as well.")
    due(line, number, "2026-11-27T09:00")
    assert TASK not in "\n".join(line.private_answers(line.ann)[before:])
    assert "which you may not read any more" in found(line, line.ann)


# What is kept of it goes


def test_with_its_message(line: Line) -> None:
    first(line, line.town)
    gone(line)
    line.hear()
    assert told(line) == [QUESTION]


def test_with_the_thread_that_it_was_said_in(line: Line) -> None:
    first(line, line.town)
    line.playground.delete(line.ann, message(line, "The checkout API has returned 502"))
    line.hear()
    assert told(line) == []


def test_with_an_edit_of_its_message_and_not_with_a_reaction_to_it(line: Line) -> None:
    first(line, line.town)
    line.playground.react(line.bob, message(line, POST_MORTEM), "eyes")
    line.hear()
    assert told(line) == [TASK, QUESTION]
    edited(line)
    line.hear()
    assert told(line) == [QUESTION]


def test_one_of_a_message_that_was_edited_before_it_was_read_stays(line: Line) -> None:
    talk(line)
    line.playground.edit(line.carol, message(line, POST_MORTEM), f"{POST_MORTEM} Promised.")
    number = digest(line, line.ann, [line.town], line.town)
    line.model.enqueue(WRITTEN)
    due(line, number)
    line.hear()
    assert TASK in told(line)
    assert TASK in next_one(line, number)


@pytest.mark.parametrize("lose", [gone, edited])
def test_also_while_nobody_listened(line: Line, lose: Callable[[Line], None]) -> None:
    first(line, line.town)
    with nobody_listening(line):
        lose(line)
    assert told(line) == [QUESTION]


def test_with_its_person_who_opts_out(line: Line) -> None:
    first(line, line.town)
    of_who_opted_out(line)
    assert told(line) == [QUESTION]


def test_with_the_digest_that_told_it_first(line: Line) -> None:
    number = first(line, line.town)
    (head,) = line.posts(line.town)
    next_one(line, number)
    line.pick(line.ann, line.more(line.ann, head), what="delete")
    do_all(line)
    assert told(line) == []
    assert TASK not in next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")


@pytest.mark.parametrize("heard", [True, False])
def test_with_the_bot_that_is_taken_out_of_its_channel(line: Line, *, heard: bool) -> None:
    harbour = line.playground.add_channel("P", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    talk(line, harbour)
    line.model.enqueue(WRITTEN)
    due(line, digest(line, line.ann, [harbour]))
    with nullcontext() if heard else nobody_listening(line):
        line.playground.remove_member(line.bot, harbour, line.bob)
    if heard:
        line.hear()
    assert told(line) == []


@pytest.mark.parametrize("others", [("guide",)])
def test_and_with_no_other_bot_that_is_taken_out_of_it(line: Line, guide: Doc) -> None:
    first(line, line.town)
    before = told(line)
    line.playground.remove_member(guide, line.town, line.bob)
    line.hear()
    assert told(line) == before != []


def test_of_one_that_was_removed_meanwhile_nothing_is_kept(line: Line) -> None:
    talk(line)
    number = digest(line, line.ann, [line.town], line.town, state="removed")
    line.model.enqueue(WRITTEN)
    due(line, number)
    assert told(line) == []


def test_with_the_whole_digest_that_is_removed(line: Line) -> None:
    number = first(line, line.town)
    assert "is removed" in typed(line, line.ann, f"remove {number}")
    assert told(line) == []


def test_what_was_done_long_ago_is_not_kept(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    number = first(line, line.town)
    with line.worker.database.write() as session:
        items.close(session, [kept(line)[0].id], line.bob["id"])
    next_one(line, number)
    assert len(told(line)) == 2
    monkeypatch.setattr(items, "KEPT", timedelta(0))
    next_one(line, number, "2026-11-28T09:00", "The pilot boat has a new engine since today.")
    assert told(line) == [QUESTION]


def test_what_is_not_heard_elsewhere_is_looked_for_where_something_is_open(line: Line) -> None:
    first(line, line.town)
    with line.worker.database.read() as session:
        assert items.channels(session) == {line.town["id"]}
    assert queue.due(line.worker.database) == frozenset()
