"""An answer on the page while it is written: everybody sees it grow, and nobody is disturbed by that."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mmapp.jobs import stream
from tests.browser.window import Windows
from tests.line import Line
from tests.scenarios.writing import writing


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits come ten times a second for minutes: when they come is not the page's affair."""
    monkeypatch.setattr(stream, "EDITS", tuple(number / 10 for number in range(5000)))
    monkeypatch.setattr(stream, "TICK", 0.01)


def test_an_answer_grows_before_everybody_and_stays_one_message(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    with writing(line, "It ran dry. And", "then", "it stopped.") as answer:
        for window in (ann, bob):
            expect(window.post("It ran dry.")).to_be_visible()
        bob.post("It ran dry.").evaluate("one => { one.marked = true }")
        answer.go_on()
        expect(bob.post("It ran dry. And then")).to_contain_text("(edited)")
        answer.end()
    for window in (ann, bob):
        expect(window.post("it stopped.")).to_contain_text("tiny")
        expect(window.post("It ran dry.")).to_have_count(1)
    assert bob.post("It ran dry.").evaluate("one => one.marked")


def test_what_is_typed_while_an_answer_grows_is_kept(line: Line, windows: Windows) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    bob = windows.open(line.bob, line.town)
    bob.open_thread("The pump stopped.")
    bob.reply_box.press_sequentially("It was ")
    with writing(line, "It ran dry. And", "then", "it stopped.", root=root) as answer:
        expect(bob.post("It ran dry.", bob.thread)).to_be_visible()
        bob.reply_box.press_sequentially("half ")
        answer.go_on()
        expect(bob.post("And then", bob.thread)).to_be_visible()
        bob.reply_box.press_sequentially("past nine.")
        answer.end()
    expect(bob.reply_box).to_have_value("It was half past nine.")
    expect(bob.reply_box).to_be_focused()
