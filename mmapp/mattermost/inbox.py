"""Frames on their way from the socket to a listener that takes its time: bounded in bytes, and pings go on meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

LIMIT = 16 * 1024 * 1024
"""Bytes that wait at most. Then the socket is read no further, and a listener that stands still loses its connection."""


class Inbox:
    """What has arrived on one connection, in its order."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._end: Exception | None = None
        self._changed = asyncio.Condition()

    async def get(self) -> bytes:
        """The next frame; the error that ended the connection once all are read."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._frames or self._end)
            if self._frames:
                raw = self._frames.popleft()
                self._size -= len(raw)
                self._changed.notify_all()
                return raw
        raise self._end or ConnectionResetError

    async def fill(self, connection: ClientConnection) -> None:
        """Take in what arrives until the connection ends."""
        end: Exception = ConnectionResetError()
        try:
            while True:
                await self._put(await connection.recv(decode=False))
        except ConnectionClosed as error:
            end = error
        finally:
            async with self._changed:
                self._end = end
                self._changed.notify_all()

    async def _put(self, raw: bytes) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._size < self._limit)
            self._frames.append(raw)
            self._size += len(raw)
            self._changed.notify_all()


@asynccontextmanager
async def receiving(connection: ClientConnection) -> AsyncIterator[Inbox]:
    """An inbox that is filled as long as the block runs; then the connection is closed."""
    inbox = Inbox()
    filling = asyncio.create_task(inbox.fill(connection))
    try:
        yield inbox
    finally:
        filling.cancel()
        with suppress(asyncio.CancelledError):
            await filling
        await connection.close()
