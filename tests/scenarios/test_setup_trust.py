"""`flask --app app setup`: what it neither believes a server nor gives away, and what it never does to a `.env`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import request

from mmapp import config
from mmapp.db import Database, clock
from mmapp.models import Base, Message
from mmapp.texts import setup as texts
from tests.installation import PUBLIC_URL, Installation, said


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    with Installation(tmp_path, monkeypatch) as found:
        yield found


# What a server sends


def test_a_token_that_brings_a_line_for_env_is_not_written(place: Installation) -> None:
    token = "a" * 26 + "\nCHORUS_PROXY=http://127.0.0.1:1"
    place.playground.faults.add(
        "POST /api/v4/users/[a-z0-9]*/tokens$", body=json.dumps({"id": "b" * 26, "token": token})
    )
    ran = place.setup()
    assert "token is not what Mattermost makes" in said(ran)
    assert not place.env.exists()


def test_a_bot_s_name_that_brings_another_bot_for_env_is_not_written(place: Installation) -> None:
    place.setup()
    before = place.env.read_bytes()
    bot = {"user_id": place.bots()[0]["id"], "username": "evil=token,ai", "description": texts.DESCRIPTION}
    place.playground.faults.add("GET /api/v4/bots/", body=json.dumps(bot))
    assert "'evil=token,ai' cannot be a bot's username" in said(place.setup())
    assert place.env.read_bytes() == before


@pytest.mark.parametrize("key", ["id", "token", "team_id"])
def test_a_command_with_something_else_for_an_id_is_not_written(place: Installation, key: str) -> None:
    command = dict.fromkeys(("id", "token", "team_id"), "c" * 26) | {key: "c" * 26 + "\nCHORUS_PROXY=x"}
    place.playground.faults.add("POST /api/v4/commands$", body=json.dumps(command))
    assert f"{key} is not what Mattermost makes" in said(place.setup())
    assert "CHORUS_PROXY" not in place.settings()


def test_a_team_s_name_cannot_steer_the_terminal(place: Installation) -> None:
    name = "Eng\x1b]0;owned\x07\x1b[2J\n  done   all"
    place.playground.store.put("team", place.team["id"], place.team | {"display_name": name})
    ran = place.setup()
    assert ran.exit_code == 0, ran.output
    assert "\x1b" not in ran.output
    assert "the team Eng]0;owned[2J done all" in said(ran)
    assert "\n  done   all" not in ran.output


# Another address than before


def test_a_run_that_fails_leaves_env_as_it_was(place: Installation) -> None:
    place.setup()
    before = place.env.read_bytes()
    place.playground.faults.add("GET /api/v4/users/username", status=500, times=99)
    assert place.setup("--public-url", "http://127.0.0.1:8066/sub").exit_code == 1
    assert place.env.read_bytes() == before


def test_a_token_is_never_sent_to_another_address_than_its_own(
    place: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.setup()
    old = place.load().bot[1]
    other_place = tmp_path / "other"
    other_place.mkdir()
    with Installation(other_place, monkeypatch) as other:
        other.env.write_bytes(place.env.read_bytes())
        seen: list[str] = []
        other.playground.app.before_request(lambda: seen.append(request.headers.get("Authorization", "")))
        ran = other.setup()
        assert ran.exit_code == 0, ran.output
        assert f"belong to {place.playground.url}. They are not sent to {other.playground.url}" in said(ran)
        assert other.tokens(other.bots()[0]) == [other.load().bot[1]]
    assert seen
    assert not [sent for sent in seen if old in sent]
    assert old not in other.env.read_text()


# `.env`


def test_settings_in_the_environment_would_win_over_env(place: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    place.setup()
    monkeypatch.setenv("CHORUS_BOT_TOKENS", "ai=old")
    monkeypatch.setenv("CHORUS_PUBLIC_URL", f"{PUBLIC_URL}/old")
    assert (
        "CHORUS_BOT_TOKENS, CHORUS_PUBLIC_URL. Unset them (`unset CHORUS_BOT_TOKENS CHORUS_PUBLIC_URL`)"
        in place.refuses()
    )


def test_what_the_flask_command_reads_from_env_into_the_environment_is_no_hindrance(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.setup()
    for name, value in place.settings().items():
        monkeypatch.setenv(name, value or "")
    assert "Nothing had to be changed." in place.setup().output


def ask(database: Database) -> None:
    """Somebody's question, stored with the key of that database."""
    with database.write() as session:
        question = {"role": "user", "person_id": "p" * 26, "person_name": "ann", "text": "Why?"}
        session.add(Message(**question, created_at=clock(session)))


def lose_key(place: Installation) -> str:
    """What is left of `.env`."""
    lines = [line for line in place.env.read_text().splitlines(keepends=True) if "ENCRYPTION_KEYS" not in line]
    place.env.write_text("".join(lines))
    return "".join(lines)


def test_a_lost_key_is_not_replaced_where_texts_are_stored_with_it(place: Installation, database: Database) -> None:
    place.env.write_text(f"CHORUS_DATABASE_URL={database.url.render_as_string(hide_password=False)}\n")
    place.setup()
    left = lose_key(place)
    ask(database)
    assert "stored with a key that is missing. Put CHORUS_ENCRYPTION_KEYS back" in place.refuses()
    assert place.env.read_text() == left


def test_the_database_is_looked_at_where_it_is_by_default_too(place: Installation) -> None:
    place.setup()
    lose_key(place)
    database = Database(config.database(), (Fernet.generate_key().decode(),))
    Base.metadata.create_all(database.engine)
    ask(database)
    database.close()
    assert "stored with a key that is missing" in place.refuses()


def test_a_lost_key_is_replaced_where_nothing_was_asked_yet(place: Installation, database: Database) -> None:
    place.env.write_text(f"CHORUS_DATABASE_URL={database.url.render_as_string(hide_password=False)}\n")
    assert place.setup().exit_code == 0
    assert place.load().encryption_keys


def test_tokens_that_are_written_wrongly_are_not_overwritten(place: Installation) -> None:
    place.env.write_text("CHORUS_COMMAND_TOKENS=abc\n")
    assert "CHORUS_COMMAND_TOKENS must be written name=token" in place.refuses()
    assert "CHORUS_COMMAND_TOKENS=abc\n" in place.env.read_text()
