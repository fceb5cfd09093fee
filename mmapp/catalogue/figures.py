"""What models were measured to do here, as the database keeps it where Chorus is set up."""

from __future__ import annotations

import click

from llm.base import ModelInfo, Speed
from mmapp import config, services
from mmapp.db import Database
from mmapp.errors import AppError
from mmapp.jobs import measured
from mmapp.jobs.measured import Figures
from mmapp.texts import catalog as texts

__all__ = ["Figures", "keep", "known"]


def known() -> dict[str, Figures]:
    """The figures of this machine by model; none where Chorus is not set up."""
    database = _database()
    if database is None:
        return {}
    try:
        return measured.here(database)
    finally:
        database.close()


def keep(info: ModelInfo, speed: Speed) -> str:
    """Keep what was measured just now; what there is to say about it."""
    database = _database()
    if database is None:
        return ""
    try:
        return texts.kept() if measured.keep(database, info.name, info.version, speed) else texts.not_listed_yet()
    finally:
        database.close()


def _database() -> Database | None:
    """The database, where there is one. One that cannot be used is no reason not to list models, but it is said."""
    try:
        services.require_set_up()
    except AppError:
        return None
    try:
        return services.ready_database(config.load())
    except AppError as error:
        click.echo(texts.no_figures(error.sentence), err=True)
        return None
