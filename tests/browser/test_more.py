"""More… on the page: what each person finds behind it, and an answer that is written anew before everybody's eyes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.window import Window, Windows
from tests.line import Line
from tests.scenarios.test_rewrite import other_model


@pytest.fixture
def answered(line: Line) -> None:
    line.ask(line.ann, "Why did the pump stop?", answer="Because of the valve.")


def choices(dialog: Locator) -> Locator:
    return dialog.get_by_role("radiogroup", name="What next?").locator("label")


def again(window: Window, what: str = "Answer again") -> None:
    """Pick it in the dialog of the answer that stands there."""
    window.open_more(window.post("Because of the valve."))
    window.dialog.get_by_label(what).check()
    window.press("Do it")
    expect(window.dialog).to_be_hidden()


def write_anew(line: Line, answer: str) -> None:
    """The model writes, and the post's controls are brought to where it is."""
    line.model.enqueue(answer)
    line.settle()
    line.look()


# What stands in it


@pytest.mark.usefixtures("answered")
def test_who_asked_finds_where_it_comes_from_and_all_that_can_be_done_with_it(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    dialog = ann.open_more(ann.post("Because of the valve."))
    expect(dialog.get_by_role("heading", level=2)).to_have_text("This answer")
    expect(dialog.get_by_role("listitem").first).to_contain_text("tiny")
    expect(choices(dialog)).to_have_text(
        ["Answer again", "Answer with the model below", "Make it shorter", "Delete question and answer"]
    )
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    expect(dialog.locator("[data-element=model]")).to_contain_text("The old one stays until the new one is done.")


@pytest.mark.usefixtures("answered")
def test_an_admin_of_the_channel_finds_delete_alone(line: Line, windows: Windows) -> None:
    line.playground.make_channel_admin(line.carol, line.town)
    carol = windows.open(line.carol, line.town)
    dialog = carol.open_more(carol.post("Because of the valve."))
    expect(choices(dialog)).to_have_text(["Delete question and answer"])
    expect(dialog.get_by_role("combobox")).to_have_count(0)


@pytest.mark.usefixtures("answered")
def test_everybody_else_reads_where_it_comes_from_and_closes_it(line: Line, windows: Windows) -> None:
    bob = windows.open(line.bob, line.town)
    dialog = bob.open_more(bob.post("Because of the valve."))
    expect(dialog).to_contain_text("Asked by ann")
    expect(dialog).to_contain_text("Who asked can have it answered again")
    expect(dialog.get_by_role("radio")).to_have_count(0)
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


@pytest.mark.usefixtures("answered")
def test_esc_closes_it_and_nothing_has_happened(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    dialog = ann.open_more(ann.post("Because of the valve."))
    dialog.get_by_label("Delete question and answer").check()
    ann.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(ann.post("Because of the valve.").get_by_role("button", name="More…")).to_be_focused()
    assert line.settle() == 0
    expect(ann.post("Because of the valve.")).to_be_visible()


@pytest.mark.usefixtures("answered")
def test_what_was_forgotten_is_asked_for_under_its_field(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    dialog = ann.open_more(ann.post("Because of the valve."))
    ann.press("Do it")
    expect(dialog.locator("[data-element=what]").get_by_role("alert")).to_have_text("This field is required.")
    dialog.get_by_label("Answer with the model below").check()
    ann.press("Do it")
    model = dialog.locator("[data-element=model]").get_by_role("alert")
    expect(model).to_have_text("Please pick the model that is to answer.")
    expect(dialog.get_by_label("Answer with the model below")).to_be_checked()


# What becomes of it


@pytest.mark.usefixtures("answered")
def test_two_people_see_the_old_words_and_stop_and_then_the_new_words_in_the_same_message(
    line: Line, windows: Windows
) -> None:
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    bob.box.fill("half a sentence")
    bob.post("Because of the valve.").evaluate("one => { one.marked = true }")
    again(ann)
    line.look()
    for window in (ann, bob):
        post = window.post("Because of the valve.")
        expect(post).to_contain_text("A new answer is on its way. This one stays until it is done.")
        expect(post.get_by_role("button", name="Stop")).to_be_visible()
        expect(post.get_by_role("button", name="More…")).to_be_hidden()
    write_anew(line, "The seal broke.")
    for window in (ann, bob):
        expect(window.post("The seal broke.").get_by_role("button", name="More…")).to_be_visible()
        expect(window.messages).not_to_contain_text("Because of the valve.")
        expect(window.messages).not_to_contain_text("A new answer is on its way")
    assert bob.post("The seal broke.").evaluate("one => one.marked")
    expect(bob.box).to_have_value("half a sentence")


@pytest.mark.usefixtures("answered")
def test_nobody_has_more_to_read_for_an_answer_that_was_written_anew(line: Line, windows: Windows) -> None:
    ann, carol = windows.open(line.ann, line.town), windows.open(line.carol, line.town)
    expect(carol.post("Because of the valve.")).to_be_visible()
    carol.go("Secret")
    again(ann)
    line.look()
    write_anew(line, "@carol, the seal broke.")
    expect(ann.post("the seal broke.")).to_be_visible()
    carol.write("Is there news?")  # whatever there is to be told has been told when this is there
    expect(carol.post("Is there news?")).to_be_visible()
    carol.list_channels()
    expect(carol.channel("Town")).to_have_text(re.compile(r"^\s*Town\s*$"))
    expect(carol.page).to_have_title("Secret · playground")
    assert line.playground.pushes(line.carol) == []


@pytest.mark.usefixtures("answered")
def test_stop_under_it_leaves_the_old_answer_as_it_was(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    again(ann)
    line.look()
    ann.press("Stop", ann.post("Because of the valve."))
    line.settle()
    line.look()
    post = ann.post("Because of the valve.")
    expect(post.get_by_role("button", name="More…")).to_be_visible()
    expect(post).not_to_contain_text("A new answer is on its way")
    assert len(line.model.history) == 1


@pytest.mark.usefixtures("answered")
def test_another_model_answers_in_its_place(line: Line, windows: Windows) -> None:
    other_model(line).enqueue("The seal broke.")
    ann = windows.open(line.ann, line.town)
    ann.open_more(ann.post("Because of the valve."))
    ann.dialog.get_by_label("Answer with the model below").check()
    ann.choose("Model", "other")
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("The seal broke.")).to_contain_text(re.compile(r"other · [\d.]+ s"))


@pytest.mark.usefixtures("answered")
def test_it_is_made_shorter(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    again(ann, "Make it shorter")
    write_anew(line, "The valve.")
    expect(ann.post("The valve.")).to_be_visible()
    assert "Because of the valve." in line.prompt()


@pytest.mark.usefixtures("answered")
def test_by_keyboard_alone_it_is_opened_filled_in_and_done(line: Line, windows: Windows) -> None:
    other_model(line).enqueue("The seal broke.")
    ann = windows.open(line.ann, line.town)
    ann.post("Because of the valve.").get_by_role("button", name="More…").focus()
    ann.page.keyboard.press("Enter")
    expect(ann.dialog.get_by_label("Answer again")).to_be_focused()
    for key in ("Space", "ArrowDown", "Tab", "o", "t", "h", "Enter", "Tab", "Tab", "Enter"):
        ann.page.keyboard.press(key)
    expect(ann.dialog).to_be_hidden()
    line.settle()
    expect(ann.post("The seal broke.")).to_contain_text("other ·")
