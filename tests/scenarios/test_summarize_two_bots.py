"""What one bot takes away is nobody's wish, whichever bot hears of it."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import TALK
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_summarize_deleted import noted
from tests.scenarios.test_summarize_late import LIMIT, PATCH, SECRET, SUMMARY


@pytest.fixture
def others() -> tuple[str, ...]:
    return ("guide",)


def test_a_headline_of_another_bot_that_goes_takes_nothing_that_was_noted_with_it(line: Line, guide: Doc) -> None:
    members = (line.ann, line.bob, line.bot, guide)
    source, few = (line.playground.add_channel("P", name, members=members) for name in ("board", "few"))
    root = line.playground.post_as(line.bob, source, f"The code word of the plan is {SECRET}.")
    line.playground.post_as(line.ann, source, "The plan begins on Monday.", root)
    line.model.enqueue(SUMMARY)
    line.playground.post_as(line.ann, few, f"@guide summarize {line.playground.link(root)}")
    line.hear()
    line.playground.faults.add(PATCH, status=503, times=1)
    line.settle()
    assert len(line.answers(few, guide)) == 1
    for who, words in TALK[:3]:
        line.playground.post_as(getattr(line, who), few, words)
    line.model.enqueue(f"The memory limit of the payment pods is {LIMIT}. [3]\n- The checkout API returned 502 [1]\n")
    line.say(line.bob, "summarize channel", few)
    while line.step("admit", "model:tiny", "notify"):
        pass
    assert LIMIT in noted(line)
    line.playground.join(line.carol, few)
    do_all(line)
    line.hear()
    do_all(line)
    assert line.answers(few, guide) == []
    assert LIMIT in noted(line)
