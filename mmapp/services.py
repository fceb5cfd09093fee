"""Opening what the settings name: the database, Mattermost."""

from __future__ import annotations

from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError

from mmapp import migrate
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.errors import ConfigError
from mmapp.mattermost.client import Client
from mmapp.models import Message
from mmapp.texts import admin


def open_database(settings: Settings) -> Database:
    """Connected once, so that what is wrong shows here. Raises ConfigError."""
    try:
        database = Database(settings.database, tuple(key.get_secret_value() for key in settings.encryption_keys))
        with database.engine.connect():
            return database
    except (SQLAlchemyError, ImportError, OSError):
        raise ConfigError(admin.no_database(make_url(settings.database).render_as_string())) from None


def ready_database(settings: Settings) -> Database:
    """The database, at this version's revision and with the keys that wrote it. Raises ConfigError, WrongRevision, WrongKey."""
    database = open_database(settings)
    migrate.require_current(database)
    with database.read() as session:
        session.scalar(select(Message.text).order_by(Message.created_at.desc()).limit(1))
    return database


def open_client(settings: Settings) -> Client:
    """The main bot's."""
    ca_file = str(settings.ca_file) if settings.ca_file else None
    return Client(settings.mattermost_url, settings.bot[1], ca_file=ca_file, proxy=settings.proxy)
