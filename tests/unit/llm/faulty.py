"""An endpoint that does wrong on purpose: it plays what it is told, one part a request, and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Play = Callable[[socket.socket], None]
OPENING = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: dict[str, Any]


class Faulty:
    """Plays its parts in order, the last one again and again. `hung_up` is set when the other side closes a stalled answer."""

    def __init__(self, *plays: Play, tls: Path | None = None) -> None:
        """`tls`: key and certificate, in one file."""
        self.plays = list(plays)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._tls and tls:
            self._tls.load_cert_chain(tls)
        self.requests: list[Request] = []
        self.hung_up, self._over = threading.Event(), threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    @property
    def url(self) -> str:
        return f"http{'s' * bool(self._tls)}://127.0.0.1:{self._listening.getsockname()[1]}/v1"

    def stall(self, connection: socket.socket) -> None:
        """Say nothing more until the other side hangs up, or the test is over."""
        connection.settimeout(0.05)
        while not self._over.is_set():
            try:
                if not connection.recv(1):
                    self.hung_up.set()
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                self.hung_up.set()
                return

    def stalling(self, *parts: bytes) -> Play:
        """Send this, and then nothing."""

        def play(connection: socket.socket) -> None:
            connection.sendall(b"".join(parts))
            self.stall(connection)

        return play

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            spoken = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
        except OSError:  # whom the other side does not trust it hangs up on
            connection.close()
            return
        with spoken as connection:
            request = _read(connection)
            if request is None:
                return
            self.requests.append(request)
            play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
            with suppress(ConnectionError):  # who asked has heard enough
                play(connection)


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    return Request(line, headers, json.loads(body or b"{}"))


def sends(*parts: bytes) -> Play:
    """Send this, and hang up."""
    return lambda connection: connection.sendall(b"".join(parts))


def says(status: str, body: bytes | dict[str, Any] = b"{}", **headers: str) -> Play:
    """A whole answer with that status."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    kind = "" if "Content_Type" in headers else "Content-Type: application/json\r\n"
    head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(text)}\r\nConnection: close\r\n{more}\r\n"
    return sends(head.encode(), text)


def event(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n"


def delta(text: str = "", **more: Any) -> bytes:
    """A piece of an answer."""
    return event({"choices": [{"index": 0, "delta": {"content": text, **more}, "finish_reason": None}]})


def end(reason: str = "stop") -> bytes:
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


def usage(prompt: int, written: int, cached: int = 0) -> bytes:
    details = {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return event({"choices": [], "usage": details})


DONE = b"data: [DONE]\n\n"
PARIS = sends(OPENING, delta("Par"), delta("is."), end(), usage(40, 3, 30), DONE)
