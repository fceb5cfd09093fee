"""A new answer stands in its posts, all of it or its beginning, and its delivery dies, or fails in a way that nobody knows: they
read as they did again, as the database does."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from mmapp.jobs import compose
from mmapp.jobs.payload import Payload
from mmapp.models import Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.summaries import found, talk
from tests.scenarios.test_bots_gone import without
from tests.scenarios.test_delete import do_all, refused
from tests.scenarios.test_more import buttons
from tests.scenarios.test_rewrite_put_back import ANEW
from tests.scenarios.test_share import share
from tests.scenarios.test_summarize_late import FIRST, PATCH

OLD, NEW = "A line of the old answer.", "A line of the new answer."


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


def of(line: Line, kind: str) -> list[str]:
    """What became of the jobs of this kind."""
    with line.worker.database.read() as session:
        return list(session.scalars(select(Job.state).where(Job.kind == kind).order_by(Job.id)))


def anew(line: Line, post: Doc, words: str, at: Doc | None = None) -> None:
    """It is written anew, and that is still to be posted."""
    line.model.enqueue(words)
    assert line.pick(line.ann, line.more(line.ann, post), at or line.town, what="again") == {}
    line.look()
    while line.step("admit", "model:tiny"):
        pass


def dies(line: Line, times: int = 5) -> None:
    """Whoever has it, and whoever takes it up then, is killed over it."""
    for _ in range(times):
        assert line.claim("post")
        expire(line)
        line.hurry()


def killed(line: Line, monkeypatch: pytest.MonkeyPatch, call: str, number: int, *, after: bool = False) -> None:
    """The worker is killed as it makes this call for the so many-th time, or just after; nothing is said of the job's end."""
    send, calls = getattr(line.worker.client, call), []

    def dying(*args: Any, **kwargs: Any) -> object:
        calls.append(args)
        if len(calls) != number:
            return send(*args, **kwargs)
        if after:
            send(*args, **kwargs)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(line.worker.client, call, dying)
        with pytest.raises(SystemExit):
            line.step("post")
    expire(line)
    line.hurry()


def summary_anew(line: Line) -> tuple[Doc, Doc]:
    """A summary in a thread is written anew; the thread's root, and its post as it was."""
    root = talk(line)
    line.model.enqueue(FIRST)
    line.say(line.ann, f"summarize --public {line.playground.link(root)}")
    line.settle()
    (post,) = line.posts()
    anew(line, post, ANEW)
    return root, post


def long_anew(line: Line) -> list[str]:
    """An answer of two posts is written anew, as long; its posts as they were."""
    line.ask(line.ann, "Why?", answer=f"{OLD}\n" * 900)
    before = line.answers()
    assert len(before) == 2
    anew(line, line.posts()[-1], f"{NEW}\n" * 900)
    return before


