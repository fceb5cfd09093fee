"""WebSockets: who may open one, what comes first, and what comes then."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.playground import Playground
from tests.playground.errors import ApiError
from tests.playground.recorded import recorded
from tests.unit.playground.lab import AI_HELP, ALICE, lab
from tests.unit.playground.wire import message, read, socket

AGES = pytest.mark.parametrize("age", ["5.37", "11"])

# Coming in


def test_the_hello_of_v11_is_the_recorded_one() -> None:
    (expected,) = recorded("v11_e_ws_reconnect_too_old")["response"]["events"]
    with lab() as playground, socket(playground) as opened:
        hello = read(opened)
    assert len(hello["data"].pop("connection_id")) == len(expected["data"].pop("connection_id"))
    assert hello == expected


def test_a_hello_of_5_37_has_no_connection_id() -> None:
    with lab("5.37") as playground, socket(playground) as opened:
        hello = read(opened)
    assert (hello["event"], hello["seq"], hello["data"].keys()) == ("hello", 0, {"server_version"})


@AGES
def test_a_token_may_come_by_challenge(age: str) -> None:
    with lab(age) as playground, socket(playground, token="") as opened:
        opened.send(json.dumps({"seq": 1, "action": "authentication_challenge", "data": {"token": "ai-token"}}))
        assert (read(opened)["event"], read(opened)) == ("hello", {"status": "OK", "seq_reply": 1})
        playground.post_as("alice", AI_HELP, "hi")
        assert message(read(opened)) == "hi"


@AGES
def test_a_wrong_token_by_challenge_ends_it(age: str) -> None:
    with lab(age) as playground, socket(playground, token="") as opened:
        opened.send(json.dumps({"seq": 1, "action": "authentication_challenge", "data": {"token": "wrong"}}))
        with pytest.raises(ConnectionClosed):
            read(opened)


@AGES
@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_right_token_it_ends_after_a_while(age: str, token: str) -> None:
    with lab(age, AuthenticationSeconds=0.05) as playground, socket(playground, token=token) as opened:
        playground.post_as("alice", AI_HELP, "not for everybody")
        with pytest.raises(ConnectionClosed):
            read(opened)


@AGES
def test_another_origin_is_refused_as_recorded(age: str) -> None:
    expected = recorded("v11_e_ws_origin_refused")["response"]
    with lab(age) as playground:
        with pytest.raises(InvalidStatus) as refused, socket(playground, origin="http://evil.invalid"):
            pass
        with socket(playground, origin=playground.url) as own:
            assert read(own)["event"] == "hello"
    body = json.loads(refused.value.response.body)
    assert (refused.value.response.status_code, body.keys()) == (expected["status"], expected["body"].keys())
    for key in ("id", "message", "status_code"):
        assert body[key] == expected["body"][key]


def test_a_plain_request_is_no_websocket() -> None:
    with lab() as playground:
        assert playground.call("ai", "GET", "/websocket").status == 400


# Being there


@AGES
def test_each_connection_counts_its_own_events(age: str) -> None:
    with lab(age) as playground, socket(playground) as first:
        assert read(first)["seq"] == 0
        playground.post_as("alice", AI_HELP, "one")
        assert read(first)["seq"] == 1
        with socket(playground) as second:
            read(second)
            playground.post_as("alice", AI_HELP, "two")
            assert (read(first)["seq"], read(second)["seq"]) == (2, 1)


def says_and_fails(playground: Playground) -> None:
    with playground.store.transaction():
        playground.post_as("alice", AI_HELP, "taken back")
        playground.post_as("alice", AI_HELP, "too long" * 3_000)


def test_an_event_that_was_rolled_back_is_not_sent() -> None:
    with lab() as playground, socket(playground) as opened:
        read(opened)
        with pytest.raises(ApiError):
            says_and_fails(playground)
        playground.post_as("alice", AI_HELP, "stands")
        assert message(read(opened)) == "stands"


def test_twenty_sockets_get_a_hundred_events_each_in_order() -> None:
    with lab() as playground:
        contexts = [socket(playground) for _ in range(20)]
        opened = [context.__enter__() for context in contexts]
        assert {read(one)["event"] for one in opened} == {"hello"}
        assert playground.connected("ai") == 20
        for number in range(100):
            playground.post_as("alice", AI_HELP, str(number))
        for one in opened:
            assert [message(read(one)) for _ in range(100)] == [str(number) for number in range(100)]
        for context in contexts:
            context.__exit__(None, None, None)


def test_a_client_is_answered_its_pings() -> None:
    with lab() as playground, socket(playground) as opened:
        read(opened)
        assert opened.ping().wait(20)
        opened.send(json.dumps({"seq": 7, "action": "ping"}))
        assert read(opened)["seq_reply"] == 7


# What a bot is told


@AGES
def test_a_bot_is_told_when_it_is_removed_and_of_nothing_after_it(age: str) -> None:
    with lab(age) as playground, socket(playground) as opened:
        read(opened)
        playground.remove_member("ai", AI_HELP, by="alice")
        playground.post_as("alice", AI_HELP, "among us")
        playground.add_member("ai", AI_HELP, by="alice")
        seen = [read(opened) for _ in range(3)]
    assert [one["event"] for one in seen] == ["user_removed", "user_added", "posted"]
    assert (seen[0]["data"]["channel_id"], seen[0]["data"]["remover_id"]) == (AI_HELP, ALICE)
    assert message(seen[2]) == "ai added to the channel by alice."


@AGES
def test_a_bot_is_told_of_an_archived_channel_and_of_a_new_direct_one(age: str) -> None:
    with lab(age) as playground, socket(playground) as opened:
        read(opened)
        playground.archive(AI_HELP, by="alice")
        said, archived = read(opened), read(opened)
        channel = playground.direct("carol", "ai")
        added = read(opened)
    assert message(said) == "alice archived the channel."
    assert (archived["event"], archived["data"]["channel_id"]) == ("channel_deleted", AI_HELP)
    assert (added["event"], added["broadcast"]["channel_id"]) == ("direct_added", channel["id"])
