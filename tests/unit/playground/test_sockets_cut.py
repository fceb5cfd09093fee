"""WebSockets that break: what is replayed to those who come back, and bad days on order."""

from __future__ import annotations

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.playground.recorded import recorded
from tests.unit.playground.lab import AI_HELP, ALICE, lab
from tests.unit.playground.wire import ended, message, read, resumed, socket

AGES = pytest.mark.parametrize("age", ["5.37", "11"])
MISSED = [
    json.loads(one["data"]["post"])["message"] for one in recorded("v11_e_ws_reconnect_replay")["response"]["events"]
]


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
def test_a_bot_that_is_switched_off_is_cut_off(age: str) -> None:
    with lab(age) as playground, socket(playground) as opened:
        read(opened)
        playground.change_user("ai", delete_at=1)
        assert ended(opened)


@AGES
def test_a_server_that_stops_ends_its_sockets(age: str) -> None:
    playground = lab(age).start()
    with socket(playground) as opened:
        read(opened)
        began = time.monotonic()
        playground.stop()
        assert ended(opened)
        assert time.monotonic() - began < 15  # a socket that is not ended is waited for a minute
