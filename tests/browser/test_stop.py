"""Stop on the page: before the first word, and while it is written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import expect

from llm.scripted import Step
from tests.browser.window import Windows
from tests.line import Line

Working = Callable[[], AbstractContextManager[None]]


def test_a_waiting_question_is_stopped_by_its_button(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai ask Why?")
    ann.press("Stop", ann.post("The answer comes as a post."))
    line.settle()
    expect(ann.messages).to_contain_text("Stopped. You have no more open questions here.")
    assert line.model.history == []


def test_what_is_being_written_is_stopped_under_it_and_stays(line: Line, windows: Windows, working: Working) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    line.model.enqueue(Step("Once upon a time. There was", hangs=True))
    ann.write("/ai ask Tell a story.")
    with working():
        ann.press("Stop", ann.post("Once upon a time."))
        for window in (ann, bob):
            expect(window.post("(stopped)")).to_contain_text("Once upon a time. There was")
    expect(ann.post("(stopped)").get_by_role("button", name="Stop")).to_be_hidden()


def test_another_ones_press_of_stop_changes_nothing(line: Line, windows: Windows, working: Working) -> None:
    bob = windows.open(line.bob, line.town)
    line.model.enqueue(Step("Once upon a time. There was", hangs=True))
    line.say(line.ann, "ask Tell a story.")
    with working():
        bob.press("Stop", bob.post("Once upon a time."))
        line.playground.post_as(line.carol, line.town, "Let it write.")
        expect(bob.post("Let it write.")).to_be_visible()
        assert line.jobs("running") == 1
        line.say(line.ann, "stop")
        expect(bob.post("(stopped)")).to_be_visible()
