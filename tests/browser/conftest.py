"""A browser for all of these tests, and a line with windows on it for each."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser import chrome
from tests.browser.window import PHONE, WIDE, Windows
from tests.line import Line


# Not for the whole session: while it is open, no asyncio loop may run in this thread, and other tests run some.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chrome.browser() as opened:
        yield opened


def _drawn(request: pytest.FixtureRequest, what: str) -> bool:
    """Each test runs twice; by its name is drawn which age and which width go with which database."""
    return bool(zlib.crc32(f"{what} {request.node.originalname}".encode()) % 2)


@pytest.fixture
def age(request: pytest.FixtureRequest, database_url: str) -> str:
    """The Mattermost's: each test meets both."""
    return "11" if database_url.startswith("sqlite") == _drawn(request, "age") else "5.37"


@pytest.fixture
def size(request: pytest.FixtureRequest, database_url: str) -> ViewportSize:
    """A desk's or a phone's: each test meets both."""
    return WIDE if database_url.startswith("sqlite") == _drawn(request, "size") else PHONE


@pytest.fixture
def line(database_url: str, age: str, tmp_path: Path) -> Iterator[Line]:
    with Line(database_url, tmp_path / "models", age=age) as running:
        yield running


@pytest.fixture
def windows(browser: Browser, line: Line, size: ViewportSize) -> Iterator[Windows]:
    opened = Windows(browser, line.playground, size)
    yield opened
    opened.close()
    assert opened.troubles.said == []


@pytest.fixture
def working(line: Line) -> Callable[[], AbstractContextManager[None]]:
    """`with working():` the worker does what is due, in a thread of its own, while people go on pressing."""

    @contextmanager
    def worker() -> Iterator[None]:
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(0.05):
                line.settle()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(5)
            while thread.is_alive():  # a test that failed has left the model writing
                for who in (line.ann, line.bob, line.carol):
                    line.say(who, "stop")
                thread.join(1)

    return worker
