"""On a terminal, a line in plain words once questions are answered: the log's lines are for machines."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
from contextlib import closing
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from mmapp import services
from mmapp.config import Settings
from mmapp.db import Database, clock
from mmapp.models import WorkerRecord
from mmapp.texts import admin

LOOK_EVERY = 0.3


def when_it_runs(settings: Settings) -> None:
    """Leave a process behind that says so, once. It ends with this one, or with what this one becomes."""
    with closing(services.make_database(settings)) as database, database.read() as session:
        began = clock(session)
    parent = os.getpid()
    if os.fork():
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    with closing(services.make_database(settings)) as database:
        while os.getppid() == parent:
            if _serves(settings) and _works(database, began):
                sys.stderr.write(f"{admin.running(settings.host, settings.port)}\n")
                break
            time.sleep(LOOK_EVERY)
    os._exit(0)


def _serves(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
    with closing(connection):
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _works(database: Database, began: datetime) -> bool:
    """Whether a worker of this machine has given a sign of life since then."""
    started = WorkerRecord.host == socket.gethostname(), WorkerRecord.started_at >= began
    try:
        with database.read() as session:
            return session.scalar(select(WorkerRecord.id).where(*started).limit(1)) is not None
    except SQLAlchemyError:
        return False
