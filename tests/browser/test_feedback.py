"""Opinions on the page: a thumb by one click, and `/ai feedback` with room for the reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.window import Windows
from tests.line import Line
from tests.scenarios.test_feedback import ratings


@pytest.fixture(autouse=True)
def _answered(line: Line) -> None:
    line.ask(line.ann, "Why did the pump stop?", answer="Because of the valve.")
    line.hear()


def thumb(post: Locator, sign: str = "👍") -> Locator:
    return post.get_by_role("button", name=sign)


def test_one_click_gives_a_thumb_and_a_second_takes_it_back(line: Line, windows: Windows) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    mine, seen = (thumb(window.post("Because of the valve.")) for window in (bob, ann))
    expect(mine).to_have_attribute("title", "ai")
    mine.click()
    for each in (mine, seen):
        expect(each).to_contain_text("2")
        expect(each).to_have_attribute("title", "ai, bob")  # as hovering shows
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(seen).to_have_attribute("aria-pressed", "false")
    line.hear()
    assert ratings(line) == {"bob": (1, "")}
    mine.click()
    expect(seen).to_have_attribute("title", "ai")
    line.hear()
    assert ratings(line) == {}


def test_a_change_of_mind_is_two_clicks(line: Line, windows: Windows) -> None:
    bob = windows.open(line.bob, line.town)
    post = bob.post("Because of the valve.")
    thumb(post).click()
    expect(thumb(post)).to_have_attribute("aria-pressed", "true")
    thumb(post, "👎").click()
    expect(thumb(post, "👎")).to_have_attribute("aria-pressed", "true")
    line.hear()
    assert ratings(line) == {"bob": (-1, "")}


def test_the_reason_is_sent_and_shown_again(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai feedback")
    expect(ann.dialog).to_contain_text("Why did the pump stop?")
    ann.choose("How was it?", "👎 not good")
    ann.dialog.get_by_role("textbox", name="Why?").fill("It was the seal.")
    ann.press("Send")
    expect(ann.dialog).to_be_hidden()
    assert ratings(line) == {"ann": (-1, "It was the seal.")}
    ann.write("/ai feedback")
    expect(ann.dialog.get_by_role("combobox", name="How was it?")).to_have_value("👎 not good")
    expect(ann.dialog.get_by_role("textbox", name="Why?")).to_have_value("It was the seal.")
    ann.page.keyboard.press("Escape")
    expect(ann.dialog).to_be_hidden()
