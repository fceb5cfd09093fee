"""Writing on the page: nothing typed is lost, nothing read moves, and one's own words can be changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.window import PHONE, Window, Windows
from tests.line import Line


def test_enter_sends_and_shift_enter_begins_a_line(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.box.press_sequentially("one")
    ann.box.press("Shift+Enter")
    ann.box.press_sequentially("two")
    ann.box.press("Enter")
    expect(ann.messages).to_contain_text("onetwo")  # with a line break between
    assert [post["message"] for post in line.playground.posts(line.town)] == ["one\ntwo"]


def test_drafts_stay_with_their_channel_and_thread(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.bob, line.town, "The pump stopped.")
    ann = windows.open(line.ann, line.town)
    ann.box.fill("for town")
    ann.open_thread("The pump stopped.")
    ann.reply_box.fill("for the thread")
    ann.close_thread()
    ann.go("Secret")
    expect(ann.box).to_have_value("")
    ann.box.fill("for secret")
    ann.page.go_back()
    expect(ann.box).to_have_value("for town")
    ann.open_thread("The pump stopped.")
    expect(ann.reply_box).to_have_value("for the thread")
    ann.page.reload()
    expect(ann.reply_box).to_have_value("for the thread")


def scrolled(window: Window) -> int:
    return int(window.messages.evaluate("one => Math.round(one.scrollTop)"))


def test_while_a_post_is_edited_nothing_is_drawn_anew_and_nobody_is_moved(line: Line, windows: Windows) -> None:
    bot = line.bot
    for number in range(30):
        line.playground.post_as(line.bob, line.town, f"Message {number} of a long morning.")
    post = line.playground.post_as(bot, line.town, "It")
    ann = windows.open(line.ann, line.town)
    expect(ann.post("Message 29")).to_be_in_viewport()
    ann.box.fill("half a sentence")
    ann.messages.evaluate("one => { one.scrollTop = 200; one.dataset.kept = 'me'; }")
    mark = "one => { one.firstElementChild.marked = true }"
    ann.post("Message 10").evaluate(mark)
    for words in ("It ran", "It ran dry", "It ran dry, and nobody saw it."):
        line.playground.edit(bot, post, words)
        expect(ann.messages).to_contain_text(words)
    assert scrolled(ann) == 200
    assert ann.post("Message 10").evaluate("one => one.firstElementChild.marked")
    expect(ann.box).to_have_value("half a sentence")
    expect(ann.post("and nobody saw it.")).to_contain_text("(edited)")


def test_a_thread_is_opened_and_closed_without_losing_ones_place(line: Line, windows: Windows) -> None:
    for number in range(40):
        line.playground.post_as(line.bob, line.town, f"Message {number} of a long morning.")
    ann = windows.open(line.ann, line.town)
    expect(ann.post("Message 39")).to_be_in_viewport()
    ann.post("Message 20").evaluate("one => one.scrollIntoView({ block: 'center' })")
    ann.open_thread("Message 20")
    ann.reply("Seen.")
    ann.close_thread()
    expect(ann.post("Message 20")).to_be_in_viewport()
    expect(ann.post("Message 39")).not_to_be_in_viewport()


def test_whoever_is_at_the_end_stays_at_the_end(line: Line, windows: Windows) -> None:
    for number in range(30):
        line.playground.post_as(line.bob, line.town, f"Message {number} of a long morning.")
    ann = windows.open(line.ann, line.town)
    expect(ann.post("Message 29")).to_be_in_viewport()
    line.playground.post_as(line.bob, line.town, "And a last one.")
    expect(ann.post("And a last one.")).to_be_in_viewport()


def test_ones_own_message_is_edited_and_deleted(line: Line, windows: Windows) -> None:
    said = line.playground.post_as(line.ann, line.town, "The pump stoped.")
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    ann.more(ann.post("stoped"), "Edit")
    expect(ann.box).to_have_value("The pump stoped.")
    ann.box.fill("The pump stopped.")
    ann.box.press("Enter")
    expect(bob.post("The pump stopped.")).to_contain_text("(edited)")
    ann.more(ann.post("stopped"), "Delete")
    expect(bob.messages).to_have_text("Nothing has been said here yet.")
    assert line.playground.post(said)["delete_at"]


def test_another_ones_message_is_neither_edited_nor_deleted(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.ann, line.town, "The pump stopped.")
    bob = windows.open(line.bob, line.town)
    post = bob.post("The pump stopped.")
    post.hover()
    post.get_by_role("button", name="More about this message").click()
    expect(bob.page.get_by_role("menuitem")).to_have_text(["Copy link"])


def test_esc_leaves_an_edit_and_keeps_the_draft(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.ann, line.town, "The pump stopped.")
    ann = windows.open(line.ann, line.town)
    ann.box.fill("half a sentence")
    ann.more(ann.post("The pump stopped."), "Edit")
    ann.box.fill("something else")
    ann.box.press("Escape")
    expect(ann.box).to_have_value("half a sentence")
    assert [post["message"] for post in line.playground.posts(line.town)] == ["The pump stopped."]


@pytest.mark.parametrize("emoji", ["+1", "-1", "white_check_mark", "memo", "wastebasket", "grinning"])
def test_a_reaction_is_put_there_and_taken_back(line: Line, windows: Windows, emoji: str) -> None:
    post = line.playground.post_as(line.bob, line.town, "Tea?")
    ann = windows.open(line.ann, line.town)
    ann.react(ann.post("Tea?"), emoji)
    given = ann.post("Tea?").get_by_role("button", pressed=True)
    expect(given).to_have_attribute("title", "ann")
    assert line.playground.reactions(post) == [("ann", emoji)]
    given.click()
    expect(given).to_be_hidden()
    assert line.playground.reactions(post) == []


def test_a_long_message_is_folded_until_it_is_asked_for(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.bob, line.town, "\n\n".join(f"Paragraph {number}." for number in range(60)))
    ann = windows.open(line.ann, line.town)
    words = ann.post("Paragraph 0.").locator(".fold > .text")
    most = 300 if windows.size == PHONE else 600
    expect(ann.page.get_by_role("button", name="Show more")).to_be_visible()
    assert (words.bounding_box() or {})["height"] == most
    ann.page.get_by_role("button", name="Show more").click()
    expect(ann.page.get_by_role("button", name="Show less")).to_be_visible()
    assert (words.bounding_box() or {})["height"] > 1200
