"""What happens while nobody listens, in channels where nobody says anything either: nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from mmapp.commands import feedback
from mmapp.db import clock
from mmapp.listen import catchup
from mmapp.listen.listener import Listener
from mmapp.mattermost.event_kinds import Gap
from mmapp.models import Rating
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.test_counts import calls
from tests.scenarios.test_delete import SECRET, do_all, kept

READ = "GET /channels/{}/posts"


@contextmanager
def nobody_listening(line: Line, *, quiet: float = 1_000) -> Iterator[None]:
    """Until now all was heard, for so many seconds only elsewhere; then a listener is started anew."""
    harbour = line.playground.add_channel("O", "harbour", members=(line.carol, line.bot))
    line.playground.advance(quiet)
    line.playground.post_as(line.carol, harbour, "The crane is stuck.")
    Listener(line.listener._ear).take(Gap())
    yield
    Listener(line.listener._ear).take(Gap())
    do_all(line)


@pytest.fixture
def root(line: Line) -> Doc:
    """An administrator, who may delete everybody's posts."""
    return line.playground.add_user("root", roles="system_admin system_user")


@pytest.mark.parametrize("private", [False, True])
def test_an_answer_deleted_meanwhile_is_not_kept(line: Line, root: Doc, *, private: bool) -> None:
    thread = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    flag = "--private " * private
    line.ask(line.ann, f"{flag}Is it {SECRET}?", root=thread, answer=f"It is {SECRET}.")
    (answer,) = line.posts(line.direct(line.ann) if private else line.town)
    with nobody_listening(line):
        line.playground.delete(root, answer)
    assert SECRET not in kept(line)


def test_a_thread_deleted_meanwhile_takes_all_that_was_asked_in_it(line: Line) -> None:
    thread = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.ask(line.ann, f"Is it {SECRET}?", root=thread, answer=f"It is {SECRET}.")
    with nobody_listening(line):
        line.playground.delete(line.bob, thread)
    assert SECRET not in kept(line)


@pytest.mark.parametrize("admitted", [False, True])
def test_a_question_deleted_meanwhile_has_no_answer(line: Line, *, admitted: bool) -> None:
    thread = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    question = line.playground.post_as(line.ann, line.town, f"@ai is it {SECRET}?", thread)
    line.hear()
    if admitted:
        line.step("admit")
    line.model.enqueue(f"It is {SECRET}.")
    with nobody_listening(line):
        line.playground.delete(line.ann, question)
    assert line.answers() == []
    assert SECRET not in kept(line)


def test_a_thumb_that_was_given_meanwhile_counts(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    (answer,) = line.posts()
    with nobody_listening(line):
        line.playground.react(line.bob, answer, "-1")
    with line.worker.database.read() as session:
        assert list(session.scalars(select(Rating.value))) == [feedback.BAD]


def test_a_mention_that_an_edit_added_meanwhile_is_answered(line: Line) -> None:
    post = line.playground.post_as(line.ann, line.town, "why?")
    line.hear()
    line.model.enqueue("Because.")
    with nobody_listening(line, quiet=500):
        line.playground.edit(line.ann, post, "@ai why?")
    assert ["Because." in text for text in line.answers()] == [True]


def test_channels_where_nobody_asked_for_a_week_are_not_read(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    with nobody_listening(line):
        pass
    for days, read in ((6, 2), (8, 1)):  # in the harbour somebody spoke
        with line.worker.database.read() as session:
            now = clock(session)
        monkeypatch.setattr(catchup, "clock", lambda _session, now=now, days=days: now + catchup.timedelta(days=days))
        with calls(line) as made:
            Listener(line.listener._ear).take(Gap())
        assert made.count(READ) == read
