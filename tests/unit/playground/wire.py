"""A client's side of the playground's WebSockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.playground import Playground

BY_BOT = "ai-token"


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
