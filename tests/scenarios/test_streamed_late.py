"""Of an answer whose beginning was shown while it was written, the rest is looked at again like any other words."""

from __future__ import annotations

import pytest

from mmapp.jobs import stream
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import found
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_summarize_late import PATCH, SECRET, SUMMARY, board
from tests.scenarios.writing import writing

BEGINNING = "I have looked at it."


def begun(line: Line, monkeypatch: pytest.MonkeyPatch) -> tuple[Doc, Doc]:
    """Ann has asked below a summary of a private channel; the beginning is shown, and then Mattermost takes no edits. That
    channel, and the one that it stands in."""
    monkeypatch.setattr(stream, "TICK", 0.01)
    source, root, few = board(line)
    asks = line.playground.post_as(line.ann, few, "What is new?")
    line.model.enqueue(SUMMARY)
    line.mention(line.ann, f"@ai summarize {line.playground.link(root)}", few, root=asks)
    rest = f"code word is {SECRET}, as was said."
    with writing(
        line, f"{BEGINNING} The", rest, command="What is it?", bot=line.bot, who=line.ann, channel=few, root=asks
    ) as answer:
        answer.shows(BEGINNING, few)
        line.playground.faults.add(PATCH, status=503, times=40)
        answer.end_of_the_model()
    line.settle()
    assert BEGINNING in line.answers(few)[-1]
    assert "as was said" not in line.answers(few)[-1]
    line.playground.faults.clear()
    return source, few


def test_it_is_not_filled_in_for_who_has_come_since(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    _, few = begun(line, monkeypatch)
    line.playground.join(line.carol, few)
    do_all(line)
    assert not any(BEGINNING in text for text in line.answers(few))
    assert "not everybody here may read" in found(line, line.ann)


def test_where_nobody_has_come_it_is(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    _, few = begun(line, monkeypatch)
    do_all(line)
    assert "as was said" in line.answers(few)[-1]
