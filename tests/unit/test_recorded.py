"""What real servers of both ages were recorded to send to an app, sent to this one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient

from mmapp.commands.parse import parse
from mmapp.config import Settings
from mmapp.web.app import create_app
from mmapp.web.edge import Edge
from tests.conftest import KEY

RECORDED = Path(__file__).parents[1] / "fixtures" / "mattermost"
TEAM = "s1zq7t91efbg3grxm46o4ofknr"
TOKENS = ("abhahh8f1tnsud6okbbpr7tife", "newslashtokennewslashtoken")


def requests(path: str) -> list[Any]:
    """Every recorded request that a server made to this path of an app."""
    found = []
    for file in sorted(RECORDED.glob("*.json")):
        request = json.loads(file.read_text()).get("request") or {}
        # Two bodies of 20,000 and 200,000 characters were cut in the recording; tests/unit/test_web.py has their like.
        whole = "body" in request and "characters cut" not in str(request["body"])
        if request.get("path") == path and request.get("method") == "POST" and whole:
            found.append(pytest.param(request, id=file.stem))
    return found


@pytest.fixture
def client(database_url: str) -> Iterator[FlaskClient]:
    app = create_app(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            mattermost_url="http://127.0.0.1:8065",
            public_url="http://127.0.0.1:5055",
            bot_tokens=(("ai", "bot"),),
            command_tokens=tuple((TEAM, token) for token in TOKENS),
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


def send(client: FlaskClient, path: str, request: Any) -> dict[str, Any]:
    body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
    answer = client.post(path, data=body, headers=[pair for pair in request["headers"] if pair[0] != "Content-Length"])
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_there_is_something_to_replay() -> None:
    assert len(requests("/slash")) > 20
    assert len(requests("/action")) > 10


@pytest.mark.parametrize("request_", requests("/slash"))
def test_every_recorded_command_is_understood(client: FlaskClient, request_: Any) -> None:
    text = parse_qs(request_["body"], keep_blank_values=True)["text"][0]
    answer = send(client, "/mattermost/slash", request_)
    assert "could not be read" not in answer["text"]
    assert "token is not known" not in answer["text"]
    expected = {"menu": "`/ai ask", "ask": "no worker is running"}.get(parse(text).verb, "There is no `/ai")
    assert ("characters; at most" if len(text) > 100_000 else expected) in answer["text"]


@pytest.mark.parametrize("request_", requests("/action"))
def test_every_recorded_click_of_a_foreign_button_does_nothing(client: FlaskClient, request_: Any) -> None:
    assert "no longer works" in send(client, "/mattermost/action", request_)["ephemeral_text"]


@pytest.mark.parametrize("request_", requests("/dialog"))
def test_every_recorded_submission_that_we_did_not_sign_does_nothing(client: FlaskClient, request_: Any) -> None:
    assert "nothing was changed" in send(client, "/mattermost/dialog", request_)["error"]
