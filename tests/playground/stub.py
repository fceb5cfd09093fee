"""An HTTP server that answers what it is told: an app behind the playground, or a Mattermost before the client."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass
class Reply:
    """One answer; `body` is bytes, text, or JSON of anything else."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def kind(self) -> dict[str, str]:
        """The content type of JSON; text and bytes have none of their own."""
        return {} if isinstance(self.body, bytes | str) else {"Content-Type": "application/json"}

    def data(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Call:
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


class Stub:
    """Answers with its replies one after the other, the last one again and again; keeps what arrived."""

    def __init__(self, *replies: Reply, tls: Path | None = None) -> None:
        self.replies = list(replies) or [Reply(body={})]
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                stub.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the base class' own names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' own signature
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is no news
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a request and answer it."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.calls.append(Call(handler.command, handler.path, dict(handler.headers), body))
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        time.sleep(reply.delay)
        data = reply.data()
        handler.send_response(reply.status)
        for name, value in ({"Content-Length": str(len(data))} | reply.kind() | reply.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
