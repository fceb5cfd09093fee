"""Stop on the page: before the first word, and while it is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from playwright.sync_api import expect

from llm.base import Chunk, Options, Prompt
from llm.scripted import Step
from tests.browser.window import Windows
from tests.line import Line


def test_a_waiting_question_is_stopped_by_its_button(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai ask Why?")
    ann.press("Stop", ann.post("The answer comes as a post."))
    line.settle()
    expect(ann.messages).to_contain_text("Stopped. You have no more open questions here.")
    assert line.model.history == []


def written(line: Line) -> threading.Event:
    """Set once the model has written all of a step that hangs."""
    generate, event = line.model.generate, threading.Event()

    def watched(prompt: Prompt, options: Options) -> Iterator[Chunk]:
        for chunk in generate(prompt, options):
            if chunk.stage == "write" and not chunk.text:  # a tick of its hanging
                event.set()
            yield chunk

    line.model.generate = watched  # type: ignore[method-assign]
    return event


def test_what_is_being_written_is_stopped_and_stays(
    line: Line, windows: Windows, working: Callable[[], AbstractContextManager[None]]
) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    line.model.enqueue(Step("Once upon a time. There was", hangs=True))
    all_written = written(line)
    ann.write("/ai ask Tell a story.")
    with working():
        all_written.wait(60)
        ann.press("Stop", ann.post("The answer comes as a post."))
        for window in (ann, bob):
            expect(window.post("(stopped)")).to_contain_text("Once upon a time.")
