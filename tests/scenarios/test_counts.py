"""What a request costs, counted exactly: statements of the database and calls to Mattermost. A rise is a decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from sqlalchemy import Engine, event

from mmapp.chat import audience
from mmapp.jobs import queue
from tests.line import Line
from tests.scenarios.switching import switch

LANE = "model:tiny"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that any engine runs meanwhile, without begin and commit."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith(("begin", "pragma")):
            seen.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def without_lock(run: list[str]) -> list[str]:
    """PostgreSQL has a statement of its own for being alone."""
    return [each for each in run if "advisory" not in each]


@contextmanager
def calls(line: Line) -> Iterator[list[str]]:
    """Every call to the Mattermost meanwhile, the ids left out."""
    seen: list[str] = []

    def note() -> None:
        parts = ["{}" if len(part) == 26 else part for part in request.path.removeprefix("/api/v4").split("/")]
        seen.append(f"{request.method} {'/'.join(parts)}")

    functions = line.playground.app.before_request_funcs[None]
    functions.insert(0, note)
    try:
        yield seen
    finally:
        functions.remove(note)


def test_an_acknowledgement_comes_from_the_database_alone(line: Line) -> None:
    line.say(line.ann, "ask warm up")
    with statements() as run, calls(line) as made:
        line.say(line.ann, "ask Why?")
    # the clock · who asked how much, and is it on · models · which is chosen here · what was chosen in a direct message, which
    # may be over · what waits · the question · the person's settings · the job · who used the models lately · the workers
    assert len(without_lock(run)) == 11, run
    assert made == ["POST /commands/execute"]


def test_admitting_a_question_in_a_thread_asks_two_things(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    line.say(line.bob, "ask Why?", root=root)
    with calls(line) as made:
        line.step("admit")
    assert made == ["GET /channels/{}/members/{}", "GET /posts/{}"]


def test_answering_in_a_thread_reads_it_once_and_names_once(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    for question in ("Why?", "Since when?"):
        line.model.enqueue("Because.")
        line.say(line.bob, f"ask {question}", root=root)
        line.step("admit")
        with calls(line) as made:
            line.step(LANE)
        line.settle()
        names = ["POST /users/ids"] * 2 if question == "Why?" else []  # of the thread's people, and of the asker
        assert made == ["GET /channels/{}/members/{}", "GET /posts/{}/thread", *names]


def test_answering_outside_threads_asks_for_the_membership_again_and_for_the_first_name_once(line: Line) -> None:
    for names in (["POST /users/ids"], []):
        line.model.enqueue("Because.")
        line.say(line.bob, "ask Why?")
        line.step("admit")
        with calls(line) as made:
            line.step(LANE)
        assert made == ["GET /channels/{}/members/{}", *names]


def test_in_a_direct_message_it_is_asked_at_both_steps_who_asks(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.bob, "ask Why?", line.direct(line.bob))
    for lane, more in (("admit", []), (LANE, ["POST /users/ids"])):
        with calls(line) as made:
            line.step(lane)
        assert made == ["GET /users/{}", *more]


def test_where_channels_are_listed_a_direct_message_asks_for_one_membership_besides(listed: Line) -> None:
    switch(listed, "bob")
    listed.ask(listed.ann, "Why?", listed.direct(listed.ann), answer="Because.")
    listed.model.enqueue("Because.")
    listed.say(listed.ann, "ask Why now?", listed.direct(listed.ann))
    for lane in ("admit", LANE):
        with calls(listed) as made:
            listed.step(lane)
        assert made == ["GET /users/{}", "GET /channels/{}/members/{}"]


def test_delivery_is_one_post_a_look_at_it_and_two_thumbs(line: Line) -> None:
    line.model.enqueue("Because.")
    line.say(line.bob, "ask Why?")
    line.step("admit")
    line.step(LANE)
    with calls(line) as made, statements() as run:
        line.step("post")
    assert made == ["POST /posts", "GET /posts/{}", "POST /reactions", "POST /reactions"]
    # the claim: the clock · who waits · which · take it. Then: the answer · the question · its posts · the asker's
    # settings · it is still ours · the answer is no more rewritten · the post's row is there · insert · the conversation ·
    # the post that it began with · its root · the job · the clock · finish; and the job's two encrypted columns
    assert len(without_lock(run)) <= 21, run


def test_looking_what_is_due_takes_two_statements_and_no_lock(line: Line) -> None:
    with statements() as run:
        assert queue.due(line.worker.database) == frozenset()
    assert len(run) == 2, run
    assert without_lock(run) == run


def test_a_question_is_one_call_of_the_model(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    assert len(line.model.history) == 1


def test_one_who_may_not_read_is_enough_to_know_that_it_is_told_alone(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.ann, line.bot))
    for number in range(150):
        line.playground.join(line.playground.add_user(f"user{number}"), line.town)
    with calls(line) as made:
        assert not audience.all_may_read(line.worker.client, line.town["id"], [board["id"]], [line.bot["id"]])
    assert made == ["GET /channels/{}/members", *["POST /channels/{}/members/ids"] * 2, "POST /users/ids"]