def test_the_old_one_is_read_asked_about_and_shared_though_the_new_one_stood_there(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, post = summary_anew(line)
    killed(line, monkeypatch, "patch_post", 1, after=True)
    assert "a memory limit was the cause" in line.answers()[0]
    dies(line, 4)
    do_all(line)
    line.look()
    assert line.answers() == [post["message"]]
    assert buttons(line, post) == ["More…"]
    assert "The answer that was there stays as it is." in found(line, line.ann)
    assert line.more(line.ann)["dialog"]["title"] == "This answer"
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    assert "Customers cannot pay by the checkout API." in line.prompt()
    assert "a memory limit was the cause" not in line.prompt()


def test_until_then_it_is_neither_shared_nor_written_anew(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.ask(line.ann, "--private Why?", answer=OLD)
    (post,) = line.posts(line.direct(line.ann))
    anew(line, post, NEW, line.direct(line.ann))
    killed(line, monkeypatch, "patch_post", 1, after=True)
    dies(line, 4)
    assert NEW in line.private_answers(line.ann)[0]
    dialog = line.more(line.ann, post)
    assert line.pick(line.ann, dialog, line.direct(line.ann), what="again") != {}
    line.playground.faults.add(PATCH, status=503)
    assert "it is still being written or posted" in share(line, post, line.town)
    do_all(line)
    share(line, post, line.town)
    assert OLD in line.answers()[-1]


def test_half_of_a_long_one_gives_way_too(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    before = long_anew(line)
    killed(line, monkeypatch, "patch_post", 2)
    assert [NEW in text for text in line.answers()] == [True, False]
    dies(line, 4)
    do_all(line)
    line.look()
    assert line.answers() == before


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_where_posts_take_no_edits_the_old_ones_carry_it_again_and_the_new_ones_go(
    line: Line, monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool
) -> None:
    """Killed before or after it makes the first or the second post that was to come into their place."""
    before = long_anew(line)
    line.playground.faults.add(PATCH, status=403, body=refused(403), times=99)
    killed(line, monkeypatch, "create_post", number, after=after)
    dies(line, 4)
    do_all(line)
    line.playground.faults.clear()
    line.settle()
    assert line.answers() == before
    line.ask(line.bob, "What is a pump?", root=line.posts()[0], answer="It moves water.")
    assert OLD in line.prompt()
    assert NEW not in line.prompt()


def test_whoever_puts_it_back_may_be_killed_over_it_as_well(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    before = long_anew(line)
    killed(line, monkeypatch, "patch_post", 2, after=True)
    dies(line, 4)
    for number, after in ((1, False), (1, True), (1, False)):
        killed(line, monkeypatch, "patch_post", number, after=after)
    do_all(line)
    line.look()
    assert line.answers() == before
    assert of(line, "restore") == ["done"]


def test_over_which_it_ends_at_last_and_nothing_follows(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    summary_anew(line)
    dies(line, 10)
    do_all(line)
    assert of(line, "restore") == ["dead"]
    assert line.jobs("queued") == 0


def test_one_of_which_nobody_knows_what_was_there_before_keeps_no_other_from_ending(line: Line) -> None:
    summary_anew(line)
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job).where(Job.kind == "post", Job.state == "queued")):
            job.payload = Payload.of(job).but(before={}).to_json()
    line.say(line.bob, "ask Why?")
    line.step("admit")
    for _ in range(5):
        assert line.claim("post")
        assert line.claim("model:tiny")
        expire(line)
        line.hurry()
    assert line.jobs("dead") == 2


def test_what_is_deleted_meanwhile_is_not_put_back(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    summary_anew(line)
    killed(line, monkeypatch, "patch_post", 1, after=True)
    dies(line, 4)
    edits = line.playground.faults.add(PATCH, times=99)
    line.say(line.ann, "delete")
    line.step("admit")
    do_all(line)
    assert edits.seen == 0
    assert line.answers() == []
    assert of(line, "restore") == ["cancelled"]


def test_so_it_is_where_a_delivery_fails_in_a_way_that_nobody_knows(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = long_anew(line)
    make = compose.props

    def fails(*args: Any, **kwargs: Any) -> object:
        if args[3] == 1 and NEW in args[1].raw:
            raise RuntimeError("nobody knows why")
        return make(*args, **kwargs)

    monkeypatch.setattr(compose, "props", fails)
    do_all(line)
    line.look()
    assert line.answers() == before
    assert "The answer that was there stays as it is." in found(line, line.ann)


def test_of_a_bot_that_is_gone_nothing_can_be_put_back(line: Line, guide: Doc, monkeypatch: pytest.MonkeyPatch) -> None:
    line.model.enqueue(OLD)
    line.playground.post_as(line.ann, line.town, "@guide why?")
    line.hear()
    line.settle()
    (post,) = line.posts(bot=guide)
    anew(line, post, NEW)
    without(line, guide)
    do_all(line)
    assert of(line, "restore") == ["failed"]
    assert line.jobs("queued") == 0
