"""What a Mattermost notices of an answer: requests at its REST interface, and what a member's WebSocket is sent."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.playground.store import Doc
from tests.playground.world import Playground


class Arrival(NamedTuple):
    """One request, `METHOD /path`, and when it came (time.monotonic)."""

    at: float
    line: str


class Arrivals:
    """Every request to this server, from now on."""

    def __init__(self, playground: Playground) -> None:
        self._app: Callable[..., Iterable[bytes]] = playground.app.wsgi_app
        self._all: list[Arrival] = []
        playground.app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Note a request, and let it be answered."""
        line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self._all.append(Arrival(time.monotonic(), line))
        return self._app(environ, start_response)

    def of(self, pattern: str) -> list[Arrival]:
        """Those that match it."""
        return [one for one in self._all if re.fullmatch(pattern, one.line)]


@contextmanager
def shown(playground: Playground, who: Doc) -> Iterator[list[bytes]]:
    """The frames that somebody's WebSocket is sent after its `hello`: uncompressed, as to whoever asks for no less."""
    url = playground.url.replace("http", "ws", 1) + "/api/v4/websocket"
    headers = {"Authorization": f"Bearer {playground.token(who)}"}
    frames: list[bytes] = []
    with connect(url, additional_headers=headers, compression=None, proxy=None) as connection:

        def look_on() -> None:
            with suppress(ConnectionClosed):
                while True:
                    frames.append(connection.recv(decode=False))

        connection.recv(timeout=10)
        threading.Thread(target=look_on, daemon=True).start()
        yield frames
