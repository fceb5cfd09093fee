"""Draws what an asynchronous source yields, from plain code, and does not wait for it longer than a moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from typing import TypeVar

TICK = 0.25

Item = TypeVar("Item")


def drawn(source: AsyncIterator[Item]) -> Generator[Item | None, None, None]:
    """What `source` yields, and None for each quarter of a second in which it yields nothing; raises what it raises.

    Closing it cancels the source, whatever that waits for, and returns when the source has cleaned up. All happens in the
    caller's own thread: nothing goes on between two items, but what the system's buffers take.
    """
    # Not asyncio.Runner: it waits for the thread in which the system looks a name up, and nobody can stop that.
    with closing(asyncio.new_event_loop()) as loop:
        items, waiting = deque[Item](), False

        def wake(_task: asyncio.Task[None] | None = None) -> None:
            if waiting:  # a task's end is told in the loop's next turn, which may be that of cleaning up
                loop.stop()

        async def pump() -> None:
            async for item in source:
                items.append(item)
                wake()

        task = loop.create_task(pump())
        task.add_done_callback(wake)
        try:
            while items or not task.done():
                if not items:
                    # The loop itself runs on and off: a task and a time-out an item took as long again as the client does.
                    timer, waiting = loop.call_later(TICK, loop.stop), True
                    loop.run_forever()
                    timer.cancel()
                    waiting = False
                if items or not task.done():
                    yield items.popleft() if items else None
            task.result()
        finally:
            loop.run_until_complete(_settled(task))


async def _settled(task: asyncio.Task[None]) -> None:
    """The source has cleaned up, and all that it has started."""
    task.cancel()
    await asyncio.wait([task])
    started = asyncio.all_tasks() - {asyncio.current_task()}
    for other in started:
        other.cancel()
    await asyncio.gather(*started, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
