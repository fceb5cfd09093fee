"""Asking on the page: in a channel, in a thread, privately, in a direct message."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Window, Windows
from tests.line import Line


def about(window: Window, line: Line, words: str) -> str:
    """A command about the open thread; 5.37 does not tell the app which that is, so people name it by its link."""
    if line.playground.age == "11":
        return f"/ai ask {words}"
    window.more(window.thread.get_by_role("article").first, "Copy link")
    link = window.page.evaluate("navigator.clipboard.readText()")
    return f"/ai ask --thread {link} {words}"


def test_a_question_in_a_channel_is_answered_there_for_everybody(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    line.model.enqueue("It ran dry.")
    ann.write("/ai ask Why did the pump stop?")
    expect(ann.post("(Only visible to you)")).to_contain_text("The answer comes as a post.")
    line.settle()
    for window in (ann, bob):
        expect(window.post("It ran dry.")).to_contain_text("Why did the pump stop?")
    expect(bob.messages).not_to_contain_text("Only visible to you")


def test_a_question_in_a_thread_is_answered_in_it(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.bob, line.town, "The pump in hall 3 stopped at 9:10.")
    ann = windows.open(line.ann, line.town)
    ann.open_thread("The pump in hall 3")
    line.model.enqueue("A blocked filter.")
    ann.reply(about(ann, line, "What was it?"))
    line.settle()
    expect(ann.post("A blocked filter.", ann.thread)).to_contain_text("read 1 of 1 message")
    ann.close_thread()
    expect(ann.post("The pump in hall 3").get_by_role("link", name="1 reply")).to_be_visible()


def test_a_private_question_is_answered_to_its_asker_alone(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    line.model.enqueue("Nobody's.")
    ann.write("/ai ask --private Whose fault was it?")
    line.settle()
    ann.list_channels()
    expect(ann.channel("ai")).to_contain_text("1")
    ann.go("ai")
    expect(ann.post("Nobody's.")).to_contain_text("Whose fault was it?")
    ann.list_channels()
    expect(ann.channel("ai")).to_have_text(re.compile("^[^1]*$"))  # it has been read
    expect(bob.messages).not_to_contain_text("fault")


def test_a_direct_message_with_the_bot_is_begun_from_the_list(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann)
    ann.go("ai")
    line.model.enqueue("Paris.")
    ann.write("/ai ask What is the capital of France?")
    line.settle()
    expect(ann.post("Paris.")).to_be_visible()


def test_where_an_answer_comes_from_stands_behind_the_i(line: Line, windows: Windows) -> None:
    bob = windows.open(line.bob, line.town)
    line.ask(line.ann, "Why?", answer="It ran dry.")
    bob.post("It ran dry.").get_by_role("button", name="Where this comes from").click()
    aside = bob.page.get_by_role("complementary")
    expect(aside.get_by_role("heading", level=2)).to_have_text("Details")
    expect(aside).to_contain_text("tiny")
    bob.page.keyboard.press("Escape")
    expect(aside).to_be_hidden()


def test_a_command_that_fails_stays_in_the_box(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.box.fill("/nothing of the kind")
    ann.box.press("Enter")
    expect(ann.page.locator("main").get_by_role("alert").filter(has_text="not found")).to_be_visible()
    expect(ann.box).to_have_value("/nothing of the kind")
