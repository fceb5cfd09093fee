"""👍 and 👎 under an answer, and `/ai feedback`, which has room for the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mmapp import logs
from mmapp.cli import app
from mmapp.mattermost.event_kinds import Gap
from mmapp.models import Rating
from tests.doctor import Doctor
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.test_delete import do_all
from tests.scenarios.test_more import problem
from tests.scenarios.test_rewrite import other_model

GONE = json.dumps({"id": "app.user.missing_account.const", "message": "Unable to find the user.", "status_code": 404})


def answered(line: Line) -> Doc:
    line.ask(line.ann, "Why?", answer="Because.")
    line.hear()
    return line.posts()[-1]


def ratings(line: Line) -> dict[str, tuple[int, str]]:
    """Who thinks what of the answers, and why."""
    with line.worker.database.read() as session:
        found = session.scalars(select(Rating))
        return {line.playground.user(one.person_id)["username"]: (one.value, one.reason) for one in found}


def test_both_thumbs_stand_ready_under_an_answer_and_the_bot_s_own_do_not_count(line: Line) -> None:
    post = answered(line)
    assert line.playground.reactions(post) == [("ai", "+1"), ("ai", "-1")]
    assert ratings(line) == {}


@pytest.mark.parametrize(
    ("emoji", "value"), [("+1", 1), ("-1", -1), ("thumbsup", 1), ("thumbsdown", -1), ("heart", None), ("100", None)]
)
def test_a_thumb_is_what_its_person_thinks_and_other_reactions_are_not(line: Line, emoji: str, value: int) -> None:
    line.playground.react(line.bob, answered(line), emoji)
    line.hear()
    assert ratings(line) == ({"bob": (value, "")} if value else {})


def test_each_person_has_one_and_may_change_it(line: Line) -> None:
    post = answered(line)
    for who, emoji in ((line.bob, "+1"), (line.ann, "+1"), (line.bob, "-1")):
        line.playground.react(who, post, emoji)
    line.hear()
    assert ratings(line) == {"bob": (-1, ""), "ann": (1, "")}


def test_a_thumb_that_is_taken_back_counts_no_more_and_the_other_one_stays(line: Line) -> None:
    post = answered(line)
    line.playground.react(line.bob, post, "+1")
    line.playground.react(line.bob, post, "-1")
    line.playground.unreact(line.bob, post, "+1")
    line.hear()
    assert ratings(line) == {"bob": (-1, "")}
    line.playground.unreact(line.bob, post, "-1")
    line.hear()
    assert ratings(line) == {}


def test_a_thumb_under_a_question_or_somebody_s_post_is_no_opinion_of_an_answer(line: Line) -> None:
    question = line.mention(line.ann, "@ai Why?", answer="Because.")
    line.playground.react(line.bob, question, "+1")
    line.playground.react(line.bob, line.playground.post_as(line.ann, line.town, "Hello"), "+1")
    line.hear()
    assert ratings(line) == {}


def test_the_thumb_of_somebody_who_is_no_member_does_not_count(line: Line) -> None:
    post = answered(line)
    line.playground.react(line.carol, post, "+1")
    line.playground.remove_member(line.carol, line.town)
    line.hear()
    assert ratings(line) == {}


def test_thumbs_that_were_given_while_nobody_listened_count(line: Line) -> None:
    post = answered(line)
    line.listener.take(Gap())
    line.playground.react(line.bob, post, "-1")
    line.listener.take(Gap())
    assert ratings(line) == {"bob": (-1, "")}


def test_an_opinion_that_is_newer_than_the_thumb_stays_after_a_gap(line: Line) -> None:
    post = answered(line)
    line.listener.take(Gap())
    line.playground.react(line.bob, post, "+1")
    line.hear()
    link = line.playground.link(post)
    line.pick(line.bob, opened(line, f"feedback {link}", line.bob), value="-1", reason="It was the seal.")
    line.listener.take(Gap())
    assert ratings(line) == {"bob": (-1, "It was the seal.")}


def test_a_thumb_by_an_account_that_is_gone_keeps_nobody_from_being_heard(line: Line) -> None:
    post = answered(line)
    line.playground.react(line.bob, post, "+1")
    line.playground.faults.add(f"GET /api/v4/users/{line.bob['id']}$", status=404, body=GONE, times=9)
    line.hear()
    line.listener.take(Gap())
    line.mention(line.carol, "@ai since when?", answer="Since Monday.")
    assert ratings(line) == {}
    assert "Since Monday." in line.answers()[-1]


# The dialog


def opened(line: Line, text: str = "feedback", who: Doc | None = None) -> Doc:
    line.say(who or line.ann, text)
    return line.playground.dialogs(who or line.ann)[-1]


def test_feedback_opens_a_dialog_about_the_newest_answer_here_and_keeps_the_reason(line: Line) -> None:
    answered(line)
    dialog = opened(line)
    assert "`Why?`" in dialog["dialog"]["introduction_text"]
    assert line.pick(line.ann, dialog, value="-1", reason="It was the seal.") == {}
    assert ratings(line) == {"ann": (-1, "It was the seal.")}


def test_it_shows_what_its_person_has_said_before(line: Line) -> None:
    answered(line)
    line.pick(line.ann, opened(line), value="-1", reason="It was the seal.")
    elements = {element["name"]: element["default"] for element in opened(line)["dialog"]["elements"]}
    assert elements == {"value": "-1", "reason": "It was the seal."}


def test_a_thumb_after_it_changes_the_opinion_and_keeps_the_reason(line: Line) -> None:
    post = answered(line)
    line.pick(line.ann, opened(line), value="-1", reason="It was the seal.")
    line.playground.react(line.ann, post, "+1")
    line.hear()
    assert ratings(line) == {"ann": (1, "It was the seal.")}


def test_others_give_theirs_by_the_answer_s_link_in_its_channel(line: Line) -> None:
    link = line.playground.link(answered(line))
    assert line.pick(line.bob, opened(line, f"feedback {link}", line.bob), value="1", reason="") == {}
    assert ratings(line) == {"bob": (1, "")}


def test_a_private_answer_s_link_is_nobody_else_s(line: Line) -> None:
    line.ask(line.ann, "--private Why?", answer="Because.")
    (post,) = line.posts(line.direct(line.ann))
    assert "no answer of mine that you can read" in line.say(line.bob, f"feedback {line.playground.link(post)}").text


def test_without_an_answer_there_is_nothing_to_say(line: Line) -> None:
    assert "no answer here" in line.say(line.ann, "feedback").text
    assert "no answer of mine" in line.say(line.ann, "feedback https://example.org/x").text


@pytest.mark.parametrize("value", ["", "2", "good", "[object Object]"])
def test_an_opinion_that_was_not_offered_is_not_kept(line: Line, value: str) -> None:
    answered(line)
    assert "value" in line.pick(line.ann, opened(line), value=value, reason="x")["errors"]
    assert ratings(line) == {}


def test_a_dialog_counts_once_and_for_who_opened_it(line: Line) -> None:
    answered(line)
    dialog = opened(line)
    assert "nothing was changed" in problem(line.pick(line.bob, dialog, value="1"))
    assert line.pick(line.ann, dialog, value="1") == {}
    assert "was done already" in problem(line.pick(line.ann, dialog, value="-1"))
    assert ratings(line) == {"ann": (1, "")}


def test_it_goes_with_the_answer_when_that_is_deleted(line: Line) -> None:
    answered(line)
    dialog = opened(line)
    line.pick(line.ann, opened(line), value="-1", reason="It was the seal.")
    line.say(line.ann, "delete")
    do_all(line)
    assert ratings(line) == {}
    assert "no answer of mine" in problem(line.pick(line.ann, dialog, value="1"))


def test_an_opinion_is_about_the_model_that_had_written_the_answer_then(line: Line) -> None:
    post = answered(line)
    line.playground.react(line.bob, post, "+1")
    line.hear()
    other_model(line).enqueue("The seal broke.")
    line.pick(line.ann, line.more(line.ann, post), what="with", model="other")
    line.settle()
    line.playground.react(line.carol, post, "-1")
    line.hear()
    with line.worker.database.read() as session:
        assert set(session.execute(select(Rating.value, Rating.model))) == {(1, "tiny"), (-1, "other")}


# For administrators


def exported(*options: str) -> list[dict[str, Any]]:
    shown = app.test_cli_runner().invoke(args=["export", *options])
    logs.configure()  # the command's own log went to a terminal that is gone now
    assert shown.exit_code == 0, shown.output
    return [json.loads(each) for each in shown.stdout.splitlines()]


def test_opinions_are_exported_with_model_and_reason_and_words_only_where_asked_for(line: Line, doctor: Doctor) -> None:
    doctor.settle_in()
    answered(line)
    line.pick(line.ann, opened(line), value="-1", reason="It was the seal.")
    (one,) = exported()
    assert (one["value"], one["reason"], one["model"], one["by"]) == (-1, "It was the seal.", "tiny", line.ann["id"])
    assert {"question", "answer"}.isdisjoint(one)
    assert [(each["question"], each["answer"]) for each in exported("--words")] == [("Why?", "Because.")]


def test_an_export_s_file_is_its_owner_s_alone_and_never_written_over(
    line: Line, doctor: Doctor, tmp_path: Path
) -> None:
    doctor.settle_in()
    answered(line)
    line.pick(line.ann, opened(line), value="1", reason="")
    path = tmp_path / "opinions.jsonl"
    run = app.test_cli_runner()
    assert "Written to" in run.invoke(args=["export", "--to", str(path)]).output
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text())["value"] == 1
    again = run.invoke(args=["export", "--to", str(path)])
    logs.configure()
    assert again.exit_code == 1
    assert "Name a file that is not there yet" in again.output
