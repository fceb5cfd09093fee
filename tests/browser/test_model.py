"""A model is chosen on the page: by a dialog, with more options behind it, and read in a list."""

from __future__ import annotations

from playwright.sync_api import expect

from llm.scripted import Step
from tests.browser.window import Windows
from tests.line import Line
from tests.scenarios.choosing import add


def test_a_model_is_picked_and_answers(line: Line, windows: Windows) -> None:
    (large,) = add(line, "large")
    large.enqueue("Because of the valve.")
    ann = windows.open(line.ann, line.town)
    ann.write("/ai model")
    expect(ann.dialog).to_contain_text("tiny answers here: the usual one.")
    ann.dialog.get_by_role("combobox", name="Model").click()
    ann.dialog.get_by_role("option").filter(has_text="large").click()
    ann.press("Use it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("From now on large (large) answers you.")).to_be_visible()
    ann.write("/ai ask Why?")
    line.settle()
    expect(ann.post("Because of the valve.")).to_contain_text("large")


def test_more_options_come_next(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai model")
    ann.dialog.get_by_label("More options").check()
    ann.press("Use it")
    if line.playground.age == "5.37":
        ann.press("More options", ann.post("Temperature, length and language:"))
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text("More options")
    ann.choose("Temperature", "0.8: different each time")
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    line.model.enqueue(Step("Because."))
    line.ask(line.ann, "Why?")
    assert line.model.options[-1].temperature == 0.8


def test_an_admin_blocks_a_model(line: Line, windows: Windows) -> None:
    add(line, "large")
    line.playground.make_channel_admin(line.ann, line.town)
    ann = windows.open(line.ann, line.town)
    ann.write("/ai admin models")
    ann.dialog.get_by_label("Blocked").fill("larg")
    ann.press("Save")
    expect(ann.dialog).to_contain_text("There is no model larg here. Did you mean large?")
    ann.dialog.get_by_label("Blocked").fill("large")
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    ann.write("/ai model list")
    expect(ann.post("may not answer here")).to_be_visible()
