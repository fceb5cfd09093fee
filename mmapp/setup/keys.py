"""The two keys of an installation: made once, never replaced."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mmapp import config
from mmapp.db import Database
from mmapp.errors import ConfigError
from mmapp.models import Message
from mmapp.texts import setup_trouble as trouble


def require_none_lost() -> None:
    """Raises ConfigError where texts are stored and their key is not in the settings: a new one would not read them."""
    if not config.given().get("CHORUS_ENCRYPTION_KEYS") and _texts_in(config.database()):
        raise ConfigError(trouble.key_lost())


def missing() -> dict[str, str]:
    """New keys, for the settings that have none."""
    known, made = config.given(), {}
    if not known.get("CHORUS_SECRET_KEY"):
        made["secret_key"] = secrets.token_urlsafe(48)
    if not known.get("CHORUS_ENCRYPTION_KEYS"):
        made["encryption_keys"] = Fernet.generate_key().decode()
    return made


def _texts_in(url: str) -> bool:
    """Whether something was asked already; False as well where the database cannot be opened, which Chorus tells itself."""
    try:
        parts = make_url(url)
    except ArgumentError:
        return False
    is_there = (
        parts.get_backend_name() != "sqlite" or Path(parts.database or "").is_file()
    )  # else opening would make it
    if parts.drivername not in config.DRIVERS or not is_there:
        return False
    database = Database(url, (Fernet.generate_key().decode(),))  # a key for nothing: no text is read
    try:
        with database.read() as session:
            return inspect(session.connection()).has_table(Message.__tablename__) and bool(
                session.scalar(select(Message.id).limit(1))
            )
    except SQLAlchemyError:
        return False
    finally:
        database.close()
