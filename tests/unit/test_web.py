"""The HTTP edge by itself: whatever arrives, Mattermost gets 200 and an object, and nobody untrusted gets further."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from mmapp import migrate
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.models import Job, Message
from mmapp.web.app import create_app
from mmapp.web.edge import Edge
from tests.conftest import KEY

TEAM, CHANNEL, PERSON = "t" * 26, "c" * 26, "p" * 26
FORM = {
    "token": "right", "team_id": TEAM, "team_domain": "eng", "channel_id": CHANNEL, "channel_name": "ops",
    "user_id": PERSON, "user_name": "ann", "command": "/ai", "text": "", "trigger_id": "x", "root_id": "",
    "response_url": "http://127.0.0.1:1/hooks/commands/abc",
}  # fmt: skip


@pytest.fixture
def client(database_url: str) -> Iterator[FlaskClient]:
    app = create_app(
        Settings(
            _env_file=None,
            mattermost_url="http://127.0.0.1:1",
            public_url="http://127.0.0.1:2",
            bot_tokens=(("ai", "bot"),),
            command_tokens=((TEAM, "right"), (TEAM, "also-right"), ("o" * 26, "other")),
            secret_key="s" * 32,
            encryption_keys=(KEY,),
            database_url=database_url,
            access="everyone",
        )
    )
    with app.test_client() as opened:
        yield opened
    edge: Edge = app.extensions["chorus"]
    edge.close()


def say(client: FlaskClient, text: str, **changes: str) -> str:
    answer = client.post("/mattermost/slash", data={**FORM, "text": text, **changes})
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    return str(answer.get_json().get("text", ""))


def saved(database: Database) -> tuple[int, int]:
    with database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Message)) or 0,
            session.scalar(select(func.count()).select_from(Job)) or 0,
        )


def test_a_question_and_its_job_are_saved_together_before_the_answer_leaves(
    client: FlaskClient, database: Database
) -> None:
    text = say(client, "ask Why did the pump stop?")
    assert "kept" in text
    assert "no worker is running" in text
    assert saved(database) == (1, 1)


def test_what_people_write_is_encrypted_at_rest(client: FlaskClient, database: Database) -> None:
    say(client, "ask Why did the pump stop?")
    raw = database.engine.raw_connection()
    try:
        rows = repr(raw.cursor().execute("select * from message").fetchall())
        rows += repr(raw.cursor().execute("select * from job").fetchall())
    finally:
        raw.close()
    assert "pump" not in rows
    assert "hooks/commands" not in rows


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "wrong"},
        {"token": ""},
        {"token": "other"},
        {"team_id": "o" * 26},
        {"team_id": "x" * 26},
        {"token": "ÿ"},
    ],
)
def test_a_command_with_another_team_s_token_or_none_does_nothing(
    client: FlaskClient, database: Database, changes: dict[str, str]
) -> None:
    assert "token is not known" in say(client, "ask Why?", **changes)
    assert saved(database) == (0, 0)


@pytest.mark.parametrize("missing", ["user_id", "channel_id", "team_id"])
def test_a_command_without_its_fields_is_answered(client: FlaskClient, missing: str) -> None:
    assert "could not be read" in say(client, "ask Why?", **{missing: ""})


def test_a_team_may_have_several_tokens(client: FlaskClient) -> None:
    assert "kept" in say(client, "ask Why?", token="also-right")


def test_an_empty_question_shows_how_to_ask_and_that_alone_is_there_to_copy(client: FlaskClient) -> None:
    _, copied, _ = say(client, "ask").split("```")
    assert "/ai ask What did we decide" in copied


def test_an_unknown_verb_gets_the_nearest_one_and_the_words_back(client: FlaskClient) -> None:
    text = say(client, "aks Why did the pump stop?")
    assert "Did you mean `/ai ask`?" in text
    assert "/ai ask Why did the pump stop?" in text.split("```")[1]


def test_a_question_without_a_verb_gets_the_whole_command_back(client: FlaskClient) -> None:
    assert "/ai ask Who fixed the pump?" in say(client, "Who fixed the pump?").split("```")[1]


@pytest.mark.parametrize("question", ["was ist los", "now what?", "top ten pumps?", "helped whom?"])
def test_a_question_that_begins_almost_like_a_verb_loses_no_word(client: FlaskClient, question: str) -> None:
    assert question in say(client, question).split("```")[1]


@pytest.mark.parametrize(
    ("typed", "meant"), [("stpo", "stop"), ("sto", "stop"), ("helpp", "help"), ("mew", "new"), ("akk", "ask")]
)
def test_a_slip_of_one_letter_gets_the_verb_that_was_meant(client: FlaskClient, typed: str, meant: str) -> None:
    text = say(client, typed)
    assert f"Did you mean `/ai {meant}`?" in text
    assert f"/ai {meant}" in text.split("```")[1]


def test_slash_ai_alone_says_four_things_and_offers_three_buttons(client: FlaskClient) -> None:
    answer = client.post("/mattermost/slash", data=FORM).get_json()
    assert answer["text"].count("\n- ") == 4
    assert "You have no open question here." in answer["text"]
    assert [each["name"] for each in answer["attachments"][0]["actions"]] == ["Help", "Models", "Stop my newest"]


def test_slash_ai_shows_the_questions_that_are_open(client: FlaskClient) -> None:
    say(client, "ask Who fixed `the` pump, @channel?")
    assert "Your open questions here:\n- `Who fixed ʼtheʼ pump, @channel?`" in say(client, "")


def test_stop_ends_the_newest_and_says_how_many_are_left(client: FlaskClient) -> None:
    assert "nothing to stop" in say(client, "stop")
    for question in ("one", "two", "three"):
        say(client, f"ask {question}")
    assert "You have 2 more open questions here." in say(client, "stop")
    assert "You have one more open question here." in say(client, "stop")
    assert "You have no more open questions here." in say(client, "stop")
    assert "nothing to stop" in say(client, "stop")


def test_stop_in_another_channel_or_by_another_person_ends_nothing_here(client: FlaskClient) -> None:
    say(client, "ask one")
    assert "nothing to stop" in say(client, "stop", channel_id="d" * 26)
    assert "nothing to stop" in say(client, "stop", user_id="q" * 26)


def button(client: FlaskClient, text: str) -> dict[str, object]:
    answer = client.post("/mattermost/slash", data={**FORM, "text": text}).get_json()
    context: dict[str, object] = answer["attachments"][0]["actions"][0]["integration"]["context"]
    return context


def press(client: FlaskClient, context: object, person: str = PERSON) -> dict[str, object]:
    body = {"user_id": person, "channel_id": CHANNEL, "trigger_id": "x", "context": context}
    answer = client.post("/mattermost/action", json=body)
    assert answer.status_code == 200
    found: dict[str, object] = answer.get_json()
    return found


def test_the_stop_button_stops_once_and_a_second_press_harms_nothing(client: FlaskClient, database: Database) -> None:
    context = button(client, "ask one")
    assert press(client, context) == {}
    assert press(client, context) == {}
    with database.read() as session:
        assert session.scalar(select(Job.state).where(Job.kind == "admit")) == "cancelled"


def test_nobody_stops_another_person_s_question(client: FlaskClient, database: Database) -> None:
    assert "Only who asked" in str(press(client, button(client, "ask one"), person="q" * 26))
    with database.read() as session:
        assert session.scalar(select(Job.state)) == "queued"


@pytest.mark.parametrize(
    "context", [{}, None, [], {"purpose": "stop"}, {"purpose": ["stop"]}, {"purpose": "rm", "signed": "x"}]
)
def test_a_button_of_somebody_s_own_making_does_nothing(client: FlaskClient, context: object) -> None:
    assert "no longer works" in str(press(client, context))


def test_a_signature_for_one_purpose_is_worth_nothing_for_another(client: FlaskClient) -> None:
    signed = button(client, "ask one")["signed"]
    assert "no longer works" in str(press(client, {"purpose": "help", "signed": signed}))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"user_id": 5}', b"\xff\xfe"])
@pytest.mark.parametrize("path", ["/mattermost/slash", "/mattermost/action", "/mattermost/dialog"])
def test_garbage_is_answered_with_a_sentence(client: FlaskClient, path: str, body: bytes) -> None:
    answer = client.post(path, data=body, content_type="application/json")
    assert answer.status_code == 200
    assert "could not be read" in answer.get_data(as_text=True)


def test_a_question_of_200_000_characters_is_refused_with_its_beginning_given_back(client: FlaskClient) -> None:
    text = say(client, "ask " + "ä" * 200_000)
    assert "200,000 characters" in text
    assert len(text) < 16_383


def test_more_than_can_be_taken_at_once_is_answered(client: FlaskClient) -> None:
    assert "more text than can be taken" in say(client, "ask " + "a" * 5_000_000)


@given(text=st.text())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_500(client: FlaskClient, text: str) -> None:
    say(client, "ask " + text.encode("utf-8", "replace").decode())
    say(client, text.encode("utf-8", "replace").decode())


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready"}
    assert client.get("/nothing").status_code == 404


def test_a_running_web_side_is_ready_though_the_files_of_its_next_version_already_lie_there(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(migrate.ROOT / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / "0002_next.py").write_text('revision, down_revision = "0002", "0001"\n')
    monkeypatch.setattr(migrate, "ROOT", tmp_path)
    assert client.get("/readyz").get_json() == {"status": "ready"}
