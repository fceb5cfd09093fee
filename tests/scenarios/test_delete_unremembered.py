"""A post whose creation nobody has heard the end of is deleted with all the rest."""

from __future__ import annotations

import pytest

from mmapp.jobs import stream
from tests.line import Line
from tests.scenarios.summaries import WRITTEN, found, talk
from tests.scenarios.test_delete import SECRET, do_all, kept
from tests.scenarios.test_summarize_late import POST
from tests.scenarios.writing import writing


@pytest.mark.parametrize("what", ["summary", "answer"])
def test_one_that_was_made_whose_answer_got_lost(line: Line, what: str) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN if what == "summary" else f"It is {SECRET}.")
    line.playground.faults.add(POST, drop="after")
    line.say(line.ann, f"summarize --public {line.playground.link(root)}" if what == "summary" else "ask Why?")
    while line.step("admit", "model:tiny"):
        pass
    line.step("post")
    assert len(line.answers()) == 1
    line.say(line.ann, "delete")
    do_all(line)
    line.hear()
    do_all(line)
    assert line.answers() == []
    assert "can delete" not in found(line, line.ann)
    assert SECRET not in kept(line)


def test_one_of_an_answer_that_is_still_written(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "TICK", 0.01)
    line.playground.faults.add(POST, drop="after")
    with writing(line, f"It is {SECRET}. And", "it is nothing else.") as answer:
        answer.shows(SECRET)
        line.say(line.ann, "delete")
        answer.end_of_the_model()
    do_all(line)
    assert line.answers() == []
    assert SECRET not in kept(line)
