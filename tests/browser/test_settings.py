"""`/ai settings` on the page: a dialog that shows what is in force, and what it changes."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.window import Window, Windows
from tests.line import Line

PRIVATELY = "to me alone, in a direct message"


def opened(window: Window) -> None:
    window.write("/ai settings")
    expect(window.dialog.get_by_role("heading", level=2)).to_have_text("Your settings")


def test_what_is_saved_is_shown_again_and_in_force(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    opened(ann)
    ann.choose("Answers to /ai ask", PRIVATELY)
    ann.choose("Direct talk ends after", "a day of silence")
    ann.dialog.get_by_label("Put 👍 and 👎 under answers").uncheck()
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    opened(ann)
    expect(ann.dialog.get_by_role("combobox", name="Answers to /ai ask")).to_have_value(PRIVATELY)
    expect(ann.dialog.get_by_role("combobox", name="Direct talk ends after")).to_have_value("a day of silence")
    expect(ann.dialog.get_by_label("Put 👍 and 👎 under answers")).not_to_be_checked()
    expect(ann.dialog.get_by_label("Send me a link")).to_be_checked()
    ann.page.keyboard.press("Escape")
    line.model.enqueue("Because of the valve.")
    ann.write("/ai ask Why did the pump stop?")
    line.settle()
    ann.go("ai")
    answer = ann.post("Because of the valve.")
    expect(answer.get_by_role("button", name="More…")).to_be_visible()
    expect(answer.get_by_role("button", name="👍")).to_have_count(0)
    assert line.answers() == []


def test_esc_saves_nothing(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    opened(ann)
    ann.choose("Answers to /ai ask", PRIVATELY)
    ann.page.keyboard.press("Escape")
    expect(ann.dialog).to_be_hidden()
    opened(ann)
    where = ann.dialog.get_by_role("combobox", name="Answers to /ai ask")
    expect(where).to_have_value("where I ask, for all to read")
