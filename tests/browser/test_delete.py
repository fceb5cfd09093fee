"""Deleting on the page, in four ways: the answer is gone before everybody's eyes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import expect

from llm.scripted import Step
from tests.browser.window import Window, Windows
from tests.line import Line
from tests.scenarios.test_delete import do_all

Working = Callable[[], AbstractContextManager[None]]


def answered(line: Line, windows: Windows) -> tuple[Window, Window]:
    """The windows of Ann, who has asked, and of Bob, who reads the answer."""
    line.ask(line.ann, "Why did the pump stop?", answer="Because of the valve.")
    line.hear()
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    for window in (ann, bob):
        expect(window.post("Because of the valve.")).to_be_visible()
    return ann, bob


def gone(line: Line, *people: Window) -> None:
    do_all(line)
    for window in people:
        expect(window.post("Because of the valve.")).to_have_count(0)


def test_by_the_dialog(line: Line, windows: Windows) -> None:
    ann, bob = answered(line, windows)
    ann.open_more(ann.post("Because of the valve."))
    ann.dialog.get_by_label("Delete question and answer").check()
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()
    gone(line, ann, bob)


def test_by_the_command(line: Line, windows: Windows) -> None:
    ann, bob = answered(line, windows)
    ann.write("/ai delete")
    expect(ann.post("Deleting Why did the pump stop? with its answer")).to_contain_text("(Only visible to you)")
    gone(line, ann, bob)


def test_by_the_wastebasket(line: Line, windows: Windows) -> None:
    ann, bob = answered(line, windows)
    ann.react(ann.post("Because of the valve."), "wastebasket")
    expect(bob.post("Because of the valve.").get_by_role("button", name="ann")).to_be_visible()
    line.hear()
    gone(line, ann, bob)


def test_by_deleting_the_question_while_it_is_answered(line: Line, windows: Windows, working: Working) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    for window in (ann, bob):
        window.open_thread("The pump stopped.")
    line.model.enqueue(Step("Because of the valve. It is", hangs=True))
    ann.reply("@ai Why?")
    line.hear()
    with working():
        expect(bob.post("Because of the valve.", bob.thread)).to_be_visible()
        ann.more(ann.post("@ai Why?", ann.thread), "Delete")
        expect(bob.post("@ai Why?", bob.thread)).to_have_count(0)
        line.hear()
        assert line.step("admit")  # by another lane than the model's
        for window in (ann, bob):
            expect(window.post("Because of the valve.", window.thread)).to_have_count(0)
    assert [post["id"] for post in line.playground.thread(root)] == [root["id"]]
