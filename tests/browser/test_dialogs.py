"""Dialogs, buttons and menus on the page, with an app behind them that answers what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.window import Window, Windows
from tests.line import Line
from tests.playground.store import Doc
from tests.playground.stub import Reply, Stub

FRUITS = ("Apple", "Banana", "Cherry", "Damson", "Elderberry", "Fig", "Grape", "Honeydew", "Blackberry")
ELEMENTS: list[Doc] = [
    {"name": "line", "type": "text", "display_name": "Line", "max_length": 9},
    {"name": "area", "type": "textarea", "display_name": "Area", "optional": True},
    {
        "name": "pick",
        "type": "select",
        "display_name": "Pick",
        "options": [{"text": one, "value": one.lower()} for one in FRUITS],
    },
    {
        "name": "radio",
        "type": "radio",
        "display_name": "Radio",
        "options": [{"text": "Red", "value": "red"}, {"text": "Blue", "value": "blue"}],
    },
    {"name": "yes", "type": "bool", "display_name": "Yes", "placeholder": "Indeed"},
]
BOX: Doc = {"title": "A box", "introduction_text": "", "elements": ELEMENTS, "submit_label": "Do it", "state": "s1"}


class Desk:
    """Ann's window before a post with the app's controls."""

    def __init__(self, line: Line, ann: Window, app: Stub) -> None:
        self.line, self.ann, self.app = line, ann, app

    @property
    def post(self) -> Locator:
        """The post with the controls."""
        return self.ann.post("Controls")

    def open(self, **dialog: Any) -> Locator:
        """Press the button; the app opens a dialog for it."""
        self.ann.press("Open", self.post)
        body = {"trigger_id": self.app.calls[-1].json["trigger_id"], "url": self.app.url, "dialog": BOX | dialog}
        assert self.line.playground.call("", "POST", "/actions/dialogs/open", body).status == 200
        expect(self.ann.dialog).to_be_visible()
        return self.ann.dialog

    def sent(self) -> Doc:
        """What was submitted last."""
        found: Doc = self.app.calls[-1].json
        return found


@pytest.fixture
def desk(line: Line, windows: Windows) -> Iterator[Desk]:
    with Stub(Reply(body={})) as app:
        where = {"integration": {"url": app.url, "context": {}}}
        options = [{"text": "One", "value": "1"}, {"text": "Two", "value": "2"}]
        actions = [
            {"id": "open", "name": "Open", "type": "button"} | where,
            {"id": "menu", "name": "Choose", "type": "select", "options": options} | where,
        ]
        line.playground.post_as(line.bot, line.town, "Controls", props={"attachments": [{"actions": actions}]})
        yield Desk(line, windows.open(line.ann, line.town), app)


def test_everything_is_filled_in_and_sent(desk: Desk) -> None:
    dialog = desk.open()
    expect(dialog.get_by_label("Line")).to_be_focused()
    dialog.get_by_label("Line").fill("one")
    dialog.get_by_label("Area").fill("two\nlines")
    dialog.get_by_label("Pick").fill("berry")
    expect(dialog.get_by_role("option")).to_have_text(["Elderberry", "Blackberry"])
    dialog.get_by_role("option", name="Blackberry").click()
    dialog.get_by_label("Blue").check()
    dialog.get_by_label("Indeed").check()
    desk.ann.press("Do it")
    expect(dialog).to_be_hidden()
    sent = {"line": "one", "area": "two\nlines", "pick": "blackberry", "radio": "blue", "yes": True}
    assert desk.sent()["submission"] == sent


def test_a_select_is_picked_by_keyboard_and_typing_never_goes_behind_the_dialog(desk: Desk) -> None:
    dialog = desk.open()
    pick = dialog.get_by_label("Pick")
    pick.press("ArrowDown")
    pick.press("ArrowDown")
    pick.press("ArrowDown")
    pick.press("Enter")
    expect(pick).to_have_value("Banana")
    pick.press("Escape")  # there is no list to close any more: this closes the dialog
    expect(dialog).to_be_hidden()
    dialog = desk.open()
    dialog.get_by_label("Pick").click()
    desk.ann.page.keyboard.press("Escape")  # closes the list alone
    expect(dialog).to_be_visible()
    desk.ann.page.keyboard.type("fig")
    expect(desk.ann.box).to_have_value("")
    expect(dialog.get_by_role("option")).to_have_text(["Fig"])


def test_what_is_missing_or_wrong_is_said_under_its_field(desk: Desk) -> None:
    dialog = desk.open()
    desk.ann.press("Do it")
    expect(dialog.get_by_role("alert").filter(has_text="This field is required.")).to_have_count(
        4 if desk.line.playground.age == "5.37" else 3  # where a required box must be ticked
    )
    expect(dialog.get_by_label("Line")).to_be_focused()
    dialog.get_by_label("Line").fill("one")
    dialog.get_by_label("Pick").fill("fig")
    dialog.get_by_label("Pick").press("Enter")
    dialog.get_by_label("Red").check()
    dialog.get_by_label("Indeed").check()
    desk.app.replies = [Reply(body={"errors": {"line": "Too short."}}), Reply(body={})]
    desk.ann.press("Do it")
    expect(dialog.locator("[data-element=line]")).to_contain_text("Too short.")
    expect(dialog.get_by_label("Line")).to_have_value("one")
    dialog.get_by_label("Line").press("Enter")  # submits from a field of one line
    expect(dialog).to_be_hidden()


def test_esc_and_cancel_close_it_and_the_focus_returns(desk: Desk) -> None:
    dialog = desk.open(notify_on_cancel=True)
    dialog.get_by_label("Line").fill("lost")
    desk.ann.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.post.get_by_role("button", name="Open")).to_be_focused()
    desk.open()
    expect(dialog.get_by_label("Line")).to_have_value("")
    desk.ann.press("Cancel")
    expect(dialog).to_be_hidden()


def test_a_second_step_takes_the_place_of_the_first(desk: Desk) -> None:
    dialog = desk.open(elements=[])
    step = {"title": "Step two", "elements": ELEMENTS[:1], "state": "s2"}
    desk.app.replies = [Reply(body={"type": "form", "form": step}), Reply(body={})]
    desk.ann.press("Do it")
    if desk.line.playground.age == "5.37":  # it knows no steps
        expect(dialog).to_be_hidden()
        return
    expect(dialog.get_by_role("heading", level=2)).to_have_text("Step two")
    expect(dialog.get_by_label("Line")).to_be_focused()
    dialog.get_by_label("Line").fill("one")
    desk.ann.press("Submit")
    expect(dialog).to_be_hidden()
    assert (desk.sent()["state"], desk.sent()["submission"]) == ("s2", {"line": "one"})


def test_a_dialog_without_fields_is_a_box_to_read(desk: Desk) -> None:
    dialog = desk.open(elements=[], introduction_text="**Bold**, and\none line.\n\n* a\n* b")
    expect(dialog.locator("strong")).to_have_text("Bold")
    expect(dialog.locator("p").first).to_have_text("Bold, and one line.")
    expect(dialog.get_by_role("listitem")).to_have_text(["a", "b"])


def test_a_menu_under_a_post_sends_what_is_chosen_and_stays_on_it(desk: Desk) -> None:
    menu = desk.post.get_by_role("combobox", name="Choose")
    with desk.ann.page.expect_response("**/page/click"):
        menu.select_option("Two")
    desk.line.playground.post_as(desk.line.bob, desk.line.town, "Something else.")
    expect(desk.ann.post("Something else.")).to_be_visible()
    assert desk.sent()["context"] == {"selected_option": "2"}
    expect(menu).to_have_value("2")


def test_an_app_that_fails_is_said_under_its_post(desk: Desk) -> None:
    desk.app.replies = [Reply(500)]
    desk.ann.press("Open", desk.post)
    expect(desk.post.get_by_role("alert").filter(has_text="Action integration error.")).to_be_visible()
    desk.line.playground.post_as(desk.line.bob, desk.line.town, "Something else.")
    expect(desk.ann.post("Something else.")).to_be_visible()
    expect(desk.post).to_contain_text("Action integration error.")
