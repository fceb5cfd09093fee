"""Sharing on the page: a private answer is put where others read it, or it is said why not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.window import Window, Windows
from tests.line import Line


@pytest.fixture
def ann(line: Line, windows: Windows) -> Window:
    """Her window, on the answer that she alone was given to a question about a thread in the town."""
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    direct = line.direct(line.ann)
    line.ask(line.ann, f"--private --thread {line.playground.link(root)} Why?", direct, answer="Because of the valve.")
    return windows.open(line.ann, direct)


def share(ann: Window, channel: str = "") -> None:
    ann.open_more(ann.post("Because of the valve."))
    ann.dialog.get_by_label("Share it with others").check()
    if channel:
        ann.choose("Share in", channel)
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()


def test_it_is_shared_in_its_thread_and_opened_by_its_link(line: Line, windows: Windows, ann: Window) -> None:
    bob = windows.open(line.bob, line.town)
    share(ann)
    line.settle()
    ann.post("It is shared now").get_by_role("link", name="open it").click()
    expect(ann.thread).to_contain_text("The pump stopped.")
    expect(ann.post("Because of the valve.", ann.thread)).to_be_in_viewport()
    bob.open_thread("The pump stopped.")
    expect(bob.post("Because of the valve.", bob.thread)).to_contain_text("ann: Why?")


def test_it_is_shared_in_a_channel_that_is_picked_from_ones_own(line: Line, windows: Windows, ann: Window) -> None:
    line.playground.add_channel("P", "harbour", members=(line.ann, line.bob, line.bot))
    line.playground.add_channel("P", "hidden", members=(line.bob, line.bot))
    ann.open_more(ann.post("Because of the valve."))
    ann.dialog.get_by_role("combobox", name="Share in").click()
    private = [] if line.playground.age == "5.37" else ["Harbour", "Secret"]  # which offers public ones alone
    expect(ann.dialog.get_by_role("option")).to_have_text([*private, "Town"])
    expect(ann.dialog.get_by_role("option").last).to_be_in_viewport(ratio=1)  # though it is the last field's
    ann.page.keyboard.press("Escape")
    ann.dialog.get_by_label("Share it with others").check()
    ann.choose("Share in", "Town")
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    bob = windows.open(line.bob, line.town)
    bob.open_thread("The pump stopped.")
    expect(bob.post("Because of the valve.", bob.thread)).to_be_visible()


def test_where_somebody_may_not_read_its_source_it_is_not_shared(line: Line, ann: Window) -> None:
    dave = line.playground.add_user("dave")
    yard = line.playground.add_channel("O", "yard", members=(line.ann, dave, line.bot))
    share(ann, "Yard")
    line.settle()
    expect(ann.post("It was not shared")).to_contain_text("not everybody in that channel may read the messages")
    assert line.posts(yard) == []
