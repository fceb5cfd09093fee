"""What stands between Chorus and a PostgreSQL, and cuts the line around a commit, as a network does."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlalchemy import make_url

SOCKET = ".s.PGSQL.5432"
COMMIT = b"Q\0\0\0\x0bCOMMIT\0"  # a simple query, as the protocol has it
BEGIN = b"Q\0\0\0\nBEGIN\0"
When = Literal["before", "after"]


class Proxy:
    """Reached like the server it stands for, by a socket in its own folder. `cuts`: how often it cut."""

    def __init__(self, url: str) -> None:
        """`url` is the database's."""
        self._behind = make_url(url)
        self.folder = Path(tempfile.mkdtemp(prefix="chorus-px-"))
        self.url = self._behind.update_query_dict({"host": str(self.folder)}).render_as_string(hide_password=False)
        self.cuts = 0
        self._ordered: tuple[When, bytes] | None = None
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / SOCKET))
        self._listening.listen()
        self._lines: list[_Line] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()
        for line in self._lines:
            line.end()
        shutil.rmtree(self.folder)

    def cut(self, when: When, statement: bytes) -> None:
        """Cut the line once: where a transaction with this statement commits, `before` the server is told to, or `after`
        it has done so and before Chorus hears of it."""
        self._ordered = (when, statement)

    def ordered(self, transaction: bytes) -> When | None:
        """Whether this transaction is the one to be cut off, and where."""
        if self._ordered is None or self._ordered[1] not in transaction:
            return None
        when, self._ordered, self.cuts = self._ordered[0], None, self.cuts + 1
        return when

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:  # shut down
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(Path(str(self._behind.query["host"])) / SOCKET))
            self._lines.append(_Line(self, client, server))


class _Line:
    """One connection's two directions."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._muted = threading.Event()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._ask, self._answer)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._hang_up()
        for thread in self._threads:
            thread.join()
        self._client.close()
        self._server.close()

    def _hang_up(self) -> None:
        for side in (self._client, self._server):
            with suppress(OSError):  # hung up already
                side.shutdown(socket.SHUT_RDWR)

    def _ask(self) -> None:
        transaction = b""
        with suppress(OSError):
            while data := self._client.recv(65536):
                transaction = b"" if BEGIN in data else transaction
                transaction += data
                when = self._proxy.ordered(transaction) if COMMIT in data else None
                if when == "before":
                    break
                if when == "after":
                    self._muted.set()
                self._server.sendall(data)
        if not self._muted.is_set():
            self._hang_up()

    def _answer(self) -> None:
        with suppress(OSError):
            while (data := self._server.recv(65536)) and not self._muted.is_set():
                self._client.sendall(data)
        self._hang_up()
