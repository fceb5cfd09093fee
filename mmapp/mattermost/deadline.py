"""One deadline for a whole exchange: the time-outs of sockets are for each read, so a dripping server never ends.

And nothing is sent once the time is over: whoever has waited for a name or a connection for too long may no longer be
the one who may post.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_current = threading.local()


class Deadline:
    """The time that one exchange has: cuts its connection when it is over."""

    def __init__(self) -> None:
        self.begun = False
        """Whether the request may have reached the server, in whole or in part."""
        self.over = False
        self._socket: Any = None
        self._lock = threading.Lock()

    def begin(self, connected: Any) -> None:
        """The request goes out over this socket now. Raises TimeoutError where it is too late."""
        with self._lock:
            if self.over:
                raise TimeoutError
            self.begun, self._socket = True, connected

    def end(self) -> None:
        """The time is over: reads and writes that wait come back at once."""
        with self._lock:
            self.over = True
            if self._socket is not None:
                inner = getattr(self._socket, "socket", self._socket)  # TLS inside of a proxy's TLS wraps one
                with suppress(OSError):  # closed already
                    # Not SSLSocket's own method, which would go on without TLS.
                    socket.socket.shutdown(inner, socket.SHUT_RDWR)


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """What this thread exchanges meanwhile is over after so many seconds."""
    deadline = Deadline()
    timer = threading.Timer(seconds, deadline.end)
    timer.daemon = True
    timer.start()
    _current.deadline = deadline
    try:
        yield deadline
    finally:
        _current.deadline = None
        timer.cancel()


def _connected(connection: HTTPConnection) -> None:
    """Connect first, so that the deadline is asked between that and sending."""
    if connection.sock is None:
        connection.connect()
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None:
        deadline.begin(connection.sock)


class _Plain(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _connected(self)
        super().request(*args, **kwargs)


class _Tls(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _connected(self)
        super().request(*args, **kwargs)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


def watched(pools: PoolManager) -> None:
    """Let the connections of these pools obey deadlines."""
    pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
