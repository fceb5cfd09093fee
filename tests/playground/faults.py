"""Bad days on order: statuses, delays, garbage, half answers, connections and WebSockets that drop, rate limits."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request


@dataclass
class Fault:
    """What happens to requests whose `METHOD /path` matches a pattern, so many times."""

    pattern: str
    times: int = 1
    status: int = 0
    body: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: str = ""
    """`before` the request is carried out, or `after`: done, and the answer lost."""
    half: bool = False
    """The request is carried out, and half of the answer sent."""
    drip: float = 0.0
    """The request is carried out, and the answer comes a byte at a time, each after so many seconds."""
    seen: int = 0

    def matches(self, line: str) -> bool:
        """Whether it is this fault's turn."""
        return self.seen < self.times and re.search(self.pattern, line) is not None


class Faults:
    """The faults in force, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._drops: list[int] = []
        self.on_cut: Callable[[], object] = lambda: None

    def add(self, pattern: str, **how: Any) -> Fault:
        """Order one: `add("POST /api/v4/posts$", status=500, times=2)`."""
        fault = Fault(pattern, **how)
        with self._lock:
            self._faults.append(fault)
        return fault

    def rate_limit(self, pattern: str = "", *, retry_after: str = "1", times: int = 1) -> Fault:
        """429 as recorded: text/plain, and headers that may come twice."""
        headers = {
            "Retry-After": retry_after,
            "X-Ratelimit-Limit": "21",
            "X-Ratelimit-Remaining": "0",
            "X-Ratelimit-Reset": "3",
        }
        kind = "text/plain; charset=utf-8"
        return self.add(pattern, status=429, body="limit exceeded\n", content_type=kind, headers=headers, times=times)

    def cut_sockets(self) -> None:
        """Drop every WebSocket that is open, without a word."""
        self.on_cut()

    def refuse_sockets(self, times: int = 1_000_000) -> Fault:
        """Answer 503 to whoever wants a new WebSocket, so many times or until `clear`."""
        return self.add("GET /api/v4/websocket$", status=503, times=times)

    def drop_sockets_after(self, sent: int, times: int = 1) -> None:
        """Drop a WebSocket as soon as it was sent so many events, `hello` not counted; so many sockets."""
        with self._lock:
            self._drops += [sent] * times

    def drops_socket(self, sent: int) -> bool:
        """Whether a socket that was sent so many events is dropped now."""
        with self._lock:
            due = next((one for one in self._drops if one <= sent), None)
            if due is not None:
                self._drops.remove(due)
            return due is not None

    def clear(self) -> None:
        """Good days again."""
        with self._lock:
            self._faults.clear()
            self._drops.clear()

    def take(self, line: str) -> Fault | None:
        """The fault for one request, counted."""
        with self._lock:
            found = next((fault for fault in self._faults if fault.matches(line)), None)
            if found:
                found.seen += 1
            return found

    def install(self, app: Flask) -> None:
        """Before and after every request of the interface; the playground's own pages are spared."""
        app.before_request(self._before)
        app.after_request(self._after)

    def _before(self) -> Response | None:
        if not request.path.startswith(("/api/", "/hooks/")):
            return None
        fault = self.take(f"{request.method} {request.path}")
        if fault is None:
            return None
        time.sleep(fault.delay)
        if fault.drop == "before":
            _drop()
            return Response(status=500)
        if fault.status:
            request.get_data()  # read it, or closing the connection resets it under the client's hands
            return Response(fault.body, fault.status, fault.headers, content_type=fault.content_type)
        request.environ["playground.fault"] = fault
        return None

    def _after(self, response: Response) -> Response:
        fault: Fault | None = request.environ.get("playground.fault")
        if fault and fault.drop == "after":
            _drop()
        elif fault and fault.half:
            whole = response.get_data()
            response.set_data(whole[: len(whole) // 2])
            response.headers["Content-Length"] = str(len(whole))
        elif fault and fault.drip:
            whole = response.get_data()
            response.response = _dripping(whole, fault.drip)
            response.headers["Content-Length"] = str(len(whole))
        elif fault and fault.body:
            response.set_data(fault.body)
            response.content_type = fault.content_type
        return response


def _dripping(whole: bytes, pause: float) -> Iterator[bytes]:
    for place in range(len(whole)):
        time.sleep(pause)
        yield whole[place : place + 1]


def _drop() -> None:
    """Cut the connection, without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
