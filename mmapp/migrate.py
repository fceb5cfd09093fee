"""The database's revision: brought up to date by `release`, checked at every start."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from mmapp.config import ROOT
from mmapp.db import Database
from mmapp.errors import WrongRevision
from mmapp.texts import admin


def upgrade(database: Database) -> None:
    """Migrate to this version's revision; nothing happens where it is there already. Raises WrongRevision."""
    config = _config()
    try:
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except CommandError:  # a revision that this version has never heard of: a newer one was here
        require_current(database)
        raise


def require_current(database: Database) -> None:
    """Raises WrongRevision where the database is at another revision than this version's."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != _wanted():
        raise WrongRevision(admin.wrong_revision(found, _wanted()))


@cache
def _wanted() -> str:
    """Of the version that runs, whatever the folder holds later. Reading it takes 3 ms, and /readyz is asked often."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    # Alembic interpolates % in its options; a path may hold one.
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    return config
