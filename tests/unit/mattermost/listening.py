"""A Mattermost of one WebSocket, played by the test: what it says to each visitor is a function."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mmapp.mattermost.event_kinds import Event, Posted
from mmapp.mattermost.events import Events, Pace
from tests.playground.recorded import recorded

TOKEN = "hush-hush"
SOCKET = "/api/v4/websocket"
IMPATIENT = Pace(wait_least=0.0, wait_most=0.0)
CONNECTION = "uf5y71swfib4ux7gyocxzihcwe"
"""The id in the recorded `hello`."""

# Its log at DEBUG would hold the token, which no log of Chorus's may.
_quiet = logging.getLogger("tests.listening")
_quiet.setLevel(logging.WARNING)

Frame = dict[str, Any]
Visit = Callable[[ServerConnection], Awaitable[None]]


def hello(connection_id: str = CONNECTION) -> Frame:
    """The recorded `hello`; 5.37 has no replay, so an id in it would be of no use."""
    frame: Frame = copy.deepcopy(recorded("v11_e_ws_reconnect_too_old")["response"]["events"][0])
    frame["data"]["connection_id"] = connection_id
    return frame


def old_hello() -> Frame:
    """A `hello` without an id."""
    frame = hello()
    del frame["data"]["connection_id"]
    return frame


def to_bot(name: str, index: int = 0) -> Frame:
    """One event as the bot was told of it."""
    found = recorded(name)
    frame: Frame = found["websocket_events_seen"]["bot"][index] if "websocket_events_seen" in found else {}
    return copy.deepcopy(frame or found["response"]["event"])


def posted(number: int, seq: int) -> Frame:
    """A post whose message is a number."""
    frame = to_bot("v11_e_ws_posted_mention_bot")
    post = json.loads(frame["data"]["post"]) | {"message": str(number)}
    return frame | {"data": frame["data"] | {"post": json.dumps(post)}, "seq": seq}


async def say(connection: ServerConnection, *frames: Frame) -> None:
    """Send frames, one after the other."""
    for frame in frames:
        await connection.send(json.dumps(frame))


async def stay(connection: ServerConnection) -> None:
    """Say nothing until the visitor goes."""
    await connection.wait_closed()


def query(connection: ServerConnection) -> dict[str, str]:
    """What the visitor asked for."""
    assert connection.request
    return {key: values[0] for key, values in parse_qs(urlsplit(connection.request.path).query).items()}


@dataclass
class Server:
    """Answers each visitor with the next of its visits, the last one again and again; keeps what they asked."""

    visits: list[Visit | Response]
    me: int = 200
    """How its REST interface answers `users/me`."""
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    probes: int = 0

    @asynccontextmanager
    async def open(self, tls: Path | None = None) -> AsyncIterator[Server]:
        """Listen on a free port."""
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
        async with serve(
            self._visit,
            "127.0.0.1",
            0,
            process_request=self._answer,
            ssl=context,
            close_timeout=0.2,
            ping_interval=None,
            logger=_quiet,
        ) as server:
            port = server.sockets[0].getsockname()[1]
            self.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
            yield self

    def asked(self) -> list[str]:
        """The paths of all upgrades."""
        return [request.path for request in self.requests]

    def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        if request.path.endswith("/users/me"):
            self.probes += 1
            return answer(self.me)
        self.requests.append(request)
        visit = self.visits[min(len(self.requests), len(self.visits)) - 1]
        return visit if isinstance(visit, Response) else None

    async def _visit(self, connection: ServerConnection) -> None:
        visit = self.visits[min(len(self.requests), len(self.visits)) - 1]
        assert not isinstance(visit, Response)
        await visit(connection)


def answer(status: int, body: str = "{}", **headers: str) -> Response:
    """An answer that is no upgrade."""
    return Response(status, "as told", Headers({"Content-Length": str(len(body)), **headers}), body.encode())


def messages(events: list[Event]) -> list[str | None]:
    """Each post's message, None for a gap."""
    return [event.post.message if isinstance(event, Posted) else None for event in events]


def reasons(logged: list[Any]) -> list[str]:
    """Why events were not heard, as an administrator reads it."""
    return [call.kwargs["why"] for call in logged if call.method_name == "warning"]


async def once(connection: ServerConnection) -> None:
    """A server in good order: says hello and one post, and stays."""
    await say(connection, hello(), posted(1, seq=1))
    await stay(connection)


async def take(stream: AsyncGenerator[Event, None], count: int) -> list[Event]:
    """So many events, and then no more."""
    found: list[Event] = []
    async with aclosing(stream) as events:
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
    return found


def heard(server: Server, count: int, **options: Any) -> list[Event]:
    """What a bot hears first of this server."""
    return asyncio.run(_heard(server, count, **options))


async def _heard(server: Server, count: int, **options: Any) -> list[Event]:
    async with server.open():
        return await take(Events(server.url, TOKEN, **({"pace": IMPATIENT} | options)).stream(), count)
