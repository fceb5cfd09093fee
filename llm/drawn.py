"""Draws what an asynchronous source yields, from plain code, and does not wait for it longer than a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Generator
from typing import TypeVar

TICK = 0.25

Item = TypeVar("Item")


class _Ended:
    """Behind the last item."""


def drawn(source: AsyncIterator[Item]) -> Generator[Item | None, None, None]:
    """What `source` yields, and None for each quarter of a second in which it yields nothing; raises what it raises.

    Closing it cancels the source, whatever that waits for, and returns when the source has cleaned up. All happens in the
    caller's own thread: nothing goes on between two items, but what the system's buffers take.
    """
    with asyncio.Runner() as runner:
        items: asyncio.Queue[Item | _Ended | None] = asyncio.Queue()
        task = runner.get_loop().create_task(_pump(source, items))
        try:
            while not isinstance(item := runner.run(_next(items)), _Ended):
                yield item
            runner.run(_result(task))
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                runner.run(_settled(task))


async def _pump(source: AsyncIterator[Item], items: asyncio.Queue[Item | _Ended | None]) -> None:
    try:
        async for item in source:
            items.put_nowait(item)
    finally:
        items.put_nowait(_Ended())


async def _next(items: asyncio.Queue[Item | _Ended | None]) -> Item | _Ended | None:
    try:
        async with asyncio.timeout(TICK):
            return await items.get()
    except TimeoutError:
        return None


async def _result(task: asyncio.Task[None]) -> None:
    await task


async def _settled(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])
