"""Mattermost's events as they happen: one WebSocket that is opened again and again, and says so when it missed any.

v11 replays what was missed, to who names the old connection and the number that comes next (measured: 150 events and
330 s, not 420 events); no `hello` comes then. A `hello` means a new count, on 5.37 after every connect: a gap.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from mmapp.mattermost.answers import checked
from mmapp.mattermost.errors import Garbled, MattermostError, Unauthorized
from mmapp.mattermost.event_kinds import Event, Frame, Gap
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.inbox import Inbox, receiving
from mmapp.mattermost.values import text
from mmapp.mattermost.wire import USER_AGENT, Answer, exchange, new_session, trusting

log = structlog.get_logger()

MAX_FRAME = 4 * 1024 * 1024
"""Bytes of one frame. A post with its props is 300,000 at most on v11, and each `<` of it seven in JSON within JSON."""
PATH = "/websocket"
_OURS = frozenset({1002, 1003, 1007, 1009})
"""Codes with which this end closes over what it cannot read: asked for again, it would only come again."""

# At DEBUG websockets writes every frame and the headers of the upgrade: people's words and the token.
_quiet = logging.getLogger("mmapp.mattermost.events.wire")
_quiet.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A dead peer is noticed after `ping` + `pong` + `close`."""

    open: float = 10.0
    hello: float = 10.0
    ping: float = 10.0
    pong: float = 10.0
    close: float = 2.0
    wait_least: float = 0.5
    wait_most: float = 60.0
    healthy: float = 60.0
    """A connection that held so long makes the next wait a short one."""


class _Place(NamedTuple):
    """How far the events were taken: on which connection, and the number that comes next."""

    connection_id: str = ""
    next: int | None = None

    def at(self, frame: Frame) -> _Place:
        """The place of this frame."""
        if frame.kind == "hello":
            found = text(frame.data.get("connection_id"))
            return _Place(found if is_id(found) else "", frame.seq)
        return self if frame.seq is None else self._replace(next=frame.seq)

    def follows(self, frame: Frame) -> bool:
        """Whether nothing is missing before this frame."""
        return frame.kind != "hello" and self.next is not None and frame.seq in (None, self.next)

    def behind(self, frame: Frame) -> _Place:
        """The place behind this frame."""
        return self if frame.seq is None else self._replace(next=frame.seq + 1)

    def query(self) -> str:
        """What asks the server for the rest; empty where it could not know."""
        known = self.connection_id and self.next is not None
        return f"?connection_id={self.connection_id}&sequence_number={self.next}" if known else ""


class _Mute(Exception):
    """A connection that ended before the server had said anything."""


