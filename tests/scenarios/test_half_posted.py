"""A long answer of which one post stands there when the other is refused: nobody is left with half of it."""

from __future__ import annotations

from sqlalchemy import update

from mmapp.models import Job
from tests.line import Line, expire
from tests.playground.store import Doc
from tests.scenarios.digesting import states
from tests.scenarios.summaries import found
from tests.scenarios.telling import first, next_one
from tests.scenarios.test_delete import do_all, kept, refused
from tests.scenarios.test_share import share
from tests.scenarios.test_summarize_late import POST, READ

WORDS = "It is the left valve."


def half_posted(line: Line, status: int) -> Doc:
    """Ann has asked in a thread, and of the answer the second post is refused, with its card and without; the thread's root."""
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.faults.add(POST)  # the first one is taken
    line.playground.faults.add(POST, status=status, body=refused(status), times=2)
    line.ask(line.ann, "Why?", root=root, answer=f"{WORDS}\n" * 900)
    do_all(line)
    return root


def asked_further(line: Line, root: Doc) -> str:
    """What the model is told when Bob asks there."""
    line.playground.faults.clear()
    line.ask(line.bob, "What is a pump?", root=root, answer="It moves water.")
    return line.prompt()


def test_refused_for_good_it_was_not_answered_and_nothing_of_it_stays(line: Line) -> None:
    root = half_posted(line, 418)
    assert line.answers() == []
    assert "your question was not answered" in found(line, line.ann)
    assert WORDS not in kept(line)
    assert WORDS not in asked_further(line, root)


def test_where_no_more_can_be_posted_all_of_it_is_told_alone(line: Line) -> None:
    half_posted(line, 403)
    assert line.answers() == []
    assert found(line, line.ann).count(WORDS) == 900


def test_and_it_stays_with_its_asker_though_the_bot_hears_itself_take_away_what_stood_there(line: Line) -> None:
    """Outside of threads the first post is a root, and with a root goes all that was asked in its thread."""
    line.playground.faults.add(POST)
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    line.ask(line.ann, "Why?", answer=f"{WORDS}\n" * 900)
    line.hear()
    do_all(line)
    line.hear()
    do_all(line)
    assert line.answers() == []
    assert found(line, line.ann).count(WORDS) == 900
    assert WORDS in kept(line)


def test_what_could_not_be_shared_whole_is_not_shared(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, "--private Why?", root=root, answer=f"{WORDS}\n" * 900)
    post = line.posts(line.direct(line.ann))[-1]
    line.playground.faults.add(POST)
    line.playground.faults.add(POST, status=403, body=refused(403), times=2)
    assert "It was not shared: it could not be posted there" in share(line, post)
    do_all(line)
    assert line.answers() == []
    assert WORDS in found(line, line.ann)
    assert WORDS not in asked_further(line, root)


def killed_over_it(line: Line) -> None:
    """Each who would have read it back was killed over it."""
    line.hurry()
    with line.worker.database.write() as session:
        session.execute(update(Job).where(Job.kind == "post").values(max_attempts=5))
    for _ in range(4):
        assert line.claim("post")
        expire(line)
        line.hurry()
    do_all(line)
    assert line.jobs("dead") == 1


def test_what_stands_there_whole_is_told_nobody_a_second_time(line: Line) -> None:
    line.playground.faults.add(READ, status=503, times=3)
    line.ask(line.ann, "Why?", answer=f"{WORDS}\n" * 900)
    before = line.answers()
    assert len(before) == 2
    killed_over_it(line)
    assert line.answers() == before
    assert WORDS not in found(line, line.ann)


def test_a_digest_that_stands_there_whole_is_not_told_again_by_the_next_one(line: Line) -> None:
    line.playground.faults.add(READ, status=503, times=3)
    number = first(line, line.town)
    before = line.answers()
    assert len(before) == 1
    killed_over_it(line)
    assert line.answers() == before
    assert states(line, number) == ["posted"]
    assert "The checkout was down" not in next_one(line, number)
    assert "went wrong" not in found(line, line.ann)
