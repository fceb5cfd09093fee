"""A digest on the page: its post, the reply below it, and Done…"""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Windows
from tests.line import Line
from tests.scenarios.digesting import digest, due
from tests.scenarios.telling import BUSY, busy, first, next_one, words

TASK, QUESTION = "carol: post-mortem by Friday", "Who fixes the cache on Monday?"


def test_it_stands_in_the_channel_with_two_buttons_and_a_number_leads_to_its_message(
    line: Line, windows: Windows
) -> None:
    first(line, line.town)
    bob = windows.open(line.bob, line.town)
    post = bob.post("Digest of ~Town")
    expect(post).to_contain_text("8 of 8 messages read")
    expect(post).to_contain_text(f"To do · {TASK}")
    for name in ("Done…", "More…"):
        expect(post.get_by_role("button", name=name)).to_be_visible()
    post.get_by_role("link", name="[3]").click()
    expect(bob.post("I write the post-mortem by Friday.", bob.thread)).to_be_in_viewport()


def test_what_does_not_fit_stands_in_its_thread(line: Line, windows: Windows) -> None:
    busy(line)
    due(line, digest(line, line.ann, [line.town], line.town, length="long"))
    bob = windows.open(line.bob, line.town)
    bob.open_thread("Digest of ~Town")
    rest = bob.post("The rest of this digest", bob.thread)
    expect(rest).to_contain_text(words(BUSY[3][2]))
    expect(rest.get_by_role("button", name="More…")).to_have_count(0)


def test_what_is_ticked_off_is_ticked_in_the_post_for_everybody(line: Line, windows: Windows) -> None:
    first(line, line.town)
    bob, carol = windows.open(line.bob, line.town), windows.open(line.carol, line.town)
    bob.press("Done…", bob.post("Digest of ~Town"))
    expect(bob.dialog.get_by_role("heading", level=2)).to_have_text("What is done?")
    bob.press("Done")
    expect(bob.dialog).to_contain_text("Nothing is ticked yet.")
    bob.dialog.get_by_label(TASK).check()
    bob.press("Done")
    expect(bob.dialog).to_be_hidden()
    line.settle()
    expect(carol.post("Digest of ~Town")).to_contain_text(f"✅ To do · {TASK}")
    expect(carol.post("Digest of ~Town")).not_to_contain_text("✅ Open")


def test_a_tick_under_a_message_ends_what_it_says(line: Line, windows: Windows) -> None:
    number = first(line, line.town)
    carol = windows.open(line.carol, line.town)
    carol.open_thread("The checkout API has returned 502")
    carol.react(carol.post("I write the post-mortem by Friday.", carol.thread), "white_check_mark")
    line.hear()
    line.settle()
    next_one(line, number)
    carol.close_thread()
    newest = carol.post(re.compile("Digest of .*The scales of the harbour were calibrated"))
    expect(newest).to_contain_text(f"Open since today · {QUESTION}")
    expect(newest).not_to_contain_text(TASK)
