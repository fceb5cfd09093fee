"""What comes asynchronously is drawn from plain code: item by item, with ticks between, and closed at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from llm.drawn import drawn


class Source:
    """Yields its items, waits for ever before the last one where it `stalls`, and says what became of it."""

    def __init__(self, *items: int, stalls: bool = False, fails: bool = False) -> None:
        self.items, self.stalls, self.fails = items, stalls, fails
        self.ended = ""

    async def __call__(self) -> AsyncIterator[int]:
        try:
            for item in self.items:
                yield item
                await asyncio.sleep(0)
            if self.stalls:
                await asyncio.Event().wait()
            if self.fails:
                raise ValueError("no more")
            self.ended = "by itself"
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


def test_what_comes_is_drawn_in_its_order_and_nothing_else() -> None:
    source = Source(*range(100))
    assert list(drawn(source())) == list(range(100))
    assert source.ended == "by itself"


def test_nothing_at_all_is_the_end() -> None:
    assert list(drawn(Source()())) == []


def test_silence_ticks() -> None:
    items = drawn(Source(1, stalls=True)())
    assert [next(items) for _ in range(3)] == [1, None, None]
    items.close()


def test_an_error_comes_behind_what_came_before_it() -> None:
    items = drawn(Source(1, 2, fails=True)())
    assert (next(items), next(items)) == (1, 2)
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_closing_cancels_what_is_waited_for() -> None:
    source = Source(1, stalls=True)
    items = drawn(source())
    assert [next(items), next(items)] == [1, None]
    items.close()
    assert source.ended == "cancelled"


def test_a_thread_that_a_source_has_started_is_not_waited_for() -> None:
    """The system looks a name up in one, and nobody can stop it: half a minute where the name's server does not answer."""
    answered = threading.Event()

    async def source() -> AsyncIterator[int]:
        yield 1
        await asyncio.get_running_loop().run_in_executor(None, answered.wait, 20.0)

    items = drawn(source())
    assert [next(items), next(items)] == [1, None]
    items.close()
    still_looking = [each for each in threading.enumerate() if each.name.startswith("asyncio_")]
    answered.set()
    assert still_looking


def test_a_source_that_cleans_up_slowly_is_waited_for() -> None:
    cleaned = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(True)

    items = drawn(source())
    assert [next(items), next(items)] == [1, None]
    items.close()
    assert cleaned == [True]
