"""Addressing the bot on the page: in a thread that it then knows on every server, and in its direct message."""

from __future__ import annotations

from playwright.sync_api import expect

from mmapp.jobs import marks
from tests.browser.window import Windows
from tests.line import Line


def test_asked_in_a_thread_it_reads_the_thread_and_answers_there(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.bob, line.town, "The pump in hall 3 stopped at 9:10.")
    ann = windows.open(line.ann, line.town)
    ann.open_thread("The pump in hall 3")
    ann.reply("@ai What was it?")
    line.hear()
    assert line.step("admit")
    question = ann.post("@ai What was it?", ann.thread)
    expect(question.get_by_role("button", name="⏳")).to_have_attribute("title", "ai")
    line.model.enqueue("A blocked filter.")
    line.settle()
    marks.take_away(line.worker)
    expect(ann.post("A blocked filter.", ann.thread)).to_contain_text("read 1 of 1 message")
    expect(question.get_by_role("button", name="⏳")).to_have_count(0)


def test_in_its_direct_message_it_needs_no_name(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann)
    ann.go("ai")
    line.model.enqueue("Paris.")
    ann.write("What is the capital of France?")
    line.hear()
    line.settle()
    expect(ann.post("Paris.").get_by_role("button", name="More…")).to_be_visible()
