"""The playground as tests use it: build a world, act in it as people do, and read what happened."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.playground.acting import Acting, Answer
from tests.playground.app import create_app
from tests.playground.building import Building
from tests.playground.faults import Faults
from tests.playground.reading import id_of
from tests.playground.rest_server import OnItsClock
from tests.playground.server import Mattermost
from tests.playground.sockets import Sockets
from tests.playground.store import Doc, Store

__all__ = ["Answer", "Playground"]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own signature
        """Requests of tests are nobody's news."""


class _Mattermosts(OnItsClock, _Quiet):
    """How the playground answers."""


class Playground(Building, Acting):
    """A Mattermost with `SiteURL` on a loopback port. Names stand for users, ids for everything else."""

    def __init__(self, age: str = "11", *, db: str = ":memory:", port: int = 0, **settings: Any) -> None:
        self.store = Store(db)
        self.server = Mattermost(self.store, age, settings)
        self.faults = Faults()
        self.sockets = Sockets(self.server, self.faults)
        self.app = create_app(self.server, self.faults, self.sockets)
        self._port = port
        self._http: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    # Coming and going

    def start(self) -> Self:
        """Serve in a thread."""
        self.bind()
        self._thread = threading.Thread(target=self.serve, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def bind(self, host: str = "127.0.0.1") -> None:
        """Take the port, and be known by it unless `SiteURL` was set."""
        self._http = make_server(host, self._port, self.app, threaded=True, request_handler=_Mattermosts)
        self.server.settings["SiteURL"] = (
            self.server.settings["SiteURL"] or f"http://127.0.0.1:{self._http.server_port}"
        )

    def serve(self, notice: float = 0.2) -> None:
        """Answer requests until `stop` or `shut`, which are noticed after so many seconds."""
        if self._http:
            self._http.serve_forever(poll_interval=notice)

    def shut(self) -> None:
        """Let `serve` return, from another thread."""
        if self._http:
            self._http.shutdown()

    def stop(self) -> None:
        """Give port and file back."""
        if self._http:
            if self._thread:
                self._http.shutdown()
            self.sockets.close()
            self._http.server_close()
        if self._thread:
            self._thread.join()
        self._http = self._thread = None
        self.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # The WebSockets

    def connected(self, user: Doc | str) -> int:
        """How many WebSockets somebody has open."""
        return self.sockets.connected(self.user(user)["id"])

    def cut_sockets(self) -> None:
        """Drop every WebSocket, without a word."""
        self.sockets.cut()

    # Where it is

    @property
    def age(self) -> str:
        """Which Mattermost is played."""
        return self.server.age

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._http.server_port if self._http else self._port}"

    def link(self, post: Doc | str) -> str:
        """What "Copy Link" in a message's menu gives."""
        return f"{self.url}/{self.store.every('team')[0]['name']}/pl/{id_of(post)}"