class _Connect(connect):
    """Follows no redirect: the token would go along."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """The redirect itself is the error."""
        return exc


class Events:
    """A bot's ears on one Mattermost."""

    def __init__(
        self, url: str, token: str, *, ca_file: str | None = None, proxy: str | None = None, pace: Pace | None = None
    ) -> None:
        """`url` is where Chorus reaches the server."""
        self._api = url.rstrip("/") + "/api/v4"
        self._token, self._ca_file, self._proxy = token, ca_file, proxy
        self._tls = trusting(ca_file)
        self._pace = pace or Pace()
        self._place = _Place()

    async def stream(self) -> AsyncGenerator[Event, None]:
        """Every event, without end, `Gap` first; one counts as taken once the next is asked for.

        Raises `Unauthorized` where the token is not taken. Called again, it goes on where it was.
        """
        waits = _Waits(self._pace)
        while True:
            started = monotonic()
            try:
                async with aclosing(self._connected()) as events:
                    async for event in events:
                        yield event
                failure: Exception = ConnectionResetError()
            except (OSError, WebSocketException, _Mute) as error:
                failure = error
            why = await self._why(failure)
            wait = waits.after(monotonic() - started)
            log.warning("Mattermost's events are not heard", why=why, again_in=round(wait, 1))
            await asyncio.sleep(wait)

    async def _connected(self) -> AsyncGenerator[Event, None]:
        """The events of one connection, until it ends with an error."""
        if not self._place.query():
            self._place = _Place()
        async with receiving(await self._open()) as inbox:
            raw = await self._first(inbox)
            log.info("Mattermost's events are heard")
            while True:
                async with aclosing(self._taken(raw)) as events:
                    async for event in events:
                        yield event
                raw = await inbox.get()

    async def _open(self) -> ClientConnection:
        return await _Connect(
            "ws" + self._api.removeprefix("http") + PATH + self._place.query(),
            additional_headers={"Authorization": f"Bearer {self._token}"},  # and no Origin: 403 where it is not SiteURL
            user_agent_header=USER_AGENT,
            compression=None,
            proxy=self._proxy,
            open_timeout=self._pace.open,
            ping_interval=self._pace.ping,
            ping_timeout=self._pace.pong,
            close_timeout=self._pace.close,
            max_size=MAX_FRAME,
            max_queue=4,
            logger=_quiet,
            **self._context(),
        )

    def _context(self) -> dict[str, Any]:
        found: dict[str, Any] = {"ssl": self._tls} if self._api.startswith("https:") else {}
        return found | ({"proxy_ssl": self._tls} if (self._proxy or "").startswith("https:") else {})

    async def _first(self, inbox: Inbox) -> bytes:
        """The first frame: a `hello` at once, or whenever something happens where the server goes on with the old count."""
        try:
            async with asyncio.timeout(None if self._place.query() else self._pace.hello):
                return await inbox.get()
        except (ConnectionClosed, TimeoutError) as error:
            self._forget_unreadable(error)
        raise _Mute

    async def _taken(self, raw: bytes) -> AsyncGenerator[Event, None]:
        """What one frame tells. Whoever stops in the midst of it is told again."""
        try:
            frame = Frame.parse(raw)
        except Garbled as error:
            log.warning("an event was skipped", why=str(error))
            return
        if not frame.kind:  # the answer to a request
            return
        before, place = self._place, self._place.at(frame)
        if not before.follows(frame):
            self._place = _Place()
            yield Gap()
        self._place = place
        if event := _event(frame):
            yield event
        self._place = place.behind(frame)

    def _forget_unreadable(self, error: Exception) -> None:
        """After a frame that this end cannot read, its server is not asked to send it again: a gap."""
        sent = error.sent if isinstance(error, ConnectionClosed) else None
        if sent and sent.code in _OURS:
            self._place = _Place()

    async def _why(self, error: Exception) -> str:
        """What an administrator may read about the end of a connection. Raises `Unauthorized` where it is that."""
        self._forget_unreadable(error)
        if isinstance(error, InvalidStatus):
            return _refused(error)
        if isinstance(error, _Mute):
            return await self._why_mute()
        return type(error).__name__

    async def _why_mute(self) -> str:
        """A server may take any token at the upgrade, and hang up in silence: its REST interface says why."""
        try:
            await asyncio.to_thread(self._ask_me)
        except Unauthorized:
            raise
        except MattermostError as error:
            return f"the server said nothing, and its REST interface: {error}"
        return "the server said nothing"

    def _ask_me(self) -> None:
        """Ask who the bot is, once."""
        path, bearer = "/users/me", {"Authorization": f"Bearer {self._token}"}
        timeout, url = (self._pace.open, self._pace.open), self._api + "/users/me"
        with new_session(self._ca_file, self._proxy) as session:
            checked(exchange(session, "GET", url, timeout=timeout, path=path, within=timeout[0], headers=bearer), path)


class _Waits:
    """How long to wait before the next attempt: grows with each, with jitter, and begins anew after a healthy time."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._last = pace.wait_least

    def after(self, lived: float) -> float:
        """Seconds to wait after a connection that held so long."""
        if lived >= self._pace.healthy:
            self._last = self._pace.wait_least
        self._last = min(self._pace.wait_most, random.uniform(self._pace.wait_least, self._last * 3))
        return self._last


def _event(frame: Frame) -> Event | None:
    try:
        return frame.event()
    except Garbled as error:
        log.warning("an event was skipped", why=str(error))
        return None


def _refused(error: InvalidStatus) -> str:
    """What an answer that is no upgrade means."""
    response = error.response
    try:
        checked(Answer(response.status_code, response.headers, bytes(response.body)), PATH)
    except Unauthorized as refusal:
        raise refusal from None  # the handshake's own error holds the whole answer
    except MattermostError as refusal:
        return str(refusal)
    return f"the answer is no WebSocket · status {response.status_code}"
