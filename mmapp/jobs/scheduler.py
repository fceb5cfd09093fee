"""The scheduler's process: it looks every few seconds what is due, and does nothing of it itself. Any number may run."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

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
    clockwork = started(database)
    log.info("the scheduler is ready")
    stopping.wait()
    clockwork.shutdown(wait=False)
    database.close()
    log.info("the scheduler goes")


def started(database: Database) -> BackgroundScheduler:
    """The one job of APScheduler, in memory: what is to come stands in our own tables. One that was missed is made up for by
    the next, since each looks at all that is due."""
    clockwork = BackgroundScheduler(timezone=UTC)
    clockwork.add_job(
        partial(_look, database),
        "interval",
        seconds=EVERY,
        next_run_time=datetime.now(UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    clockwork.start()
    return clockwork


def _look(database: Database) -> None:
    try:
        tick.tick(database)
    except Exception as error:
        log.error("a look at what is due failed; it goes on", exc_info=error)
