"""Opening what the settings name: the database, Mattermost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import URL, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from llm.endpoints import Network
from mmapp import config, migrate
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.errors import AppError, BotRefused, ConfigError, DatabaseDown
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Unauthorized
from mmapp.mattermost.payloads import User
from mmapp.mattermost.wire import trusting
from mmapp.models import Installation, Message
from mmapp.texts import admin

log = structlog.get_logger()

T = TypeVar("T")

SECRETS = ("password", "sslpassword")  # beside the user's own, which SQLAlchemy hides
PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)


def warn_of_open_secrets() -> None:
    """A line in the log of each start while others may read `.env`. Refusing to start would answer nobody."""
    path = config.exposed()
    if path is not None:
        log.warning("others on this machine may read the secrets", file=str(path), cure=f"chmod 600 {path}")


def require_set_up() -> None:
    """Some of what has no default is there. Raises ConfigError where nothing is: then a list would help nobody."""
    needed = {f"{config.PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    if not needed & config.given().keys():
        raise ConfigError(admin.not_set_up())


def make_database(settings: Settings) -> Database:
    """The database, not connected yet."""
    return Database(settings.database, tuple(key.get_secret_value() for key in settings.encryption_keys))


def open_database(settings: Settings) -> Database:
    """Connected once, so that what is wrong shows here. Raises ConfigError; DatabaseDown where waiting may help."""
    with explained(settings):
        database = make_database(settings)
        with database.engine.connect():
            return database


def ready_database(settings: Settings) -> Database:
    """The database, checked. Raises what open_database and require_ready raise."""
    database = open_database(settings)
    try:
        with explained(settings):
            require_ready(database)
    except AppError:
        database.close()
        raise
    return database


def require_ready(database: Database) -> None:
    """It is at this version's revision, and its first and its last text can be read.

    Raises WrongRevision, WrongKey or SQLAlchemyError.
    """
    migrate.require_current(database)
    with database.read() as session:
        for order in (Message.created_at, Message.created_at.desc()):
            session.scalar(select(Message.text).order_by(order).limit(1))


def release(settings: Settings) -> None:
    """Bring the database to this version's revision. Raises what open_database raises."""
    database = open_database(settings)
    try:
        with explained(settings):
            migrate.upgrade(database)
    finally:
        database.close()


def installation_id(database: Database) -> str:
    """Which database this is, however its URL is written."""
    with database.read() as session:
        return session.scalars(select(Installation.id)).one()


def patiently(stopping: threading.Event, every: float, act: Callable[[], T]) -> T | None:
    """Do it, again and again while the database does not answer: a start that gives up would only be started again. None
    where the process was told to go before that."""
    while not stopping.is_set():
        try:
            return act()
        except DatabaseDown as error:
            log.error("waiting for the database", why=error.sentence)
        except SQLAlchemyError as error:
            log.error("waiting for the database", exc_info=error)
        stopping.wait(every)
    return None


def shown(url: URL) -> str:
    """A database's URL without the passwords in it."""
    return url.difference_update_query(SECRETS).render_as_string()


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """What a database refuses becomes a ConfigError with a sentence, and DatabaseDown where waiting may help."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise _explanation(make_url(settings.database), error) from None


def _explanation(url: URL, error: Exception) -> ConfigError:
    why = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
    if url.get_backend_name() != "sqlite":
        return DatabaseDown(admin.no_database(shown(url), why))
    sentence = admin.no_database_file(url.database or shown(url), why)
    return DatabaseDown(sentence) if _passes(error) else ConfigError(sentence)


def _passes(error: Exception) -> bool:
    """Whether SQLite says that the file is locked or the disk is full, and nothing worse."""
    code = getattr(error.orig, "sqlite_errorcode", 0) if isinstance(error, OperationalError) else 0
    return code & 0xFF in PASSING


def open_client(settings: Settings, bot: str = "") -> Client:
    """This bot's, or the main one's. Raises KeyError where the settings name no such bot."""
    token = dict(settings.bot_tokens)[bot or settings.bot[0]].get_secret_value()
    ca_file = str(settings.ca_file) if settings.ca_file else None
    return Client(settings.mattermost_url, token, ca_file=ca_file, proxy=settings.proxy)


def network(ca_file: Path | str | None, proxy: str | None) -> Network:
    """How endpoints are reached: by the same certificates and proxy as Mattermost."""
    return Network(partial(trusting, str(ca_file) if ca_file else None), proxy, config.secret)


def introduced(client: Client, name: str) -> User:
    """A bot's own account. Raises a MattermostError; BotRefused where its token is not accepted, or is another account's."""
    try:
        me = client.me()
    except Unauthorized:
        raise BotRefused(admin.bad_token(name)) from None
    if me.username != name:
        raise BotRefused(admin.bot_name_differs(name, me.username))
    return me
