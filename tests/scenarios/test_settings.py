"""`/ai settings`: four fields, each about the one who opens it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from mmapp.db import clock
from mmapp.models import Message
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.test_more import problem

USUAL = {"where": "channel", "silence": "8", "late": "true", "thumbs": "true"}


def opened(line: Line, who: Doc | None = None) -> Doc:
    assert line.say(who or line.ann, "settings").json.get("text", "") == ""
    return line.playground.dialogs(who or line.ann)[-1]


def defaults(dialog: Doc) -> dict[str, str]:
    return {element["name"]: element["default"] for element in dialog["dialog"]["elements"]}


def save(line: Line, **changes: str) -> None:
    assert line.pick(line.ann, opened(line), **USUAL | changes) == {}


def test_it_shows_what_is_in_force_and_again_what_was_saved(line: Line) -> None:
    assert defaults(opened(line)) == USUAL
    save(line, where="direct", silence="24", late="false")
    assert defaults(opened(line)) == USUAL | {"where": "direct", "silence": "24", "late": "false"}
    assert defaults(opened(line, line.bob)) == USUAL


def test_answers_to_commands_come_privately_where_that_is_set_and_publicly_once(line: Line) -> None:
    save(line, where="direct")
    line.ask(line.ann, "Why?", answer="Because.")
    assert line.answers() == []
    assert "Because." in line.private_answers(line.ann)[0]
    line.ask(line.ann, "--public Why?", answer="Because.")
    assert len(line.answers()) == 1


def test_a_mention_is_answered_where_it_stands_all_the_same(line: Line) -> None:
    save(line, where="direct")
    line.mention(line.ann, "@ai Why?", answer="Because.")
    assert len(line.answers()) == 1


def test_private_and_public_at_once_is_refused_with_the_words_back(line: Line) -> None:
    said = line.say(line.ann, "ask --private --public Why?").text
    assert "contradict" in said
    assert "/ai ask --private --public Why?" in said


@pytest.mark.parametrize(("silence", "hours", "remembered"), [("1", 2, False), ("24", 12, True), ("0", 2000, True)])
def test_the_direct_conversation_ends_after_the_silence_that_is_set(
    line: Line, silence: str, hours: int, remembered: bool
) -> None:
    save(line, silence=silence)
    direct = line.direct(line.ann)
    line.ask(line.ann, "What is a pump?", direct, answer="It moves water.")
    with line.worker.database.write() as session:
        session.execute(update(Message).values(created_at=clock(session) - timedelta(hours=hours)))
    line.ask(line.ann, "How?", direct, answer="By turning.")
    assert ("It moves water." in line.prompt()) is remembered


def test_no_thumbs_stand_under_answers_to_who_wants_none(line: Line) -> None:
    line.ask(line.ann, "Why?", answer="Because.")
    assert {emoji for _, emoji in line.playground.reactions(line.posts()[-1])} == {"+1", "-1"}
    save(line, thumbs="false")
    line.ask(line.ann, "Why?", answer="Because.")
    assert line.playground.reactions(line.posts()[-1]) == []


@pytest.mark.parametrize(
    "changes", [{"silence": "3"}, {"silence": ""}, {"where": "everywhere"}, {"silence": "x" * 4000}]
)
def test_values_that_were_not_offered_save_nothing(line: Line, changes: dict[str, str]) -> None:
    (name,) = changes
    assert line.pick(line.ann, opened(line), **USUAL | changes)["errors"].keys() == {name}
    assert defaults(opened(line)) == USUAL


def test_a_dialog_is_saved_once_and_by_who_opened_it(line: Line) -> None:
    dialog = opened(line)
    assert "nothing was changed" in problem(line.pick(line.bob, dialog, **USUAL))
    assert line.pick(line.ann, dialog, **USUAL) == {}
    assert "was done already" in problem(line.pick(line.ann, dialog, **USUAL))


def test_a_field_with_a_fault_can_be_put_right_in_the_same_dialog(line: Line) -> None:
    dialog = opened(line)
    line.pick(line.ann, dialog, **USUAL | {"silence": "3"})
    assert line.pick(line.ann, dialog, **USUAL) == {}


def test_closing_it_changes_nothing(line: Line) -> None:
    dialog = opened(line)
    line.playground.submit(line.ann, dialog, USUAL | {"silence": "24"}, line.town, cancelled=True)
    assert defaults(opened(line)) == USUAL


def test_where_no_dialog_opens_it_is_said_what_to_type(line: Line) -> None:
    line.playground.faults.add("POST /api/v4/actions/dialogs/open", status=500)
    assert "Please type `/ai settings`." in line.say(line.ann, "settings").text
    line.mention(line.ann, "@ai settings")
    assert any(
        "Please type `/ai settings`." in text for text in (*line.told(line.ann), *line.private_answers(line.ann))
    )
