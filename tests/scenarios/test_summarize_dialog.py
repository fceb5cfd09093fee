"""`/ai summarize` where it is not known what is meant: a dialog asks, and does what the command would."""

from __future__ import annotations

import pytest

from mmapp import dialogs
from mmapp.web import threads
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, found, summary, talk
from tests.scenarios.test_delete import refused
from tests.scenarios.test_prompts import saved

USUAL = {"link": "", "what": "", "kind": "summary", "wish": ""}


def opened(line: Line, text: str = "summarize", channel: Doc | None = None, who: Doc | None = None) -> Doc:
    assert line.say(who or line.ann, text, channel).json.get("text", "") == ""
    return line.playground.dialogs(who or line.ann)[-1]


def elements(dialog: Doc) -> dict[str, Doc]:
    return {element["name"]: element for element in dialog["dialog"]["elements"]}


def options(dialog: Doc, name: str = "what") -> dict[str, str]:
    return {one["value"]: one["text"] for one in elements(dialog)[name]["options"]}


def submit(line: Line, dialog: Doc, **values: str) -> None:
    """Fill it in and send it; it closes, and all is done."""
    assert line.pick(line.ann, dialog, **USUAL | values) == {}
    line.settle()


# What it asks


def test_it_offers_threads_times_kinds_and_room_for_a_wish(line: Line) -> None:
    root = talk(line)
    dialog = opened(line)
    assert list(elements(dialog)) == ["link", "what", "kind", "wish"]
    assert options(dialog)[root["id"]].startswith("The checkout API has returned 502 since 9:10.")
    assert "(7 replies, 1 min ago)" in options(dialog)[root["id"]]
    assert options(dialog)["since 24h"] == "This channel, the last 24 hours"
    assert options(dialog, "kind").keys() == {"summary", "brief", "actions", "decisions", "questions", "timeline"}


def test_ones_own_threads_come_first_and_messages_without_a_reply_are_no_thread(line: Line) -> None:
    mine = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.playground.post_as(line.ann, line.town, "It ran dry.", mine)
    others = line.playground.post_as(line.bob, line.town, "The crane is stuck.")
    line.playground.post_as(line.carol, line.town, "Rust.", others)
    alone = line.playground.post_as(line.ann, line.town, "Lunch?")
    offered = list(options(opened(line)))
    assert offered[:2] == [mine["id"], others["id"]]
    assert alone["id"] not in offered


def test_what_was_typed_is_filled_in_already(line: Line) -> None:
    talk(line)
    shown = elements(opened(line, "summarize --kind actions what blocks the release?"))
    assert shown["kind"]["default"] == "actions"
    assert shown["wish"]["default"] == "what blocks the release?"


def test_saved_prompts_are_offered_where_there_are_some_and_the_named_one_is_picked(line: Line) -> None:
    saved(line, line.ann, "standup", "What blocks whom?")
    dialog = opened(line, "summarize --prompt STANDUP")
    assert options(dialog, "prompt") == {"standup": "standup"}
    assert elements(dialog)["prompt"]["default"] == "standup"
    assert elements(dialog)["prompt"]["optional"]


def test_nothing_in_it_is_longer_than_a_client_shows(line: Line) -> None:
    root = line.playground.post_as(line.ann, line.town, "x " * 4_000)
    line.playground.post_as(line.bob, line.town, "Yes.", root)
    for number in range(12):
        saved(line, line.ann, f"prompt number {number}", "What blocks whom?")
    dialog = opened(line, "summarize")["dialog"]
    assert len(dialog["title"]) <= dialogs.MAX_TITLE
    assert len(dialog["elements"]) <= 5
    assert sum(one["type"] == "select" for one in dialog["elements"]) <= 3
    for one in dialog["elements"]:
        assert 0 < len(one["display_name"]) <= dialogs.MAX_LABEL
        assert len(one["help_text"]) <= dialogs.MAX_HELP
        assert one["type"] != "radio"
        assert all(0 < len(each["text"]) <= dialogs.MAX_OPTION for each in one.get("options") or ())
    shown = options({"dialog": dialog})[root["id"]]
    assert shown.endswith("… (1 reply, 1 min ago)")


@pytest.mark.parametrize("kind", ["private", "direct"])
def test_where_the_bot_is_not_it_opens_without_threads(line: Line, kind: str) -> None:
    where = line.secret if kind == "private" else line.playground.direct(line.ann, line.bob)
    root = line.playground.post_as(line.ann, where, "The pump stopped.")
    line.playground.post_as(line.bob, where, "It ran dry.", root)
    dialog = opened(line, channel=where)
    assert all(one.startswith("since ") for one in options(dialog))


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 500}, {"delay": 1.5}, {"drop": "before"}])
def test_where_mattermost_does_not_tell_the_threads_in_time_it_opens_without_them(
    line: Line, fault: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "WITHIN", 0.5)
    talk(line)
    asked = line.playground.faults.add(f"GET /api/v4/channels/{line.town['id']}/posts", times=9, **fault)
    dialog = opened(line)
    assert all(one.startswith("since ") for one in options(dialog))
    assert asked.seen == 1  # a trigger lives three seconds: there is no time to try again


