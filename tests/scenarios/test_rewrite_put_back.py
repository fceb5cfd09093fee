"""A new answer that may not be shown, or cannot be, gives way to the old one, in posts and in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from llm.base import Speed
from mmapp.models import DigestItem
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_delete import do_all, refused
from tests.scenarios.test_digest_done import first, offered, opened, tick
from tests.scenarios.test_share_origins import newest
from tests.scenarios.test_summarize_late import FIRST, PATCH, POST
from tests.scenarios.test_summarize_parts import always, trucks
from tests.scenarios.test_untold import later

ANEW = """The checkout was down; a memory limit was the cause. [1]
- To do: carol: the post-mortem is to be there by Friday [7]
- To do: bob: raise the limit to 512 MB now [5]
"""


def said(line: Line) -> dict[str, str]:
    with line.worker.database.read() as session:
        return {one.id: one.words for one in session.scalars(select(DigestItem))}


def test_what_has_to_be_made_once_more_reads_again_only_what_has_changed(line: Line) -> None:
    """Of many parts one, and what stands above it."""
    line.model.speed = Speed(0.1, 10.0, 100.0, 600)
    root = trucks(line)
    always(line)
    typed_in(line, line.ann, root, "summarize")
    parts = len(line.model.history)
    line.model.steps.clear()
    line.model.enqueue("Many trucks bring cement for the harbour wall. [1]\n- Pallets of cement passed the gate [2]\n")
    line.pick(line.ann, line.more(line.ann, newest(line)), line.direct(line.ann), what="again")
    line.playground.faults.add(PATCH, status=503, times=1)
    line.settle()
    anew = len(line.model.history)
    assert anew - parts > 8
    changed = line.playground.thread(root)[-2]
    line.playground.edit(line.bob, changed, changed["message"].replace("pallets", "big pallets"))
    do_all(line)
    assert summary(line, line.ann).startswith("**Many trucks bring cement for the harbour wall.**")
    assert 1 < len(line.model.history) - anew <= 5


def test_where_it_cannot_be_posted_the_old_one_is_what_is_asked_about_and_told_of(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(FIRST, ANEW)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.settle()
    (post,) = line.posts()
    assert line.pick(line.ann, line.more(line.ann, post), what="again") == {}
    line.playground.faults.add(PATCH, status=418, body=refused(418), times=1)
    line.settle()
    line.look()
    assert line.posts()[0]["message"] == post["message"]
    assert "The answer that was there stays as it is." in found(line, line.ann)
    assert line.more(line.ann)["dialog"]["title"] == "This answer"
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()
    assert "Customers cannot pay by the checkout API." in line.prompt()


def test_one_whose_post_takes_no_edits_once_is_still_written_anew_in_it_the_next_time(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(FIRST, ANEW, ANEW)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.settle()
    (post,) = line.posts()
    line.pick(line.ann, line.more(line.ann, post), what="again")
    line.playground.faults.add(PATCH, status=403, body=refused(403), times=2)
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.settle()
    line.look()
    assert line.posts()[0]["message"] == post["message"]
    assert "The answer that was there stays as it is." in found(line, line.ann)
    line.pick(line.ann, line.more(line.ann, post), what="again")
    do_all(line)
    (now,) = line.posts()
    assert now["id"] == post["id"]
    assert "a memory limit was the cause" in now["message"]


@pytest.mark.parametrize("status", [403, 418])
def test_of_a_long_one_that_cannot_be_posted_whole_no_new_word_is_left(line: Line, status: int) -> None:
    """Refused as it stands, or in a way that nobody knows."""
    line.ask(line.ann, "Why?", answer="A line of the old answer.\n" * 900)
    before = line.answers()
    assert len(before) == 2
    line.model.enqueue("A line of the new answer.\n" * 900)
    line.pick(line.ann, line.more(line.ann), what="again")
    while line.step("admit", "model:tiny"):
        pass
    second = PATCH.replace(".*", line.posts()[1]["id"])
    tries = 2 if status == 403 else 1  # with its card and without, and so in a post of its own
    line.playground.faults.add(second, status=status, body=refused(status), times=tries)
    if status == 403:
        line.playground.faults.add(POST, status=403, body=refused(403), times=tries)
    line.settle()
    line.look()
    assert line.answers() == before
    assert "The answer that was there stays as it is." in found(line, line.ann)


def test_nor_does_a_worker_that_dies_over_it_leave_another_one_than_is_to_be_seen(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(FIRST, ANEW)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.settle()
    (post,) = line.posts()
    line.pick(line.ann, line.more(line.ann, post), what="again")
    while line.step("admit", "model:tiny"):
        pass
    for _ in range(5):
        line.claim("post")
        expire(line)
        line.hurry()
    line.settle()
    assert line.posts()[0]["message"] == post["message"]
    assert "a memory limit was the cause" not in found(line, line.ann)
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "a memory limit was the cause" not in line.prompt()


def digest_anew(line: Line, words: str) -> Doc:
    """The digest of the town is written anew, and that is still to be posted or told; its post."""
    (head,) = line.posts(line.town)
    line.model.steps.clear()
    line.model.enqueue(words)
    assert line.pick(line.ann, line.more(line.ann, head), what="again") == {}
    return head


def test_its_tasks_stay_open_also_where_it_cannot_be_told_that_it_stays_as_it_is(line: Line) -> None:
    first(line, line.town)
    before = said(line)
    digest_anew(line, WRITTEN)  # the very same words
    while line.step("admit", "model:tiny"):
        pass
    for _ in range(5):
        assert line.claim("notify")
        expire(line)
        line.hurry()
    do_all(line)
    assert line.jobs("queued") == 0
    assert said(line) == before


def test_done_shows_no_word_of_a_new_one_that_waits_to_be_looked_at(line: Line) -> None:
    """Not even where its post could not say that it is being written anew."""
    first(line, line.town)
    dialog = opened(line, line.bob)
    head = digest_anew(line, ANEW)
    line.playground.faults.add(PATCH, status=403, body=refused(403))
    line.look()
    while line.step("admit", "model:tiny"):
        pass
    line.playground.faults.add(PATCH, status=503)
    line.settle()
    later(line)
    assert tick(line, line.bob, dialog, offered(dialog)[0]) == ""
    line.settle()
    assert line.posts(line.town)[0]["message"] == head["message"]
    do_all(line)
    assert "raise the limit to 512 MB now" in line.posts(line.town)[0]["message"]
    assert "✅" in line.posts(line.town)[0]["message"]


def test_a_digest_keeps_its_tasks_as_it_tells_them(line: Line) -> None:
    first(line, line.town)
    before = said(line)
    head = digest_anew(line, ANEW)
    line.playground.faults.add(PATCH, status=503, times=1)
    line.settle()
    assert "bob: raise the limit to 512 MB now" in said(line).values()
    line.playground.remove_member(line.ann, line.town)
    do_all(line)
    line.look()
    assert line.posts(line.town)[0]["message"] == head["message"]
    assert "The answer that was there stays as it is." in found(line, line.ann)
    assert said(line) == before
    shown = offered(opened(line, line.bob))
    assert len(shown) == len(before)
    assert tick(line, line.bob, opened(line, line.bob), shown[0]) == ""
    line.settle()
    assert "✅" in line.posts(line.town)[0]["message"]
