"""What keeps the dialog of `/ai summarize` open, and what does nothing though it was sent."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.scenarios.summaries import WRITTEN, found, summary, talk
from tests.scenarios.test_more import problem
from tests.scenarios.test_prompts import saved
from tests.scenarios.test_summarize_dialog import USUAL, opened, submit

# What keeps it open


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({}, "link", "Please paste a link here, or pick something below."),
        ({"link": "https://other.example/eng/pl/" + "a" * 26}, "link", "That link is to another server."),
        ({"link": "the thread of yesterday"}, "link", "Check the link"),
        ({"what": "since 99d"}, "what", "Please pick one"),
        ({"what": "since 24h --public"}, "what", "Please pick one"),
        ({"what": "everything"}, "what", "Please pick one"),
        ({"what": "[object Object]"}, "link", "Please paste a link here"),
        ({"what": "since 24h", "kind": "poem"}, "kind", "Please pick one"),
    ],
)
def test_what_is_missing_or_was_never_offered_keeps_it_open_and_it_can_be_put_right(
    line: Line, values: dict[str, str], field: str, why: str
) -> None:
    root = talk(line)
    dialog = opened(line)
    kept = line.pick(line.ann, dialog, **USUAL | values)
    assert kept["errors"].keys() == {field}
    assert why in kept["errors"][field]
    assert line.jobs("queued") == 0
    line.model.enqueue(WRITTEN)
    submit(line, dialog, what=root["id"])
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_a_prompt_that_was_never_offered_or_is_gone_keeps_it_open(line: Line) -> None:
    saved(line, line.ann, "standup", "What blocks whom?")
    dialog = opened(line)
    assert "no saved prompt `mine`" in problem(
        line.pick(line.ann, dialog, **USUAL | {"what": "since 24h", "prompt": "mine"})
    )
    assert line.jobs("queued") == 0


def test_a_wish_that_is_too_long_keeps_it_open(line: Line) -> None:
    kept = line.pick(line.ann, opened(line), **USUAL | {"what": "since 24h", "wish": "x" * 2_500})
    assert "That wish has 2,500 characters" in problem(kept)


def test_it_is_done_once_by_who_opened_it(line: Line) -> None:
    root = talk(line)
    dialog = opened(line)
    values = USUAL | {"what": root["id"]}
    assert "nothing was changed" in problem(line.pick(line.bob, dialog, **values))
    line.model.enqueue(WRITTEN)
    submit(line, dialog, what=root["id"])
    assert "was done already" in problem(line.pick(line.ann, dialog, **values))
    line.settle()
    assert len([text for text in line.private_answers(line.ann) if "8 of 8" in text]) == 1


def test_a_state_that_was_changed_does_nothing(line: Line) -> None:
    root = talk(line)
    dialog = opened(line)
    state = dialog["dialog"]["state"]
    for forged in (state[:-1], state.replace("summarize", "prompts", 1), "summarize", "summarize x.y.z"):
        dialog["dialog"]["state"] = forged
        assert "nothing was changed" in problem(line.pick(line.ann, dialog, **USUAL | {"what": root["id"]}))
    assert line.jobs("queued") == 0


def test_a_thread_that_may_not_be_read_is_not_read_by_its_id_either(line: Line) -> None:
    board = line.playground.add_channel("P", "board", members=(line.bob, line.carol, line.bot))
    root = line.playground.post_as(line.bob, board, "We sell the harbour.")
    line.playground.post_as(line.carol, board, "When?", root)
    submit(line, opened(line), what=root["id"])
    assert "There is no such message that you and I can both read." in found(line, line.ann)
    assert line.model.history == []