def test_where_it_cannot_be_opened_it_is_said_what_to_type(line: Line) -> None:
    line.playground.faults.add("POST /api/v4/actions/dialogs/open", status=500)
    assert "`/ai summarize thread` in a thread" in line.say(line.ann, "summarize").text


def test_where_chorus_is_off_no_thread_is_shown(listed: Line) -> None:
    talk(listed)
    assert "Chorus is off in this channel." in listed.say(listed.ann, "summarize").text
    assert listed.playground.dialogs(listed.ann) == []


def test_in_a_thread_of_11_it_need_not_ask(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, "summarize", root=root)
    line.settle()
    if line.playground.age == "11":
        assert "8 of 8 messages read" in summary(line, line.ann)
    else:  # which does not say that it is one
        assert len(line.playground.dialogs(line.ann)) == 1


# What comes of it


def test_a_thread_that_is_picked_is_summed_up_for_who_picked_it_alone(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    submit(line, opened(line), what=root["id"])
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert line.answers() == []
    assert "the summary comes in your direct message." in found(line, line.ann)


def test_a_link_counts_more_than_what_is_picked(line: Line) -> None:
    first = line.playground.link(talk(line))
    other = line.playground.post_as(line.bob, line.town, "The crane is stuck.")
    line.playground.post_as(line.carol, line.town, "Rust.", other)
    line.model.enqueue(WRITTEN)
    submit(line, opened(line), link=first, what=other["id"])
    assert "8 of 8 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("since", ["since 24h", "since yesterday", "since 7d", "since 30d"])
def test_the_channel_is_read_since_the_time_that_is_picked(line: Line, since: str) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    submit(line, opened(line), what=since)
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_it_is_about_the_channel_that_it_was_opened_in_wherever_it_is_submitted(line: Line) -> None:
    talk(line)
    line.model.enqueue(WRITTEN)
    dialog = opened(line)
    assert line.pick(line.ann, dialog, line.direct(line.ann), **USUAL | {"what": "since 24h"}) == {}
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_kind_wish_saved_prompt_and_flags_of_the_command_count(line: Line) -> None:
    root = talk(line)
    saved(line, line.ann, "standup", "What blocks whom?")
    line.model.enqueue(WRITTEN)
    dialog = opened(line, "summarize --language de --length long --from bob")
    submit(line, dialog, what=root["id"], kind="actions", prompt="standup", wish="And the release?")
    assert line.prompt().endswith("Above all: What blocks whom?\nAnd the release?")
    assert "To do: name: task, date" in line.prompt()
    assert "Write in German, but for the words Decided:" in line.prompt()
    assert "3 of 3 messages read" in summary(line, line.ann)


@pytest.mark.parametrize("wish", ["thread safety --public", "--private data first", "channel names", "a" * 26])
def test_a_wish_is_nothing_but_a_wish(line: Line, wish: str) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    submit(line, opened(line), what=root["id"], wish=wish)
    assert line.prompt().endswith(f"Above all: {wish}")
    assert line.answers() == []
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_public_as_it_was_typed_says_so_and_is_posted_here(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    dialog = opened(line, "summarize --public")
    assert "here, for everybody" in dialog["dialog"]["introduction_text"]
    submit(line, dialog, what=root["id"])
    assert "8 of 8 messages read" in line.answers()[0]
    assert "the summary comes here." in found(line, line.ann)


def test_where_nobody_looks_any_more_the_acknowledgement_comes_by_direct_message(line: Line) -> None:
    root = talk(line)
    dialog = opened(line)
    line.playground.faults.add("POST /hooks/commands/", status=404, body=refused(404), times=9)
    line.model.enqueue(WRITTEN)
    submit(line, dialog, what=root["id"])
    assert any("I am reading all of it" in text for text in line.private_answers(line.ann))


def test_what_is_refused_later_gives_back_a_command_that_says_the_same(line: Line) -> None:
    post = line.playground.post_as(line.ann, line.town, "The pump stopped.")
    submit(line, opened(line), link=line.playground.link(post), kind="actions", wish="Who looks?")
    told = found(line, line.ann)
    assert "There is only one message" in told
    assert f'/ai summarize {line.playground.link(post)} --kind "actions" Who looks?' in told


def test_closing_it_does_nothing(line: Line) -> None:
    root = talk(line)
    line.playground.submit(line.ann, opened(line), USUAL | {"what": root["id"]}, line.town, cancelled=True)
    assert line.jobs("queued") == 0
