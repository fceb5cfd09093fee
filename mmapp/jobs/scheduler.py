"""The scheduler's process: it looks every few seconds what is due, and does nothing of it itself. Any number may run."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog

from mmapp import services
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.jobs import tick

log = structlog.get_logger()

EVERY = 10.0  # seconds between two looks
RETRY_EVERY = 5.0  # seconds, while the database does not answer


def run(settings: Settings) -> None:
    """Look again and again until SIGTERM or SIGINT. Raises ConfigError or WrongRevision where it cannot begin."""
    services.warn_of_open_secrets()
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    database = services.patiently(stopping, RETRY_EVERY, lambda: services.ready_database(settings))
    if database is None:
        return
    log.info("the scheduler is ready")
    look_on(database, stopping)
    database.close()
    log.info("the scheduler goes")


def look_on(database: Database, stopping: threading.Event) -> None:
    """Look at once, and again and again until it is to stop. The pause is no time of day: a clock that is set back while it
    lasts makes it no longer."""
    while not stopping.is_set():
        _look(database)
        stopping.wait(EVERY)


def _look(database: Database) -> None:
    try:
        tick.tick(database)
    except Exception as error:
        log.error("a look at what is due failed; it goes on", exc_info=error)
