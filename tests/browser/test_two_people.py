"""Two people at once: each stays who he is, and is told of what he has not read."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Windows
from tests.line import Line


def test_what_one_writes_the_other_reads_at_once(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    ann.write("Is the pump down?")
    bob.open_thread("Is the pump down?")
    bob.reply("It is.")
    expect(ann.post("Is the pump down?").get_by_role("link", name="1 reply")).to_be_visible()
    ann.open_thread("Is the pump down?")
    ann.reply("Thanks.")
    expect(bob.post("Thanks.", bob.thread)).to_contain_text("ann")


def test_a_mention_elsewhere_is_counted_until_it_is_read(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    line.playground.post_as(line.bob, line.secret, "@ann and @carol, psst")
    ann.list_channels()
    expect(ann.channel("Secret")).to_contain_text("1")
    expect(ann.page).to_have_title(re.compile(r"^\(1\) Town"))
    carols = ann.nav.get_by_role("link", name=re.compile("carol")).first
    expect(carols).to_contain_text("1")  # and so are those of the others
    ann.go("Secret")
    expect(ann.page).to_have_title(re.compile(r"^Secret"))
    ann.list_channels()
    expect(carols).to_contain_text("1")


def test_an_unread_reply_is_told_at_its_thread(line: Line, windows: Windows) -> None:
    root = line.playground.post_as(line.ann, line.town, "Is the pump down?")
    ann = windows.open(line.ann, line.town)
    line.playground.post_as(line.bob, line.town, "It is.", root)
    if line.playground.age == "5.37":  # it does not collapse threads: the reply stands in the channel
        expect(ann.post("It is.")).to_contain_text("Commented on ann's message")
        return
    expect(ann.post("Is the pump down?")).to_contain_text("1 new")
    ann.open_thread("Is the pump down?")
    expect(ann.post("Is the pump down?")).not_to_contain_text("1 new")


def test_one_becomes_somebody_else_in_this_window_or_in_another(line: Line, windows: Windows) -> None:
    line.playground.post_as(line.ann, line.town, "Mine.")
    ann = windows.open(line.ann, line.town)
    ann.list_channels()
    with ann.page.context.expect_page() as opened:
        ann.nav.get_by_role("link", name="Open as bob in another window").click()
    windows.troubles.watch(opened.value)
    expect(opened.value.locator("body")).to_have_attribute("data-user", "bob")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Town")
    ann.nav.get_by_role("link", name="carol").first.click()
    expect(ann.page.locator("body")).to_have_attribute("data-user", "carol")


def test_a_link_pasted_into_a_window_makes_nobody_else_of_its_owner(line: Line, windows: Windows) -> None:
    said = line.playground.post_as(line.bob, line.town, "Here it is.")
    carol = windows.open(line.carol, line.secret)
    carol.page.goto(line.playground.link(said))
    expect(carol.page.locator("body")).to_have_attribute("data-user", "carol")
    expect(carol.post("Here it is.")).to_be_visible()


def test_a_link_in_a_message_leads_there_beside_what_one_writes(line: Line, windows: Windows) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    reply = line.playground.post_as(line.carol, line.town, "It ran dry.", root)
    line.playground.post_as(line.bob, line.town, f"See [1]({line.playground.link(reply)}) for why.")
    ann = windows.open(line.ann, line.town)
    ann.box.fill("half a sentence")
    ann.post("for why.").get_by_role("link", name="1", exact=True).click()
    expect(ann.post("It ran dry.", ann.thread)).to_be_visible()
    expect(ann.box).to_have_value("half a sentence")


def test_a_link_into_a_private_channel_says_no_more_than_that(line: Line, windows: Windows) -> None:
    stranger = line.playground.add_user("dave")
    line.playground.join(stranger, line.town)
    hidden = line.playground.post_as(line.ann, line.secret, "psst")
    line.playground.post_as(line.ann, line.town, f"[there]({line.playground.link(hidden)})")
    dave = windows.open(stranger, line.town)
    dave.post("there").get_by_role("link", name="there").click()
    expect(dave.page.get_by_role("status")).to_have_text("Message not found")
    expect(dave.page.get_by_role("heading", level=1)).to_have_text("Town")


def test_a_thread_that_is_deleted_closes_where_it_was_open(line: Line, windows: Windows) -> None:
    root = line.playground.post_as(line.ann, line.town, "Never mind.")
    bob = windows.open(line.bob, line.town)
    bob.open_thread("Never mind.")
    line.playground.delete(line.ann, root)
    expect(bob.thread).to_be_hidden()
    expect(bob.messages).to_have_text("Nothing has been said here yet.")


def test_whoever_is_taken_out_of_a_channel_is_shown_another(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.secret)
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Secret")
    line.playground.remove_member(line.ann, line.secret)
    line.playground.post_as(line.bob, line.secret, "She is gone.")
    expect(ann.page.get_by_role("heading", level=1)).to_have_text("Town")


def test_who_is_typing_is_said_where_he_types(line: Line, windows: Windows) -> None:
    root = line.playground.post_as(line.ann, line.town, "Why?")
    ann = windows.open(line.ann, line.town)
    ann.open_thread("Why?")
    for parent, place in ((root["id"], "#typing_thread"), ("", "#typing")):
        body = {"channel_id": line.town["id"], "parent_id": parent}
        line.playground.call(line.bot, "POST", f"/users/{line.bot['id']}/typing", body)
        expect(ann.page.locator(place)).to_have_text("ai is typing…")
        line.playground.advance(6)
        expect(ann.page.locator(place)).to_have_text("")


def test_by_keyboard_alone_a_reaction_is_put_on_a_message(line: Line, windows: Windows) -> None:
    post = line.playground.post_as(line.bob, line.town, "Tea?")
    ann = windows.open(line.ann, line.town)
    ann.post("Tea?").get_by_role("button", name="Add a reaction").focus()
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("ArrowRight")
    ann.page.keyboard.press("Enter")
    expect(ann.post("Tea?").get_by_role("button", pressed=True)).to_be_visible()
    assert line.playground.reactions(post) == [("ann", "-1")]
