"""A bot's ears: what it hears, and by which way it comes to hear it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from mmapp.mattermost import events as module
from mmapp.mattermost.event_kinds import (
    ChannelArchived,
    Deleted,
    Edited,
    Event,
    Frame,
    Joined,
    Left,
    Posted,
    Reacted,
    Unreacted,
)
from mmapp.mattermost.events import Events, Pace
from mmapp.mattermost.wire import USER_AGENT
from tests.playground.recorded import recorded
from tests.unit.mattermost.listening import (
    IMPATIENT,
    SOCKET,
    TOKEN,
    Server,
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

BOT, ALICE = "7n6i6ef7utfp5f1pfz9h59knry", "tq8tbwk6ejnzib4rqxw3h5ngxr"
SECRET_PLANS = "upq3s46f5f8time8uu5kojomne"


@pytest.mark.parametrize("name", ["e_ws_posted_mention_bot", "v11_e_ws_posted_mention_bot"])
def test_a_mention_is_heard_with_whom_it_notifies(name: str) -> None:
    event = Frame.parse(json.dumps(to_bot(name)).encode()).event()
    assert isinstance(event, Posted)
    assert (event.post.message, event.post.user_id) == ("hello @ai, what is up?", ALICE)
    assert (event.mentions, event.channel_type) == ({BOT}, "O")


def test_a_post_that_mentions_nobody_and_a_direct_message_are_told_apart() -> None:
    nobody = Frame.parse(json.dumps(to_bot("e_ws_posted_ai_plain_word")).encode()).event()
    direct = Frame.parse(json.dumps(to_bot("e_ws_posted_dm")).encode()).event()
    assert isinstance(nobody, Posted)
    assert isinstance(direct, Posted)
    assert (nobody.mentions, nobody.channel_type) == (frozenset(), "O")
    assert (direct.mentions, direct.channel_type, direct.post.message) == ({BOT}, "D", "hello in DM")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("e_ws_post_edited", Edited, "Thinking… a bit more"),
        ("v11_e_ws_post_edited", Edited, "Thinking… a bit more"),
        ("e_ws_post_deleted", Deleted, "delete me"),
        ("v11_e_ws_post_deleted", Deleted, "delete me"),
    ],
)
def test_edits_and_deletions_are_heard(name: str, kind: type[Edited | Deleted], message: str) -> None:
    event = Frame.parse(json.dumps(to_bot(name)).encode()).event()
    assert isinstance(event, kind)
    assert event.post.message == message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("e_ws_reaction_added", Reacted("8au18izshintbrnrjkufaur9hc", BOT, "eyes", "4a4xyxcwfffnxm5b9twqrnwx3c")),
        ("v11_e_ws_reaction_again", Reacted("dr8naihdj7fsjbpgztuy5qooty", BOT, "eyes", "4a4xyxcwfffnxm5b9twqrnwx3c")),
        ("e_ws_reaction_removed", Unreacted("8au18izshintbrnrjkufaur9hc", BOT, "eyes", "4a4xyxcwfffnxm5b9twqrnwx3c")),
        ("e_ws_channel_added", Joined(SECRET_PLANS, BOT)),
        ("v11_e_ws_channel_added", Joined(SECRET_PLANS, BOT)),
        ("e_ws_channel_removed", Left(SECRET_PLANS, BOT)),
    ],
)
def test_reactions_and_memberships_are_heard(name: str, expected: Event) -> None:
    assert Frame.parse(json.dumps(to_bot(name)).encode()).event() == expected


def test_others_see_the_bot_leave_in_another_shape() -> None:
    seen = recorded("e_ws_channel_removed")["websocket_events_seen"]["alice"][0]
    assert Frame.parse(json.dumps(seen).encode()).event() == Left(SECRET_PLANS, BOT)


def test_an_archived_channel_is_heard() -> None:
    frame = {
        "event": "channel_deleted",
        "data": {"channel_id": SECRET_PLANS, "delete_at": 1},
        "broadcast": {},
        "seq": 1,
    }
    assert Frame.parse(json.dumps(frame).encode()).event() == ChannelArchived(SECRET_PLANS)


def test_the_token_goes_with_the_upgrade_and_no_origin() -> None:
    server = Server([once])
    assert messages(heard(server, 2)) == [None, "1"]
    assert server.asked() == [SOCKET]
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.requests[0].headers["User-Agent"] == USER_AGENT
    assert "Origin" not in server.requests[0].headers
    assert "Cookie" not in server.requests[0].headers


def test_kinds_that_nobody_listens_to_and_answers_to_requests_are_passed_over() -> None:
    async def visit(connection: ServerConnection) -> None:
        typing = recorded("e_ws_typing")["websocket_events_seen"]["alice"][0] | {"seq": 1}
        reply = {"status": "OK", "seq_reply": 1}
        await say(connection, reply, hello(), typing, reply, {"event": "new_in_v12", "seq": 2})
        await say(connection, posted(3, seq=3))
        await stay(connection)

    assert messages(heard(Server([visit]), 2)) == [None, "3"]


def test_a_mattermost_below_a_path_is_reached() -> None:
    async def play() -> list[str]:
        server = Server([once])
        async with server.open():
            await take(Events(server.url + "/chat/", TOKEN, pace=IMPATIENT).stream(), 2)
        return server.asked()

    assert asyncio.run(play()) == ["/chat" + SOCKET]


def test_a_server_of_the_administrators_authority_is_heard_and_another_is_not(
    certificate: Path, logged: list[Any]
) -> None:
    async def play() -> tuple[list[Event], list[str]]:
        server = Server([once])
        async with server.open(tls=certificate):
            stranger = asyncio.create_task(take(Events(server.url, TOKEN, pace=IMPATIENT).stream(), 1))
            while not reasons(logged):
                await asyncio.sleep(0.001)
            stranger.cancel()
            await asyncio.gather(stranger, return_exceptions=True)
            assert server.asked() == []
            return await take(Events(server.url, TOKEN, ca_file=str(certificate)).stream(), 2), server.asked()

    events, asked = asyncio.run(play())
    assert (messages(events), asked) == ([None, "1"], [SOCKET])
    assert "SSLCertVerificationError" in reasons(logged)[0]


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
def test_the_environments_proxies_are_not_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert messages(heard(Server([once]), 2)) == [None, "1"]


def test_the_administrators_proxy_is_used() -> None:
    async def play() -> tuple[list[Event], list[bytes], str]:
        connects: list[bytes] = []

        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connects.append((await reader.readuntil(b"\r\n\r\n")).splitlines()[0])
            host, port = connects[-1].split()[1].decode().split(":")
            behind, to_behind = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(pipe(reader, to_behind), pipe(behind, writer))

        server = Server([once])
        async with server.open(), await asyncio.start_server(proxy, "127.0.0.1", 0) as listening:
            address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            found = await take(Events(server.url, TOKEN, proxy=address, pace=IMPATIENT).stream(), 2)
            return found, connects, server.url

    found, connects, url = asyncio.run(play())
    assert messages(found) == [None, "1"]
    assert connects == [f"CONNECT {url.removeprefix('http://')} HTTP/1.1".encode()]


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


def test_a_dead_peer_is_noticed_within_30_seconds_and_the_wait_is_a_minute_at_most() -> None:
    pace = Pace()
    assert pace.ping + pace.pong + pace.close < 30
    assert (pace.wait_least, pace.wait_most, pace.healthy) == (0.5, 60, 60)


def test_waits_grow_to_a_minute_and_begin_anew_after_a_healthy_one(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = module._Waits(Pace())
    spread = [waits.after(0) for _ in range(200)]
    assert all(0.5 <= wait <= 60 for wait in spread)
    assert len(set(spread)) > 100  # a hundred listeners do not come back at once
    monkeypatch.setattr(module.random, "uniform", lambda _least, most: most)
    waits = module._Waits(Pace())
    assert [waits.after(59) for _ in range(6)] == [1.5, 4.5, 13.5, 40.5, 60, 60]
    assert [waits.after(60), waits.after(0)] == [1.5, 4.5]
