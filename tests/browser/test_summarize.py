"""Summaries on the page: by a dialog, in a thread, with a number that leads to its message, and shared."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.window import Window, Windows
from tests.line import Line
from tests.scenarios.summaries import WRITTEN, talk

VERDICT = "a memory limit was the cause"


def own(line: Line, windows: Windows) -> tuple[Window, Locator]:
    """Ann's window on the summary that she alone has."""
    ann = windows.open(line.ann, line.direct(line.ann))
    return ann, ann.post(VERDICT)


def test_where_nobody_said_what_a_dialog_offers_the_threads_of_the_channel(line: Line, windows: Windows) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    ann = windows.open(line.ann, line.town)
    ann.write("/ai summarize")
    expect(ann.dialog.get_by_role("heading", level=2)).to_have_text("Summarise")
    ann.dialog.get_by_role("combobox", name="Or this").click()
    ann.dialog.get_by_role("option").filter(has_text="The checkout API has returned 502").click()
    ann.press("Summarise")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    _, summary = own(line, windows)
    expect(summary).to_contain_text("8 of 8 messages read")


def test_with_nothing_picked_the_dialog_says_what_is_missing_and_loses_nothing(line: Line, windows: Windows) -> None:
    talk(line)
    ann = windows.open(line.ann, line.town)
    ann.write("/ai summarize")
    ann.dialog.get_by_label("What matters to you?").fill("the release")
    ann.press("Summarise")
    expect(ann.dialog).to_contain_text("Please paste a link here, or pick something below.")
    expect(ann.dialog.get_by_label("What matters to you?")).to_have_value("the release")


def test_a_number_opens_its_message_beside_the_summary(line: Line, windows: Windows) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.settle()
    ann, summary = own(line, windows)
    summary.get_by_role("link", name="[2]").click()
    expect(ann.post("They were killed: the memory limit is 256 MB", ann.thread)).to_be_in_viewport()


def test_in_a_thread_it_is_there_for_all_who_read_it(line: Line, windows: Windows) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    ann, bob = windows.open(line.ann, line.town), windows.open(line.bob, line.town)
    ann.open_thread("The checkout API")
    ann.reply("@ai summarize")
    line.hear()
    line.settle()
    bob.open_thread("The checkout API")
    expect(bob.post(VERDICT, bob.thread)).to_contain_text("To do · carol: post-mortem by Friday")


def test_what_one_person_has_can_be_shared_with_the_thread(line: Line, windows: Windows) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.settle()
    ann, summary = own(line, windows)
    ann.open_more(summary)
    expect(ann.dialog).to_contain_text("Read in 1 part")
    ann.dialog.get_by_label("Share it with others").check()
    ann.press("Do it")
    expect(ann.dialog).to_be_hidden()
    line.settle()
    bob = windows.open(line.bob, line.town)
    bob.open_thread("The checkout API")
    expect(bob.post(VERDICT, bob.thread)).to_be_visible()


def test_a_memo_under_a_message_sums_up_its_thread_for_who_put_it_there(line: Line, windows: Windows) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    ann = windows.open(line.ann, line.town)
    ann.react(ann.post("The checkout API"), "memo")
    line.hear()
    line.settle()
    _, summary = own(line, windows)
    expect(summary).to_contain_text("8 of 8 messages read")


def test_messages_can_be_left_out_and_prompts_saved_in_dialogs(line: Line, windows: Windows) -> None:
    ann = windows.open(line.ann, line.town)
    ann.write("/ai privacy")
    ann.choose("My messages", "are never read")
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    ann.write("/ai prompts")
    ann.dialog.get_by_label("Name").fill("gate")
    ann.dialog.get_by_label("What to look for").fill("What holds trucks up?")
    ann.press("Save")
    expect(ann.dialog).to_be_hidden()
    ann.write("/ai prompts")
    expect(ann.dialog).to_contain_text("gate (yours): What holds trucks up?")
