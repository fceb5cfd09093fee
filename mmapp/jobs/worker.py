"""The worker's process: it connects, lists and probes its models, runs its lanes, and hands back what runs when told to go."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from llm.checksum import Identity
from llm.registry import Registry
from mmapp import choice, logs, nodes, services
from mmapp.config import Settings
from mmapp.db import clock
from mmapp.errors import BotRefused, ConfigError
from mmapp.jobs import (
    begun,
    bots,
    endpoint_lanes,
    engines,
    lanes,
    marks,
    notify,
    outcome,
    queue,
    rewrite,
    summarize,
    typing,
)
from mmapp.jobs.base import Worker
from mmapp.jobs.bots import Bots
from mmapp.jobs.claim import Claim
from mmapp.jobs.endpoint_lanes import EndpointLanes
from mmapp.jobs.waiting import ANSWERING
from mmapp.mattermost.errors import MattermostError
from mmapp.models import WorkerRecord, new_id
from mmapp.texts import ask as ask_texts
from mmapp.texts import catalog as catalog_texts
from mmapp.texts import digest_run as digest_texts
from mmapp.texts import engine as texts

log = structlog.get_logger()

PULSE_EVERY = 2.0
REAP_EVERY = 5.0
LIST_EVERY = 20.0
RETRY_EVERY = 5.0
PATIENCE = 10.0  # seconds for lanes to hand back what they hold; supervisor's own is 20
FORGOTTEN = timedelta(days=1)


def run(settings: Settings, registry: Registry | None = None, only: tuple[str, ...] = ()) -> None:
    """Work until SIGTERM or SIGINT, with the models of these names where any are given.

    Raises ConfigError or WrongRevision where it cannot begin.
    """
    if only:
        require_models(settings, only)
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker = _accepted(stopping, lambda: connect(settings, stopping, registry, only))
    if worker is None:
        return
    threads = start(worker)
    stopping.wait()
    log.info("the worker goes; running answers are handed back")
    leave(threads, PATIENCE)
    sign_off(worker)
    close(worker)


def _accepted(stopping: threading.Event, connected: Callable[[], Worker | None]) -> Worker | None:
    """Connect, again and again while Mattermost refuses the bot, which is said once: whoever ended would only be started
    again, with the same token, and fill the log."""
    told = ""
    while not stopping.is_set():
        try:
            return connected()
        except BotRefused as error:
            if error.sentence != told:
                told = error.sentence
                log.error("waiting until Mattermost accepts the bot", why=told)
            stopping.wait(RETRY_EVERY)
    return None


def connect(
    settings: Settings, stopping: threading.Event, registry: Registry | None = None, only: tuple[str, ...] = ()
) -> Worker | None:
    """Open everything that a worker needs; waits for both servers. None where it was told to go before that.

    Raises BotRefused, ConfigError or WrongRevision.
    """
    services.warn_of_open_secrets()
    database = services.patiently(stopping, RETRY_EVERY, lambda: services.ready_database(settings))
    if database is None:
        return None
    ours = Bots(settings)
    try:
        introduced = _introduce(settings, ours, stopping)
    except ConfigError:
        database.close()
        raise
    known = services.patiently(stopping, RETRY_EVERY, lambda: engines.remembered(database))
    if not introduced or known is None:
        ours.close()
        database.close()
        return None
    ours.welcome()
    registry = registry or open_registry(settings, known, only)
    return Worker(settings, database, ours, ours.main, registry, stopping=stopping)


def require_models(settings: Settings, only: tuple[str, ...]) -> None:
    """All models of these names are there. Raises ConfigError: a slip would leave a worker that answers nobody."""
    known = [info.name for info in open_registry(settings, {}, ()).infos()]
    unknown = [name for name in only if name.lower() not in known]
    if unknown:
        raise ConfigError(catalog_texts.only_unknown(unknown, known))


def open_registry(settings: Settings, known: dict[str, Identity], only: tuple[str, ...] = ()) -> Registry:
    """The models of this machine, those of these names where any are given."""
    return Registry(
        settings.models_dir,
        threads=settings.threads,
        window=settings.window,
        states_mb=settings.states_mb,
        default=settings.default_model or None,
        known=known,
        network=services.network(settings.ca_file, settings.proxy),
        memory_mb=settings.memory_mb,
        only=only,
    )


def start(worker: Worker) -> list[threading.Thread]:
    """Start the lanes: one for models that need the processor, one for the built-in one, two for Mattermost, and those of
    each endpoint."""
    threads: list[threading.Thread] = []
    endpoints = EndpointLanes(worker, threads)
    services.patiently(worker.stopping, RETRY_EVERY, lambda: engines.list_models(worker))
    beats: list[tuple[str, float, Callable[[], object]]] = [
        ("pulse", PULSE_EVERY, pulse(worker)),
        ("reap", REAP_EVERY, lambda: queue.reap(worker.database, partial(on_dead, worker))),
        ("aside", summarize.CLEARED_EVERY, lambda: summarize.clear_ended(worker)),
        ("begun", begun.EVERY, lambda: begun.take_away(worker)),
        ("bots", bots.WELCOME_EVERY, worker.bots.welcome),
        ("choice", choice.EVERY, lambda: choice.sweep(worker.database)),
        ("endpoints", endpoint_lanes.EVERY, endpoints.staff),
        ("list", LIST_EVERY, lambda: engines.list_models(worker)),
        ("marks", marks.EVERY, lambda: marks.take_away(worker)),
        ("nodes", nodes.EVERY, lambda: nodes.sweep(worker.database)),
        ("rewrite", rewrite.EVERY, lambda: rewrite.show(worker)),
        ("typing", typing.EVERY, lambda: typing.announce(worker)),
    ]
    threads += [lanes.watch(worker), *(_beat(worker, *beat) for beat in beats)]
    threads += [lanes.start(f"io-{number}", worker, lambda: list(lanes.IO_QUEUES)) for number in (1, 2)]
    threads.append(lanes.start("light", worker, lambda: [*worker.lane(heavy=False), queue.ORPHANS]))
    if first := _first(worker):
        services.patiently(worker.stopping, RETRY_EVERY, lambda: engines.probe(worker, first))
    threads.append(lanes.start("model", worker, lambda: worker.lane(heavy=True)))
    log.info("the worker is ready", models=list(worker.models))
    return threads


def _first(worker: Worker) -> str:
    """The model to load before anybody asks: the default one, else the first that writes; none where all only quote."""
    default = worker.registry.default_name()
    writing = (info.name for info in worker.models.values() if info.engine != "extractive" and not info.fault)
    return default if default in worker.models else next(writing, "")


def leave(threads: list[threading.Thread], patience: float) -> None:
    """Wait for lanes to hand back what they hold, all together no longer than that: a hanging Mattermost holds several."""
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def sign_off(worker: Worker) -> None:
    """Take back the last sign of life: until it is old, people would be told that somebody answers."""
    mine = WorkerRecord.host == socket.gethostname(), WorkerRecord.pid == os.getpid()
    try:
        with worker.database.write() as session:
            session.execute(delete(WorkerRecord).where(*mine))
    except SQLAlchemyError as error:
        log.warning("the worker's record stays until it is old", exc_info=error)


def close(worker: Worker) -> None:
    worker.registry.close()
    worker.bots.close()
    worker.database.close()


def pulse(worker: Worker) -> Callable[[], None]:
    """What says, again and again, that this worker lives and which models it has loaded."""
    identity = new_id()

    def beat() -> None:
        with worker.database.write() as session:
            now = clock(session)
            session.execute(delete(WorkerRecord).where(WorkerRecord.seen_at < now - FORGOTTEN))
            record = session.get(WorkerRecord, identity) or WorkerRecord(
                id=identity, host=socket.gethostname(), pid=os.getpid(), started_at=now
            )
            record.seen_at, record.warm = now, [name for name in worker.models if worker.registry.is_warm(name)]
            session.add(record)

    return beat


def on_dead(worker: Worker, session: Session, claimed: Claim) -> None:
    """A job without attempts left: its person hears of it, with an id that an administrator can search."""
    error_id = logs.new_error_id()
    log.error(
        "a job ended without success", error_id=error_id, job=claimed.id, kind=claimed.kind, request=claimed.request_id
    )
    try:
        with session.begin_nested():
            _last_words(worker, session, claimed, error_id)
    except Exception as error:  # one that cannot even be told of must not keep the others from ending
        log.error("nobody could be told", error_id=error_id, exc_info=error)


def _last_words(worker: Worker, session: Session, claimed: Claim, error_id: str) -> None:
    if outcome.stood_already(session, claimed, "dead"):
        return
    # An answer that could not be posted where it was asked for is still the asker's; of a digest the next one tells all.
    if claimed.kind == "post" and not claimed.payload.makes_digest:
        outcome.undelivered(session, claimed, ask_texts.undeliverable(), "dead")
        return
    if claimed.kind not in queue.UNTOLD:
        notify.refuse(session, claimed, _gave_up(claimed, error_id))
    outcome.give_up(session, worker, claimed, claimed.words, "dead")


def _gave_up(claimed: Claim, error_id: str) -> str:
    if claimed.payload.makes_digest:
        return digest_texts.gave_up(error_id)
    return texts.gave_up(error_id) if claimed.kind in ANSWERING else texts.not_done(error_id)


def _beat(worker: Worker, name: str, seconds: float, act: Callable[[], object]) -> threading.Thread:
    def run_it() -> None:
        while True:
            try:
                act()
            except Exception as error:
                log.error("a beat failed; it goes on", beat=name, exc_info=error)
            if worker.stopping.wait(seconds):
                return

    thread = threading.Thread(target=run_it, name=name, daemon=True)
    thread.start()
    return thread


def _introduce(settings: Settings, ours: Bots, stopping: threading.Event) -> bool:
    """The main bot. Mattermost may come up after us; a token that it does not know is the administrator's.

    False where the worker was told to go before that. Raises BotRefused.
    """
    while not stopping.is_set():
        try:
            ours.introduce(settings.bot[0])
        except MattermostError as error:
            log.warning(
                "waiting for Mattermost", url=settings.mattermost_url, why=str(error), retry_in=f"{RETRY_EVERY:.0f} s"
            )
            stopping.wait(RETRY_EVERY)
        else:
            return True
    return False
