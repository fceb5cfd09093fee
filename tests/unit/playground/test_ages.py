"""Where 5.37 and 11 differ, beyond what single recorded exchanges show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.playground.recorded import recorded
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import AI_HELP, BOT, DEV, lab


@pytest.mark.parametrize("case", recorded("v11_d_props_rules")["cases"], ids=lambda case: case["case"])
def test_what_v11_calls_invalid_in_its_log_is_noticed(case: dict[str, Any]) -> None:
    body = {"channel_id": AI_HELP, "message": "props", "props": case["props"]}
    with lab("11") as playground:
        assert playground.call("ai", "POST", "/posts", body).status == case["status"]
        noticed = playground.server.warnings
    if case["server_warning"] is None:
        assert noticed == []
    else:
        assert [reason for reason in noticed if reason in case["server_warning"]] == noticed != []


@pytest.mark.parametrize(
    ("age", "licensed", "status"), [("11", False, 400), ("11", True, 400), ("5.37", True, 400), ("5.37", False, 200)]
)
def test_edits_end_after_a_while_on_5_37_with_a_licence_alone(age: str, licensed: bool, status: int) -> None:
    with lab(age, PostEditTimeLimit=1, Licensed=licensed) as playground:
        made = playground.post_as("ai", AI_HELP, "first")
        playground.advance(2.2)
        patched = playground.call("ai", "PUT", f"/posts/{made['id']}/patch", {"message": "late edit"})
        assert patched.status == status
        assert playground.post(made)["message"] == ("late edit" if status == 200 else "first")


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_an_update_after_a_click_is_no_late_edit(age: str) -> None:
    limit = {"PostEditTimeLimit": 0, "Licensed": True}
    with Stub(Reply(body={"update": {"message": "updated"}})) as app, lab(age, **limit) as playground:
        button = {"id": "ok", "name": "OK", "type": "button", "integration": {"url": f"{app.url}/action"}}
        made = playground.post_as("ai", AI_HELP, "first", props={"attachments": [{"actions": [button]}]})
        playground.advance(5)
        assert playground.call("ai", "PUT", f"/posts/{made['id']}/patch", {"message": "late"}).status == 400
        assert playground.click("bob", made["id"], "OK").status == 200
        assert playground.post(made)["message"] == "updated"


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_some_servers_refuse_every_edit(age: str) -> None:
    with lab(age, MayEdit=False) as playground:
        made = playground.post_as("ai", AI_HELP, "first")
        assert playground.call("ai", "PUT", f"/posts/{made['id']}/patch", {"message": "second"}).status == 403


@pytest.mark.parametrize(("age", "followers"), [("5.37", {}), ("11", {"alice": 1, "ai": 0})])
def test_a_reply_of_the_bot_is_unread_for_followers_on_v11_alone(age: str, followers: dict[str, int]) -> None:
    with lab(age) as playground:
        root = playground.post_as("alice", DEV, "root")
        playground.post_as("ai", DEV, "reply", root)
        assert playground.followers(root) == followers
        assert playground.mention_count("alice", DEV) == 0


@pytest.mark.parametrize("name", ["a_slash_in_thread", "v11_a_override_on_ephemeral"])
def test_an_ephemeral_answer_has_the_askers_id_and_the_recorded_keys(name: str) -> None:
    event = recorded(name)["websocket_events_seen"]["alice"][0]
    expected = json.loads(event["data"]["post"])
    with Stub(Reply(body={"text": "got it"})) as app:
        settings = {"EnablePostUsernameOverride": True}
        with lab("11" if name.startswith("v11") else "5.37", app.url, **settings) as playground:
            root = playground.post_as("bob", AI_HELP, "root")
            playground.slash("alice", AI_HELP, "/ai x", root["id"] if expected["root_id"] else "")
            (found,) = playground.ephemerals("alice")
    assert set(found) == set(expected)
    assert (found["user_id"], found["props"]) == (expected["user_id"], expected["props"])
    assert found.get("parent_id") == expected.get("parent_id")


def test_an_ephemeral_of_the_bots_own_has_its_id_and_the_recorded_keys() -> None:
    exchange = recorded("v11_d_post_ephemeral_as_bot_granted")
    with lab("11") as playground:
        playground.grant_ephemerals("ai")
        playground.call("ai", "POST", "/posts/ephemeral", exchange["request"]["body"])
        (found,) = playground.ephemerals("alice")
    assert set(found) == set(exchange["response"]["body"])
    assert found["user_id"] == BOT


@pytest.mark.parametrize(("length", "status"), [(7_992, 201), (7_993, 400)])
def test_props_of_5_37_hold_8_000_characters(length: int, status: int) -> None:
    body = {"channel_id": AI_HELP, "message": "props", "props": {"a": "p" * length}}
    with lab("5.37") as playground:
        assert playground.call("alice", "POST", "/posts", body).status == status


@pytest.mark.parametrize(("sign", "statuses"), [("a", {"5.37": 200, "11": 200}), ("é", {"5.37": 200, "11": 413})])
def test_a_command_of_200_000_characters_reaches_the_app_of_5_37_whatever_its_bytes(
    sign: str, statuses: dict[str, int]
) -> None:
    for age, status in statuses.items():
        with Stub(Reply(body={"text": "got it"})) as app, lab(age, app.url) as playground:
            assert playground.slash("alice", AI_HELP, f"/ai {sign * 200_000}").status == status
            assert len(app.calls) == (status == 200)


def test_v11_lists_the_threads_that_a_bot_has_not_read_in_one_call() -> None:
    exchange = recorded("v11_e_bot_threads_unread")
    path = exchange["request"]["path"].removeprefix("/api/v4")
    with lab("11") as playground:
        own, named = playground.post_as("ai", AI_HELP, "bot root"), playground.post_as("alice", DEV, "T root")
        playground.post_as("carol", DEV, "nothing to it")
        playground.post_as("alice", AI_HELP, "reply to bot", own)
        playground.post_as("bob", DEV, "@ai look", named)
        found = playground.call("ai", "GET", path, params=exchange["request"]["params"]).json
        assert [one["id"] for one in found["threads"]] == [named["id"], own["id"]]
        assert [(one["unread_replies"], one["unread_mentions"]) for one in found["threads"]] == [(1, 1), (1, 0)]
        assert (found["total"], found["total_unread_threads"], found["total_unread_mentions"]) == (2, 2, 1)
        expected = exchange["response"]["body"]
        assert found.keys() == expected.keys()
        assert found["threads"][1].keys() == expected["threads"][0].keys()
        for part in ("post", "participants"):
            one, other = found["threads"][1][part], expected["threads"][0][part]
            assert (one[0] if isinstance(one, list) else one).keys() == (
                other[0] if isinstance(other, list) else other
            ).keys()
        playground.post_as("ai", DEV, "seen", named)
        later = f"{path}?unread=true&since={found['threads'][0]['last_reply_at'] + 1}"
        assert [one["id"] for one in playground.call("ai", "GET", f"{path}?unread=true").json["threads"]] == [own["id"]]
        assert playground.call("ai", "GET", later).json["threads"] == []
        assert playground.call("bob", "GET", path).status == 403
