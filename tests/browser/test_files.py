"""Small files on the page: attached, left out again, sent, saved."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, expect

from tests.browser.window import Windows
from tests.line import Line


def file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_a_file_is_attached_and_saved_by_somebody_else(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    ann.page.get_by_label("Attach a file to your message").set_input_files(file("pump.log", "9:10 stopped\n"))
    expect(ann.page.get_by_role("list", name="Attached files").get_by_role("listitem")).to_contain_text(["pump.log"])
    ann.write("Here is the log.")
    expect(ann.page.get_by_role("button", name="Leave pump.log out")).to_be_hidden()
    with bob.page.expect_download() as saved:
        bob.post("Here is the log.").get_by_role("button", name="pump.log").click()
    assert saved.value.suggested_filename == "pump.log"
    assert Path(saved.value.path()).read_text() == "9:10 stopped\n"


def test_a_file_that_was_left_out_again_is_not_sent(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.page.get_by_label("Attach a file to your message").set_input_files([file("a.txt", "a"), file("b.txt", "b")])
    ann.page.get_by_role("button", name="Leave a.txt out").click()
    ann.write("One of them.")
    post = ann.post("One of them.")
    expect(post.get_by_role("button", name="b.txt")).to_be_visible()
    expect(post.get_by_role("button", name="a.txt")).to_be_hidden()
