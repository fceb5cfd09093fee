"""What a bot's ears do on bad days: garbage, refusals, silence, and peers that are dead without a word."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from contextlib import closing
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from mmapp.mattermost.errors import Unauthorized
from mmapp.mattermost.event_kinds import (
    Event,
)
from mmapp.mattermost.events import MAX_FRAME, Events, Pace
from mmapp.mattermost.inbox import Inbox
from tests.unit.mattermost.listening import (
    CONNECTION,
    IMPATIENT,
    SOCKET,
    TOKEN,
    Server,
    answer,
    heard,
    hello,
    messages,
    once,
    posted,
    reasons,
    say,
    stay,
    take,
    to_bot,
)


def test_a_line_that_is_cut_within_an_event_loses_nothing() -> None:
    async def cut(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1))
        connection.transport.write(b"\x81\x7e\x04\x00" + json.dumps(posted(2, seq=2)).encode()[:500])  # 500 of 1,024
        connection.transport.close()

    async def rest(connection: ServerConnection) -> None:
        await say(connection, posted(2, seq=2))
        await stay(connection)

    server = Server([cut, rest])
    assert messages(heard(server, 3)) == [None, "1", "2"]
    assert server.asked()[1].endswith("sequence_number=2")


GARBAGE = {
    "no JSON": b"whoever reads this",
    "no object": b'["whoever reads this"]',
    "null": b"null",
    "nothing": b"",
    "no text": b"\xff\xfe\xfd",
    "deep": b"[" * 100_000,
    "long number": b'{"seq": ' + b"1" * 10_000 + b"}",
}
MALFORMED: dict[str, dict[str, Any]] = {
    "post that is no JSON": {"event": "posted", "data": {"post": "{whoever reads this"}},
    "no data": {"event": "posted", "data": None},
    "post without id": {"event": "post_edited", "data": {"post": '{"message": "whoever reads this"}'}},
    "mentions that are no list": to_bot("e_ws_posted_dm")
    | {"data": {"post": '{"id": "a", "channel_id": "b"}', "mentions": "1"}},
    "reaction without emoji": {"event": "reaction_added", "data": {"reaction": '{"user_id": "whoever reads this"}'}},
    "nobody joined": {"event": "user_added", "data": {}, "broadcast": {}},
    "archived nowhere": {"event": "channel_deleted", "data": {"channel_id": 7}},
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_skipped_and_what_it_may_have_been_is_a_gap(garbage: bytes, logged: list[Any]) -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, hello())
        await connection.send(garbage)
        await say(connection, posted(1, seq=1))
        await connection.send(garbage, text=True)
        await say(connection, posted(3, seq=3))
        await stay(connection)

    assert messages(heard(Server([visit]), 4)) == [None, "1", None, "3"]
    assert len(reasons(logged)) == 2
    assert "whoever" not in str(logged)


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_event_is_skipped_alone(malformed: dict[str, Any], logged: list[Any]) -> None:
    async def visit(connection: ServerConnection) -> None:
        await say(connection, hello(), malformed | {"seq": 1}, posted(2, seq=2))
        await stay(connection)

    assert messages(heard(Server([visit]), 2)) == [None, "2"]
    assert len(reasons(logged)) == 1
    assert "whoever" not in str(logged)


def test_a_frame_that_is_too_large_is_not_asked_for_again() -> None:
    async def huge(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1))
        await connection.send("x" * (MAX_FRAME + 1))
        await stay(connection)

    server = Server([huge, once])
    assert messages(heard(server, 4)) == [None, "1", None, "1"]
    assert server.asked() == [SOCKET] * 2


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (403, "Mattermost refused"),
        (404, "Mattermost refused"),
        (429, "too many requests"),
        (500, "Mattermost refused"),
        (502, "Mattermost refused"),
        (302, "redirects elsewhere"),
        (200, "no WebSocket"),
    ],
)
def test_a_server_that_takes_no_upgrade_is_asked_again(status: int, why: str, logged: list[Any]) -> None:
    page = answer(status, "<html>whoever reads this</html>", Location="/elsewhere")
    server = Server([page, page, once])
    assert messages(heard(server, 2)) == [None, "1"]
    assert server.asked() == [SOCKET] * 3
    assert [why in reason and str(status) in reason for reason in reasons(logged)] == [True, True]
    assert "whoever" not in str(logged)


def test_a_token_that_is_not_taken_is_an_error_without_the_token_in_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Unauthorized) as caught:
        heard(Server([answer(401, json.dumps({"id": "api.context.session_expired", "status_code": 401}))]), 1)
    assert (caught.value.status, caught.value.own) == (401, True)
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_neither_the_token_nor_what_is_said_is_in_any_log_however_talkative(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    heard(Server([once]), 2)
    assert TOKEN not in caplog.text
    assert CONNECTION not in caplog.text


async def hang_up(connection: ServerConnection) -> None:
    """What a server does that takes an upgrade with any token, and then finds nobody behind it."""


def test_a_token_that_is_refused_in_silence_is_found_out_over_rest() -> None:
    server = Server([hang_up], me=401)
    with pytest.raises(Unauthorized):
        heard(server, 1)
    assert server.probes == 1


@pytest.mark.parametrize("status", [200, 500])
def test_a_server_that_hangs_up_in_silence_is_asked_again(status: int, logged: list[Any]) -> None:
    server = Server([hang_up, hang_up, once], me=status)
    assert messages(heard(server, 2)) == [None, "1"]
    assert [reason.startswith("the server said nothing") for reason in reasons(logged)] == [True, True]
    assert server.probes == 2


def test_a_server_that_says_no_hello_in_time_is_left() -> None:
    server = Server([stay, once])
    assert messages(heard(server, 2, pace=Pace(hello=0.05, wait_least=0.0, wait_most=0.0))) == [None, "1"]


def test_a_replay_may_have_nothing_to_say_for_as_long_as_nothing_happens() -> None:
    async def quiet(connection: ServerConnection) -> None:
        for _ in range(20):  # twenty times longer than a hello may take
            await (await connection.ping())
            await asyncio.sleep(0.01)
        await say(connection, posted(2, seq=2))
        await stay(connection)

    async def first(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1))

    async def play() -> list[Event]:
        server = Server([first, quiet])
        async with server.open():
            events = Events(server.url, TOKEN, pace=Pace(hello=30.0, wait_least=0.0, wait_most=0.0))
            found: list[Event] = []
            async for event in events.stream():
                found.append(event)
                events._pace = Pace(hello=0.01, wait_least=0.0, wait_most=0.0)
                if len(found) == 3:
                    break
            return found

    assert messages(asyncio.run(play())) == [None, "1", "2"]


async def visited(times: int, says: bytes, pace: Pace) -> None:
    """Listen to a server that says only this, until it was visited so often."""
    left = [None] * times
    enough = asyncio.Event()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            left.pop()
            if not left:
                enough.set()
            writer.write(says)
            if says:
                writer.write_eof()
            await reader.read(-1)

    async with await asyncio.start_server(visit, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        listening = asyncio.create_task(take(Events(url, TOKEN, pace=pace).stream(), 1))
        await enough.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening


def test_a_server_that_never_answers_the_upgrade_is_left_and_asked_again() -> None:
    asyncio.run(visited(2, b"", Pace(open=0.05, wait_least=0.0, wait_most=0.0)))


def test_a_server_that_speaks_no_http_is_asked_again(logged: list[Any]) -> None:
    asyncio.run(visited(3, b"220 mail.example whoever reads this\r\n\r\n", IMPATIENT))
    assert "InvalidMessage" in reasons(logged)
    assert "whoever" not in str(logged)


def test_a_peer_that_is_dead_without_a_word_is_noticed() -> None:
    async def dead(connection: ServerConnection) -> None:
        await say(connection, hello(), posted(1, seq=1))
        connection.transport.pause_reading()  # type: ignore[attr-defined]
        await stay(connection)

    pace = Pace(ping=0.1, pong=0.3, close=0.1, wait_least=0.0, wait_most=0.0)
    assert messages(heard(Server([dead, once]), 3, pace=pace)) == [None, "1", None]


def test_a_listener_that_stands_still_stops_the_reading_and_not_the_memory() -> None:
    class Endless:
        read = 0

        async def recv(self, **_: bool) -> bytes:
            self.read += 1
            return b"x" * 10

    async def play() -> None:
        source, inbox = Endless(), Inbox(limit=100)
        filling = asyncio.create_task(inbox.fill(source))  # type: ignore[arg-type]
        for _ in range(200):
            await asyncio.sleep(0)
        assert source.read == 11  # ten wait, and one is at the door
        assert await inbox.get() == b"x" * 10
        for _ in range(200):
            await asyncio.sleep(0)
        assert source.read == 12
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)

    asyncio.run(play())


def test_who_is_told_to_stop_says_goodbye() -> None:
    async def play() -> int | None:
        gone: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        heard_one = asyncio.Event()

        async def visit(connection: ServerConnection) -> None:
            await say(connection, hello())
            await stay(connection)
            gone.set_result(connection.close_code)

        async def listen(url: str) -> None:
            async for _ in Events(url, TOKEN, pace=IMPATIENT).stream():
                heard_one.set()

        server = Server([visit])
        async with server.open():
            listening = asyncio.create_task(listen(server.url))
            await heard_one.wait()
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening
            return await gone

    assert asyncio.run(play()) == 1000
