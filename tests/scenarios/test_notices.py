"""Notices for one person: in the bot's own name where granted, else under the asker's; late ones by direct message."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mmapp.jobs.payload import Payload
from mmapp.models import Job
from tests.line import Line
from tests.playground.store import Doc
from tests.scenarios.test_counts import calls

NEW = pytest.mark.parametrize("age", ["11"])
BOTH = pytest.mark.parametrize("age", ["5.37", "11"])
OWN = "POST /posts/ephemeral"


def notice(line: Line, who: Doc) -> Doc:
    """The last thing that somebody was shown alone."""
    return line.playground.ephemerals(who)[-1]


def refuse(line: Line, who: Doc, root: Doc | None = None, *, after: float = 0.0) -> None:
    """Have a request refused, so many seconds after it was asked."""
    if root is None:
        line.say(who, "ask Why did it stop?", line.secret)
    else:
        line.playground.slash(who, line.town, "/ai ask --thread nonsense Why did it stop?", root["id"])
    wait(line, after)
    line.settle()


def wait(line: Line, seconds: float) -> None:
    """Let every request have been asked so many seconds earlier."""
    with line.worker.database.write() as session:
        for job in session.scalars(select(Job)):
            payload = Payload.from_json(job.payload)
            job.payload = payload.but(asked_at=payload.asked_at - round(seconds * 1000)).to_json()


@NEW
def test_where_it_was_granted_a_refusal_comes_in_the_bots_own_name(line: Line) -> None:
    line.playground.grant_ephemerals("ai")
    refuse(line, line.ann)
    shown = notice(line, line.ann)
    assert shown["user_id"] == line.bot["id"]
    assert shown["message"].startswith("ai is not in this private channel")
    assert "/ai ask Why did it stop?" in shown["message"]
    assert line.private_answers(line.ann) == []


@NEW
def test_in_the_bots_own_name_it_comes_once_and_in_the_thread(line: Line) -> None:
    line.playground.grant_ephemerals("ai")
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    refuse(line, line.ann, root)
    own = [each for each in line.playground.ephemerals(line.ann) if "no such message" in each["message"]]
    assert [(each["user_id"], each["root_id"]) for each in own] == [(line.bot["id"], root["id"])]


@BOTH
def test_where_it_was_not_granted_it_comes_under_the_askers_name_and_begins_with_the_bots(line: Line) -> None:
    refuse(line, line.ann)
    shown = notice(line, line.ann)
    assert shown["user_id"] == line.ann["id"]
    assert shown["message"].startswith("**ai** · ai is not in this private channel")


@NEW
def test_a_server_that_grants_nothing_is_asked_once_and_again_after_a_while(line: Line) -> None:
    with calls(line) as made:
        refuse(line, line.ann)
        refuse(line, line.bob)
    assert made.count(OWN) == 1
    line.playground.grant_ephemerals("ai")
    line.worker.me.denied_until = 0.0  # ten minutes later
    refuse(line, line.carol)
    assert notice(line, line.carol)["user_id"] == line.bot["id"]


@NEW
def test_a_grant_that_is_taken_back_costs_nobody_a_notice(line: Line) -> None:
    line.playground.grant_ephemerals("ai")
    refuse(line, line.ann)
    line.playground.change_user("ai", roles="system_user")
    refuse(line, line.bob)
    assert notice(line, line.bob)["user_id"] == line.bob["id"]


@pytest.mark.parametrize("age", ["5.37"])
def test_5_37_is_not_asked_as_it_would_not_know_the_thread(line: Line) -> None:
    with calls(line) as made:
        refuse(line, line.ann)
    assert OWN not in made


@NEW
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 403, "body": "<html>no</html>", "content_type": "text/html"},
        {"status": 404, "body": "<html>no</html>", "content_type": "text/html"},
        {"drop": "before"},
    ],
    ids=str,
)
def test_what_something_in_between_says_is_no_answer_about_the_right(line: Line, fault: dict[str, object]) -> None:
    line.playground.grant_ephemerals("ai")
    line.playground.faults.add(OWN.replace("/posts", "/api/v4/posts"), **fault)
    refuse(line, line.ann)
    assert len(line.told(line.ann)) == 1  # the acknowledgement
    line.hurry()
    line.settle()
    assert notice(line, line.ann)["user_id"] == line.bot["id"]
    assert len(line.told(line.ann)) == 2


@NEW
def test_a_thread_that_is_none_is_told_of_all_the_same(line: Line) -> None:
    line.playground.grant_ephemerals("ai")
    form = {
        "token": line.settings.command_tokens[0][1].get_secret_value(), "team_id": line.team["id"], "command": "/ai",
        "channel_id": line.town["id"], "channel_name": "town", "user_id": line.ann["id"], "user_name": "ann",
        "text": "ask Why?", "root_id": "../users/me",
    }  # fmt: skip
    assert line.app.test_client().post("/mattermost/slash", data=form).status_code == 200
    line.settle()
    assert "no such message" in line.private_answers(line.ann)[0]


@NEW
@pytest.mark.parametrize("granted", [True, False])
def test_a_minute_late_in_a_thread_it_comes_by_direct_message(line: Line, granted: bool) -> None:
    if granted:
        line.playground.grant_ephemerals("ai")
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    refuse(line, line.ann, root, after=61)
    assert "no such message" in line.private_answers(line.ann)[0]
    refuse(line, line.bob, after=61)
    assert "/invite @ai" in notice(line, line.bob)["message"]  # outside of threads it is still seen


@pytest.mark.parametrize("age", ["5.37"])
def test_a_minute_late_on_5_37_it_comes_by_direct_message_as_it_may_have_been_a_thread(line: Line) -> None:
    refuse(line, line.ann, after=61)
    assert "/invite @ai" in line.private_answers(line.ann)[0]


@pytest.mark.parametrize(("age", "granted"), [("5.37", False), ("11", False), ("11", True)])
def test_after_half_an_hour_it_comes_by_direct_message(line: Line, granted: bool) -> None:
    if granted:
        line.playground.grant_ephemerals("ai")
    refuse(line, line.ann, after=30 * 60)
    assert "/invite @ai" in line.private_answers(line.ann)[0]
    assert all("/invite" not in text for text in line.told(line.ann))


@BOTH
def test_who_presses_stop_looks_there_however_long_ago_he_asked(line: Line) -> None:
    root = line.playground.post_as(line.bob, line.town, "The pump stopped.")
    line.say(line.ann, "ask Why?", root=root)
    wait(line, 120)
    line.playground.click(line.ann, notice(line, line.ann), "Stop")
    line.settle()
    assert "Stopped." in notice(line, line.ann)["message"]
    assert line.private_answers(line.ann) == []
