"""`/ai` alone on the page: four lines and three buttons, each of which opens a box of its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.window import Windows
from tests.line import Line


@pytest.mark.parametrize(
    ("button", "title", "words"),
    [
        ("Help", "How to use Chorus", "What you can type"),
        ("Models", "Models", "tiny"),
        ("Stop my newest", "Stop", "You have no open question here"),
    ],
)
def test_each_button_opens_its_box_and_esc_closes_it(
    line: Line, windows: Windows, button: str, title: str, words: str
) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    ann.write("/ai")
    ann.press(button, ann.post("Ask a model that runs on your own machines"))
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text(title)
    expect(ann.dialog).to_contain_text(words)
    expect(bob.dialog).to_be_hidden()
    ann.page.keyboard.press("Escape")
    expect(ann.dialog).to_be_hidden()


def test_the_newest_question_is_stopped_from_the_menu(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai ask Why?")
    ann.write("/ai")
    menu = ann.post("Ask a model that runs on your own machines")
    expect(menu).to_contain_text("Why?")
    ann.press("Stop my newest", menu)
    expect(ann.dialog).to_contain_text("Stopped.")
    ann.dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(ann.dialog).to_be_hidden()
