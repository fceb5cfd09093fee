"""Opening what the settings name: the database, Mattermost."""

from __future__ import annotations

from mmapp.config import Settings
from mmapp.db import Database
from mmapp.mattermost.client import Client


def open_database(settings: Settings) -> Database:
    return Database(settings.database, tuple(key.get_secret_value() for key in settings.encryption_keys))


def open_client(settings: Settings) -> Client:
    """The main bot's."""
    ca_file = str(settings.ca_file) if settings.ca_file else None
    return Client(settings.mattermost_url, settings.bot[1], ca_file=ca_file, proxy=settings.proxy)
