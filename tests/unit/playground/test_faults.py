"""Bad days on order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.playground import Playground
from tests.playground.recorded import recorded


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground() as made:
        made.add_team()
        made.add_bot("ai")
        yield made


def test_a_fault_holds_for_its_path_and_as_often_as_ordered(playground: Playground) -> None:
    playground.faults.add("GET /api/v4/users/me$", status=503, times=2)
    with requests.Session() as session:
        url, headers = f"{playground.url}/api/v4/users/me", {"Authorization": f"Bearer {playground.token('ai')}"}
        assert [session.get(url, headers=headers, timeout=5).status_code for _ in range(3)] == [503, 503, 200]
    assert playground.call("ai", "GET", "/users/me/teams").status == 200


def test_a_rate_limit_is_the_recorded_one(playground: Playground) -> None:
    expected = recorded("v11_e_rate_limited_429")["response"]
    playground.faults.rate_limit(retry_after="1")
    with requests.Session() as session:
        answer = session.get(f"{playground.url}/api/v4/users/me", timeout=5)
    assert (answer.status_code, answer.text) == (expected["status"], expected["body"])
    names = [name for name in expected["headers"] if name.startswith(("Retry", "X-Ratelimit"))]
    assert {name: answer.headers[name] for name in names} == {name: expected["headers"][name] for name in names}
    assert "X-Version-Id" not in answer.headers


@pytest.mark.parametrize("how", [{"drop": "before"}, {"drop": "after"}, {"half": True}])
def test_a_connection_breaks(playground: Playground, how: dict[str, Any]) -> None:
    channel = playground.add_channel(members=["ai"])
    playground.faults.add("POST", **how)
    with pytest.raises(requests.RequestException):
        playground.call("ai", "POST", "/posts", {"channel_id": channel["id"], "message": "x"})
    assert len(playground.posts(channel)) == (0 if how.get("drop") == "before" else 1)


def test_garbage_comes_in_place_of_an_answer(playground: Playground) -> None:
    playground.faults.add("/users/me", body="<html>", content_type="text/html")
    with requests.Session() as session:
        answer = session.get(f"{playground.url}/api/v4/users/me", timeout=5)
    assert answer.text == "<html>"


def test_an_answer_is_late(playground: Playground) -> None:
    playground.faults.add("/users/me", delay=0.2)
    before = time.monotonic()
    assert playground.call("ai", "GET", "/users/me").status == 200
    assert time.monotonic() - before >= 0.2


def test_an_answer_drips(playground: Playground) -> None:
    playground.faults.add("/users/me", drip=0.001)
    before = time.monotonic()
    assert playground.call("ai", "GET", "/users/me").json["username"] == "ai"
    assert time.monotonic() - before >= 0.1  # of some hundred bytes


def test_good_days_come_again(playground: Playground) -> None:
    playground.faults.add("", status=500, times=99)
    playground.faults.clear()
    assert playground.call("ai", "GET", "/users/me").status == 200
