"""WebSockets: who may open one, what comes first, what is replayed, and what happens on bad days."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.playground import Playground
from tests.playground.errors import ApiError
from tests.playground.recorded import recorded
from tests.unit.playground.lab import AI_HELP, ALICE, lab

BY_BOT = "ai-token"
AGES = pytest.mark.parametrize("age", ["5.37", "11"])
MISSED = [
    json.loads(one["data"]["post"])["message"] for one in recorded("v11_e_ws_reconnect_replay")["response"]["events"]
]


@contextmanager
def socket(playground: Playground, token: str = BY_BOT, query: str = "", **more: Any) -> Iterator[ClientConnection]:
    """A WebSocket of the bot's, with its token in the upgrade."""
    url = playground.url.replace("http", "ws", 1) + "/api/v4/websocket" + query
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with connect(url, additional_headers=headers, proxy=None, ping_interval=None, **more) as opened:
        yield opened


def read(opened: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(opened.recv(timeout=20))
    return found


def message(event: dict[str, Any]) -> str:
    return str(json.loads(event["data"]["post"])["message"])


def resumed(hello: dict[str, Any], number: int) -> str:
    return f"?connection_id={hello['data']['connection_id']}&sequence_number={number}"


def ended(opened: ClientConnection) -> bool:
    """Whether the server ends it, after whatever it still says."""
    try:
        while True:
            opened.recv(timeout=20)
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False


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


# Going and coming back


def test_v11_replays_what_was_missed_as_recorded() -> None:
    numbers = [one["seq"] for one in recorded("v11_e_ws_reconnect_replay")["response"]["events"]]
    with lab() as playground:
        with socket(playground) as opened:
            hello = read(opened)
            for text in ("seen 1", "seen 2"):
                playground.post_as("alice", AI_HELP, text)
                read(opened)
        for text in MISSED:
            playground.post_as("alice", AI_HELP, text)
        with socket(playground, query=resumed(hello, 3)) as opened:
            again = [read(opened), read(opened)]
            assert [(message(one), one["seq"]) for one in again] == list(zip(MISSED, numbers, strict=True))
            assert ["mentions" in one["data"] for one in again] == [False, True]
            playground.post_as("alice", AI_HELP, "and on")
            assert read(opened)["seq"] == 5


def test_a_cut_socket_is_resumed_time_and_again() -> None:
    with lab() as playground:
        with socket(playground) as opened:
            hello = read(opened)
            playground.cut_sockets()
            assert ended(opened)
        for number in range(1, 21):
            playground.post_as("alice", AI_HELP, str(number))
            with socket(playground, query=resumed(hello, number)) as opened:
                found = read(opened)
                assert (found["seq"], message(found)) == (number, str(number))
                playground.cut_sockets()
                assert ended(opened)


@pytest.mark.parametrize(("missed", "first"), [(150, "typing"), (400, "typing"), (401, "hello"), (420, "hello")])
def test_so_many_missed_events_are_replayed_and_no_more(missed: int, first: str) -> None:
    with lab() as playground:
        with socket(playground) as opened:
            hello = read(opened)
        with playground.store.transaction():
            for _ in range(missed):
                playground.server.emit("typing", {"user_id": ALICE, "parent_id": ""}, channel_id=AI_HELP)
        with socket(playground, query=resumed(hello, 1)) as opened:
            found = read(opened)
    assert (found["event"], found["seq"]) == (first, 1 if first == "typing" else 0)
    if first == "hello":
        assert found["data"]["connection_id"] != hello["data"]["connection_id"]


@pytest.mark.parametrize("query", ["?connection_id=unknown&sequence_number=1", "?sequence_number=3"])
def test_who_is_not_known_gets_a_new_hello(query: str) -> None:
    with lab() as playground, socket(playground, query=query) as opened:
        assert read(opened)["event"] == "hello"


def test_nobody_resumes_the_connection_of_another() -> None:
    with lab() as playground:
        with socket(playground) as opened:
            hello = read(opened)
        playground.post_as("alice", AI_HELP, "missed")
        with socket(playground, token="bob-token", query=resumed(hello, 1)) as opened:
            found = read(opened)
        assert found["data"]["connection_id"] != hello["data"]["connection_id"]


def test_nobody_resumes_a_connection_that_is_open() -> None:
    with lab() as playground, socket(playground) as opened:
        hello = read(opened)
        with socket(playground, query=resumed(hello, 1)) as second:
            assert read(second)["event"] == "hello"


def test_with_a_challenge_the_parameters_are_ignored() -> None:
    with lab() as playground:
        with socket(playground) as opened:
            hello = read(opened)
        with socket(playground, token="", query=resumed(hello, 1)) as opened:
            opened.send(json.dumps({"seq": 1, "action": "authentication_challenge", "data": {"token": "ai-token"}}))
            found = read(opened)
    assert found["data"]["connection_id"] != hello["data"]["connection_id"]


def test_5_37_replays_nothing() -> None:
    with lab("5.37") as playground:
        with socket(playground) as opened:
            read(opened)
        playground.post_as("alice", AI_HELP, "missed")
        with socket(playground, query="?connection_id=x&sequence_number=1") as opened:
            assert read(opened)["event"] == "hello"
            playground.post_as("alice", AI_HELP, "seen")
            found = read(opened)
            assert (message(found), found["seq"]) == ("seen", 1)


# Bad days


@AGES
def test_new_sockets_are_refused_until_good_days_come_again(age: str) -> None:
    with lab(age) as playground:
        playground.faults.refuse_sockets()
        for _ in range(2):
            with pytest.raises(InvalidStatus), socket(playground):
                pass
        playground.faults.clear()
        with socket(playground) as opened:
            assert read(opened)["event"] == "hello"


def test_a_socket_is_dropped_after_so_many_events() -> None:
    with lab() as playground:
        playground.faults.drop_sockets_after(2)
        with socket(playground) as opened:
            hello = read(opened)
            for text in ("one", "two", "three"):
                playground.post_as("alice", AI_HELP, text)
            assert [message(read(opened)) for _ in range(2)] == ["one", "two"]
            with pytest.raises(ConnectionClosed):
                read(opened)
        with socket(playground, query=resumed(hello, 3)) as opened:
            assert message(read(opened)) == "three"


@AGES
def test_a_revoked_token_ends_its_sockets(age: str) -> None:
    with lab(age) as playground, socket(playground) as opened, socket(playground, token="bob-token") as other:
        read(opened)
        read(other)
        playground.revoke("ai")
        assert ended(opened)
        playground.post_as("alice", AI_HELP, "hi")
        assert message(read(other)) == "hi"


@AGES
def test_a_server_that_stops_ends_its_sockets(age: str) -> None:
    playground = lab(age).start()
    with socket(playground) as opened:
        read(opened)
        began = time.monotonic()
        playground.stop()
        assert ended(opened)
        assert time.monotonic() - began < 15  # a socket that is not ended is waited for a minute


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
