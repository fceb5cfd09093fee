"""A channel that its admins have closed under `/ai privacy` is read for nobody; and what was noted of it goes."""

from __future__ import annotations

import pytest

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import TALK, WRITTEN, found, summary, talk, typed_in
from tests.scenarios.test_more import problem
from tests.scenarios.test_privacy import kept, opened, opted_out, pick, shown

CLOSED = "An admin of that channel does not want its messages read"


def closed(line: Line, channel: Doc | None = None) -> None:
    """Bob, who is an admin of it, has closed a channel."""
    line.playground.make_channel_admin(line.bob, channel or line.town)
    assert pick(line, line.bob, channel, channel="no") == ""


def test_of_a_closed_channel_there_is_no_summary_for_anybody_and_from_nowhere(line: Line) -> None:
    root = talk(line)
    closed(line)
    typed_in(line, line.ann, root, "summarize")
    line.say(line.bob, f"summarize {line.playground.link(root)}", line.direct(line.bob))
    line.say(line.ann, "summarize --in town", line.direct(line.ann))
    line.settle()
    assert CLOSED in found(line, line.bob)
    assert found(line, line.ann).count(CLOSED) == 2
    assert line.model.history == []


def test_a_question_there_is_answered_without_it_and_says_so(line: Line) -> None:
    root = talk(line)
    closed(line)
    line.ask(line.ann, "What is a pump?", root=root, answer="It moves water.")
    assert not any(words in line.prompt() for _, words in TALK)
    assert "It moves water." in line.answers()[0]
    assert "no message was read: the channel's admins do not want it" in line.answers()[0]


def test_the_dialog_offers_none_of_its_threads(line: Line) -> None:
    talk(line)
    closed(line)
    line.say(line.ann, "summarize")
    what = line.playground.dialogs(line.ann)[-1]["dialog"]["elements"][1]
    assert all(one["value"].startswith("since ") for one in what["options"])


def test_of_several_the_open_ones_are_read_and_the_foot_says_that_one_is_closed(line: Line) -> None:
    members = (line.ann, line.bob, line.carol, line.bot)
    harbour = line.playground.add_channel("O", "harbour", members=members)
    crane = line.playground.post_as(line.bob, harbour, "The crane is stuck.")
    line.playground.post_as(line.carol, harbour, "Rust.", crane)
    root = talk(line)
    closed(line, harbour)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)} {line.playground.link(crane)}")
    line.settle()
    assert "8 of 8 messages read" in summary(line, line.ann)
    assert "left out: a channel whose admins do not want it read" in summary(line, line.ann)
    assert "crane" not in line.prompt()


def test_a_closed_channel_is_opened_again_by_its_admins(line: Line) -> None:
    root = talk(line)
    closed(line)
    assert shown(line, line.ann)["channel"] == "no"
    assert pick(line, line.bob, channel="yes") == ""
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert "8 of 8 messages read" in summary(line, line.ann)


def test_closing_it_switches_nothing_off_and_nothing_on(line: Line) -> None:
    closed(line)
    line.ask(line.ann, "What is a pump?", answer="It moves water.")
    assert "It moves water." in line.answers()[0]


def test_where_chorus_is_off_it_stays_off(listed: Line) -> None:
    closed(listed)
    assert "Chorus is off in this channel." in listed.say(listed.ann, "ask What is a pump?").text
    listed.say(listed.bob, "on")
    listed.settle()
    assert shown(listed, listed.ann)["channel"] == "no"
    listed.ask(listed.ann, "What is a pump?", answer="It moves water.")
    assert "It moves water." in listed.answers()[0]


@pytest.mark.parametrize("channel", ["no", "yes"])
def test_only_its_admins_close_and_open_a_channel(line: Line, channel: str) -> None:
    if channel == "yes":
        closed(line)
    now = shown(line, line.ann)["channel"]
    assert "Only admins of this channel" in pick(line, line.ann, channel=channel)
    assert shown(line, line.ann)["channel"] == now != channel


def test_with_ones_own_choice_nobody_needs_to_be_an_admin_or_to_be_looked_up(line: Line) -> None:
    closed(line)
    dialog = opened(line, line.ann)
    line.playground.faults.add(f"GET /api/v4/users/{line.ann['id']}$", status=502, times=9)
    assert line.pick(line.ann, dialog, me="no", channel="no") == {}
    assert shown(line, line.ann) == {"me": "no", "channel": "no"}


def test_while_mattermost_does_not_say_who_is_an_admin_nothing_is_closed(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    dialog = opened(line, line.bob)
    line.playground.faults.add(f"GET /api/v4/users/{line.bob['id']}$", status=502, times=9)
    assert "Mattermost did not say" in problem(line.pick(line.bob, dialog, me="no", channel="no"))
    assert shown(line, line.bob) == {"me": "yes", "channel": "yes"}


@pytest.mark.parametrize("changes", [{"me": "perhaps"}, {"me": ""}, {"channel": "never"}, {"channel": ""}])
def test_values_that_were_not_offered_save_nothing(line: Line, changes: dict[str, str]) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    assert "Please pick one" in pick(line, line.bob, **changes)
    assert shown(line, line.bob) == {"me": "yes", "channel": "yes"}


def test_a_dialog_is_saved_once_and_by_who_opened_it(line: Line) -> None:
    dialog = opened(line, line.ann)
    values = {"me": "no", "channel": "yes"}
    assert "nothing was changed" in problem(line.pick(line.bob, dialog, **values))
    assert line.pick(line.ann, dialog, **values) == {}
    assert "was done already" in problem(line.pick(line.ann, dialog, **values))
    assert shown(line, line.bob)["me"] == "yes"


# What was noted


def test_who_opts_out_takes_what_was_noted_with_them(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, root, "summarize")
    assert kept(line) == 1
    opted_out(line, line.carol)
    assert kept(line) == 0


def test_a_channel_that_is_closed_takes_what_was_noted_of_it_and_nothing_else(line: Line) -> None:
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bob, line.carol, line.bot))
    line.model.enqueue(WRITTEN, WRITTEN)
    for where in (line.town, harbour):
        line.say(line.ann, f"summarize {line.playground.link(talk(line, where))}")
        line.settle()
    assert kept(line) == 2
    closed(line, harbour)
    assert kept(line) == 1


def test_what_was_noted_while_somebody_opted_out_is_not_kept_and_read_again_without_them(line: Line) -> None:
    root = talk(line)
    line.model.enqueue(WRITTEN)
    line.say(line.ann, f"summarize {line.playground.link(root)}")
    line.step("admit")
    opt_out_while_it_writes(line)
    line.settle()
    assert len(line.model.history) == 2
    assert kept(line) == 1
    theirs = [words for who, words in TALK if who == "bob"]
    assert not any(words in line.prompt() or words in summary(line, line.ann) for words in theirs)


def opt_out_while_it_writes(line: Line) -> None:
    generate = line.model.generate

    def generating(*args: object) -> object:
        opted_out(line, line.bob)
        return generate(*args)  # type: ignore[arg-type]

    line.model.generate = generating  # type: ignore[method-assign, assignment]
