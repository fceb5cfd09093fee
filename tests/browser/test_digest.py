"""A digest is set up on the page: by its dialog, and by the second one behind it; read in a list, and changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.window import PHONE, WIDE, Window, Windows
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.ordering import digests, only, stand_still
from tests.scenarios.test_times import lives_in

BOTH = pytest.mark.parametrize("width", [WIDE, PHONE], ids=["wide", "phone"])  # on each age


@pytest.fixture(autouse=True)
def at_noon(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday 26 November 2026, 12:00 in UTC; ann lives in Kathmandu."""
    stand_still(line, monkeypatch)
    lives_in(line, line.ann, "Asia/Kathmandu")


@pytest.fixture
def ops(line: Line) -> Doc:
    return line.playground.add_channel("O", "ops", members=(line.ann, line.bob, line.bot))


def require_fits(window: Window, width: ViewportSize) -> None:
    """All of the dialog can be read and reached: nothing is wider than the page, or cut off without a way to scroll there."""
    box = window.dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width["width"]
    assert window.dialog.evaluate("one => one.scrollWidth <= one.clientWidth")
    for one in window.dialog.locator("[data-element]").all():
        one.scroll_into_view_if_needed()
        expect(one).to_be_in_viewport()


def further(window: Window, line: Line) -> Locator:
    """The second dialog: the next step, or behind a button."""
    if line.playground.age == "5.37":
        window.press("More options", window.post("One more step:"))
    expect(window.dialog.get_by_role("heading", level=2)).to_have_text("More options")
    return window.dialog


@BOTH
def test_it_is_filled_in_started_and_read_in_a_list(
    line: Line, windows: Windows, width: ViewportSize, ops: Doc
) -> None:
    ann = windows.open(line.ann, line.town, width)
    ann.write("/ai digest")
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text("New digest")
    expect(ann.dialog).to_contain_text("A short summary of what happened, posted for you.")
    require_fits(ann, width)
    expect(ann.dialog.get_by_label("What")).to_have_value("~town")
    ann.dialog.get_by_label("What").fill("~ops, ~town")
    ann.choose("When", "every Friday")
    ann.dialog.get_by_label("Time").fill("25:00")
    ann.press("Start it")
    expect(ann.dialog.locator("[data-element=time]")).to_contain_text(
        "There is no 25:00. A day goes from 00:00 to 23:59."
    )
    ann.dialog.get_by_label("Time").fill("17:05")
    ann.press("Start it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("Digest #1 is set up")).to_contain_text("Tomorrow, Friday 27 November, 17:05")
    ann.write("/ai digest list")
    line.settle()
    expect(ann.post("Your digests")).to_contain_text("#1 ~ops and ~town, to you alone, every Friday at 17:05")
    assert only(line).line == "5 17 * * fri"


@BOTH
def test_how_and_where_it_is_told_comes_next(line: Line, windows: Windows, width: ViewportSize, ops: Doc) -> None:
    line.playground.make_channel_admin(line.ann, ops)
    ann = windows.open(line.ann, ops, width)
    ann.write("/ai digest")
    ann.choose("Where", "in another channel")
    ann.press("Start it")
    second = further(ann, line)
    assert digests(line) == []
    require_fits(ann, width)
    ann.press("Start it")
    expect(second.locator("[data-element=channel]")).to_contain_text("This field is required.")
    second.get_by_role("combobox", name="Posted in").click()
    second.get_by_role("option", name="Ops").click()
    ann.choose("Tells of", "the last day")
    ann.choose("Kind", "Who has to do what")
    second.get_by_label("Language").fill("Klingon")
    second.get_by_label("Quiet under").fill("0")
    ann.press("Start it")
    expect(second.locator("[data-element=language]")).to_contain_text("I do not know the language Klingon.")
    second.get_by_label("Language").fill("de")
    ann.press("Start it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("Digest #1 is set up")).to_contain_text("~ops, posted in ~ops, on working days at 08:30")
    made = only(line)
    assert (made.to_channel, made.window, made.kind, made.language, made.quiet) == (
        ops["id"], "day", "actions", "German", 0,
    )  # fmt: skip


@BOTH
def test_one_that_is_there_is_changed(line: Line, windows: Windows, width: ViewportSize) -> None:
    ann = windows.open(line.ann, line.town, width)
    ann.write("/ai digest weekdays 08:30")
    line.settle()
    ann.write("/ai digest edit 1")
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text("Digest #1")
    require_fits(ann, width)
    expect(ann.dialog).to_contain_text("Your time zone: Asia/Kathmandu.")
    ann.dialog.get_by_label("Time").fill("09:15 Europe/Berlin")
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("Saved. Digest #1 now")).to_contain_text("09:15 (Europe/Berlin)")


def test_its_refusal_gives_back_what_was_filled_in(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai digest")
    ann.choose("Where", "in this channel")
    ann.press("Start it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    refused = ann.post("Only its admins can have a digest posted in ~town.")
    expect(refused).to_contain_text("/ai digest ~town weekdays 08:30 --to here")
    assert digests(line) == []
