"""A little web server of models for the tests, which misbehaves where it is told to."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass
class Shelf:
    """What stands behind an address, and how it is handed out.

    `cuts`: after how many bytes each of the first answers breaks off; `stall`: the first answer that breaks off hangs instead,
    until the shop closes; `drops`: so many answers are no HTTP at all; `statuses`: what the first requests are answered with.
    """

    content: bytes = b""
    etag: str = '"one"'
    kind: str = "application/octet-stream"
    ranges: bool = True
    length: int | str | None = None
    redirect: str = ""
    cuts: list[int] = field(default_factory=list)
    stall: bool = False
    drops: int = 0
    statuses: list[int] = field(default_factory=list)
    total: str = ""


class Shop:
    """Its shelves by path; `asked` are the headers of every request, by the path's last part."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def put(self, name: str, content: bytes = b"", **how: object) -> str:
        """Put something on a shelf; its address."""
        self.shelves[f"/{name}"] = Shelf(content, **how)  # type: ignore[arg-type]
        return f"{self.url}/{name}"

    def ranges(self) -> list[str]:
        """What parts were asked for, one after the other; empty for all of it."""
        return [headers.get("Range", "") for _, headers in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request; a subclass knows whose shop it is."""

    shop: Shop

    def do_GET(self) -> None:
        self.shop.asked.append((self.path, dict(self.headers)))
        shelf = self.shop.shelves.get(self.path)
        if shelf is None:
            self.send_error(404)
        elif shelf.statuses:
            self.send_error(shelf.statuses.pop(0))
        elif shelf.redirect:
            self._head(302, {"Location": shelf.redirect, "Content-Length": "0"})
        elif shelf.drops:
            shelf.drops -= 1
            self.close_connection = True
        else:
            self._hand_out(shelf)

    def _hand_out(self, shelf: Shelf) -> None:
        start = self._start(shelf)
        if start >= len(shelf.content) > 0:
            self._head(416, {"Content-Range": f"bytes */{len(shelf.content)}", "Content-Length": "0"})
            return
        body = shelf.content[start:]
        headers = {"Content-Type": shelf.kind, "ETag": shelf.etag}
        headers["Content-Length"] = str(len(body) if shelf.length is None else shelf.length)
        if start:
            whole = shelf.total or str(len(shelf.content))
            headers["Content-Range"] = f"bytes {start}-{len(shelf.content) - 1}/{whole}"
        self._head(206 if start else 200, headers)
        self._write(shelf, body)

    def _start(self, shelf: Shelf) -> int:
        """The first byte that is wanted: of the same version alone, and where ranges are known at all."""
        wanted = self.headers.get("Range", "")
        same = self.headers.get("If-Range", shelf.etag) == shelf.etag
        return int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and shelf.ranges and same else 0

    def _write(self, shelf: Shelf, body: bytes) -> None:
        cut = shelf.cuts.pop(0) if shelf.cuts else len(body)
        with suppress(ConnectionError):  # who asked has heard enough
            self.wfile.write(body[:cut])
            self.wfile.flush()
        if cut < len(body):
            self.close_connection = True
            if shelf.stall:
                shelf.stall = False
                self.shop.closing.wait()

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing of it belongs into a test's output."""
