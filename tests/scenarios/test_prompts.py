"""`/ai prompts`: wishes that are used again, under names; one's own, or a channel's for everybody in it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.summaries import WRITTEN, talk, typed_in
from tests.scenarios.test_more import problem


def opened(line: Line, who: Doc, channel: Doc | None = None) -> Doc:
    assert line.say(who, "prompts", channel).json.get("text", "") == ""
    return line.playground.dialogs(who)[-1]


def pick(line: Line, who: Doc, name: str, words: str, whose: str = "mine", channel: Doc | None = None) -> str:
    """Fill the dialog in and submit it; why it stays open, if it does."""
    return problem(line.pick(who, opened(line, who, channel), name=name, text=words, whose=whose))


def saved(line: Line, who: Doc, name: str, words: str, whose: str = "mine", channel: Doc | None = None) -> None:
    assert pick(line, who, name, words, whose, channel) == ""


def wish(line: Line, who: Doc, name: str) -> str:
    """What a model is asked for above all, where this prompt is used; why it is not, where it is refused."""
    asked = len(line.model.history)
    line.model.enqueue(WRITTEN)
    said = typed_in(line, who, talk(line), f'summarize --prompt "{name}"').text
    return line.prompt().rpartition("Above all: ")[2] if len(line.model.history) > asked else said


def introduction(line: Line, who: Doc) -> str:
    return str(opened(line, who)["dialog"]["introduction_text"])


def test_a_saved_prompt_is_used_by_its_name(line: Line) -> None:
    saved(line, line.ann, "Stand  Up", "What blocks whom, and since when?")
    assert wish(line, line.ann, "stand up") == "What blocks whom, and since when?"


def test_what_is_typed_beside_it_stands_behind_it(line: Line) -> None:
    saved(line, line.ann, "standup", "What blocks whom?")
    line.model.enqueue(WRITTEN)
    typed_in(line, line.ann, talk(line), "summarize --prompt standup And the release?")
    assert line.prompt().endswith("Above all: What blocks whom?\nAnd the release?")


def test_what_is_saved_is_shown_and_changed_and_deleted_by_its_name(line: Line) -> None:
    saved(line, line.ann, "standup", "What blocks whom?")
    assert "**standup** (yours): `What blocks whom?`" in introduction(line, line.ann)
    saved(line, line.ann, "standup", "Who needs help?")
    assert "Who needs help?" in introduction(line, line.ann)
    assert "What blocks whom?" not in introduction(line, line.ann)
    saved(line, line.ann, "standup", "")
    assert "standup" not in introduction(line, line.ann).partition("\n")[2]
    assert "There is no saved prompt `standup` for you here." in wish(line, line.ann, "standup")


def test_nobody_else_sees_or_uses_ones_own(line: Line) -> None:
    saved(line, line.ann, "standup", "Who is slow?")
    assert "slow" not in introduction(line, line.bob)
    assert "There is no saved prompt" in wish(line, line.bob, "standup")


def test_a_channel_s_is_everybody_s_there_and_nobody_s_elsewhere(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    saved(line, line.bob, "standup", "What blocks whom?", "channel")
    assert "**standup** (this channel's)" in introduction(line, line.ann)
    assert wish(line, line.ann, "standup") == "What blocks whom?"
    harbour = line.playground.add_channel("O", "harbour", members=(line.ann, line.bot))
    assert "There is no saved prompt" in line.say(line.ann, "summarize channel --prompt standup", harbour).text


def test_ones_own_comes_before_the_channel_s(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    saved(line, line.bob, "standup", "What blocks whom?", "channel")
    saved(line, line.ann, "standup", "Who needs help?")
    assert wish(line, line.ann, "standup") == "Who needs help?"


@pytest.mark.parametrize("words", ["What blocks whom?", ""])
def test_only_admins_save_or_delete_the_channel_s(line: Line, words: str) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    saved(line, line.bob, "standup", "Who needs help?", "channel")
    assert "Only admins of this channel" in pick(line, line.ann, "standup", words, "channel")
    assert wish(line, line.ann, "standup") == "Who needs help?"


def test_while_mattermost_does_not_say_who_is_an_admin_the_channel_s_stay_and_ones_own_are_saved(line: Line) -> None:
    line.playground.make_channel_admin(line.bob, line.town)
    dialog = opened(line, line.bob)
    line.playground.faults.add(f"GET /api/v4/users/{line.bob['id']}$", status=502, times=9)
    values = {"name": "standup", "text": "What blocks whom?"}
    assert "Mattermost did not say" in problem(line.pick(line.bob, dialog, **values, whose="channel"))
    assert line.pick(line.bob, dialog, **values, whose="mine") == {}


@pytest.mark.parametrize("name", ["", "a" * 40, "stand/up", '"standup"', "-standup", "stand\nup!"])
def test_a_name_that_could_not_be_typed_keeps_it_open(line: Line, name: str) -> None:
    dialog = opened(line, line.ann)
    answer = line.pick(line.ann, dialog, name=name, text="What blocks whom?", whose="mine")
    assert answer["errors"] == {"name": "A name has 1 to 39 letters, digits, spaces and dashes."}
    assert line.pick(line.ann, dialog, name="standup", text="What blocks whom?", whose="mine") == {}


def test_the_longest_name_and_one_in_another_script_work(line: Line) -> None:
    for name in ("a" * 39, "Straße 7", "朝会"):
        saved(line, line.ann, name, f"What of {name}?")
        assert wish(line, line.ann, name) == f"What of {name}?"


def test_words_beyond_their_limit_and_prompts_beyond_theirs_are_refused(line: Line) -> None:
    assert "at most 1,000" in pick(line, line.ann, "standup", "x" * 1_001)
    for number in range(50):
        saved(line, line.ann, f"number {number}", "What?")
    assert "There are 50 already." in pick(line, line.ann, "one more", "What?")
    saved(line, line.ann, "number 7", "What else?")
    saved(line, line.ann, "number 8", "")
    saved(line, line.ann, "one more", "What?")


def test_nothing_is_deleted_that_is_not_there(line: Line) -> None:
    assert "There is no standup to delete" in pick(line, line.ann, "standup", "")


def test_whose_it_is_must_be_one_of_those_offered(line: Line) -> None:
    assert "Please pick one" in pick(line, line.ann, "standup", "What?", "everybody")


def test_a_dialog_is_saved_once_and_by_who_opened_it(line: Line) -> None:
    dialog = opened(line, line.ann)
    values = {"name": "standup", "text": "What?", "whose": "mine"}
    assert "nothing was changed" in problem(line.pick(line.bob, dialog, **values))
    assert line.pick(line.ann, dialog, **values) == {}
    assert "was done already" in problem(line.pick(line.ann, dialog, **values))


def test_its_words_are_kept_encrypted(line: Line) -> None:
    saved(line, line.ann, "standup", "Who is slow?")
    with line.worker.database.engine.connect() as connection:
        assert all(b"slow" not in bytes(row) for row in connection.scalars(text("select text from saved_prompt")))


def test_where_no_dialog_opens_it_is_said_what_to_type(line: Line) -> None:
    line.playground.faults.add("POST /api/v4/actions/dialogs/open", status=500)
    assert "Please type `/ai prompts`." in line.say(line.ann, "prompts").text
