"""Posts within every limit, and those that a server refuses all the same: the answer arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import request

from tests.line import Line
from tests.playground.recorded import recorded
from tests.playground.store import Doc

CREATE = "POST /api/v4/posts$"


def refusal(name: str) -> Doc:
    """A recorded refusal, to be repeated in this very form."""
    response = recorded(name)["response"]
    return {"status": response["status"], "body": json.dumps(response["body"])}


REFUSALS = {"400": refusal("e_props_too_long"), "413": refusal("v11_e_body_too_large_413")}


@contextmanager
def bodies(line: Line) -> Iterator[list[int]]:
    """How many bytes every request to create a post has meanwhile."""
    seen: list[int] = []

    def note() -> None:
        if request.method == "POST" and request.path == "/api/v4/posts":
            seen.append(len(request.get_data()))

    functions = line.playground.app.before_request_funcs[None]
    functions.insert(0, note)
    try:
        yield seen
    finally:
        functions.remove(note)


@pytest.mark.parametrize("sign", ["a", "é", "😀", "\\", '"'])
def test_a_long_answer_of_any_signs_arrives_whole_within_every_limit(line: Line, sign: str) -> None:
    with bodies(line) as sent:
        line.ask(line.ann, "Tell me all.", answer=f"{sign * 60} " * 700)
    posts = line.answers()
    assert len(posts) == len(sent) >= 3
    assert max(len(post) for post in posts) <= 16_383
    assert max(len(post.encode()) for post in posts) <= 65_535
    assert max(sent) <= 300_000
    assert sum(post.count(sign * 60) for post in posts) == 700


@pytest.mark.parametrize("refused", REFUSALS)
def test_an_answer_whose_card_is_refused_arrives_without_it(line: Line, refused: str) -> None:
    line.playground.faults.add(CREATE, **REFUSALS[refused])
    line.ask(line.ann, "Why?", answer="It ran dry.")
    (answer,) = line.posts()
    assert "It ran dry." in answer["message"]
    assert "card" not in answer["props"]
    assert answer["props"]["ai_generated_by"] == line.bot["id"]


@pytest.mark.parametrize("refused", REFUSALS)
def test_an_answer_that_is_refused_in_every_form_reaches_its_asker(line: Line, refused: str) -> None:
    line.playground.faults.add(CREATE, times=2, **REFUSALS[refused])
    line.ask(line.ann, "Why?", answer="It ran dry.")
    assert line.posts() == []
    told = [*line.told(line.ann), *line.private_answers(line.ann)][-1]
    assert "could not be posted where you asked" in told
    assert "It ran dry." in told
    assert line.jobs("queued") == 0


def test_an_answer_without_its_card_is_found_again_after_a_crash(line: Line) -> None:
    line.playground.faults.add(CREATE, **REFUSALS["400"])
    line.playground.faults.add(CREATE, drop="after")
    line.ask(line.ann, "Why?", answer="It ran dry.")
    assert line.jobs("queued") == 1
    line.playground.server.pending.clear()  # the id of the attempt is forgotten: only the props tell
    line.hurry()
    line.settle()
    assert len(line.answers()) == 1
    assert line.jobs("queued") == 0
