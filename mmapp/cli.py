"""`flask --app app …`: what administrators type."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import click
from flask import Flask

from mmapp import config, logs, services
from mmapp import export as exports
from mmapp.catalogue.command import models
from mmapp.catalogue.sentences import sentences
from mmapp.doctor.command import doctor
from mmapp.errors import ConfigError
from mmapp.setup import Wishes
from mmapp.setup import run as run_setup
from mmapp.texts import admin

app = Flask("chorus", root_path=str(config.ROOT))
app.cli.add_command(models)
app.cli.add_command(doctor)


@app.cli.command()
@sentences
def release() -> None:
    """Bring the database to this version's revision."""
    services.release(config.load())
    click.echo(admin.migrated())


@app.cli.command()
@click.option("--url", default="", help="Mattermost's address, as its Site URL.")
@click.option("--public-url", default="", help="Where Mattermost reaches Chorus.")
@click.option("--team", "teams", multiple=True, help="A team that gets the command, by name; may be repeated.")
@click.option("--bot", default="", help="The bot's username.")
@click.option("--user", default="", help="An administrator's username; the password is asked for.")
@click.option("--ephemerals", is_flag=True, help="Grant the bot notices of its own (Mattermost 11, no licence).")
@click.option("--take-over", is_flag=True, help="Use a bot or command of that name though others made it.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is given and what is usual.")
@click.option("--print", "by_hand", is_flag=True, help="Write addresses and keys to .env and print the other steps.")
@sentences
def setup(**options: Any) -> None:
    """Connect Chorus to a Mattermost: bot, command, keys and .env.

    For scripts: CHORUS_SETUP_TOKEN, or --user and CHORUS_SETUP_PASSWORD, in the environment of this one run.
    """
    run_setup(Wishes(**options))


@app.cli.command()
@click.option("--models", "only", default="", help="Serve these models alone: names, separated by commas.")
@sentences
def worker(only: str) -> None:
    """Answer questions until told to go (SIGTERM)."""
    from mmapp.jobs import worker as process

    settings = config.load()
    logs.configure(settings.log_level)
    process.run(settings, only=tuple(filter(None, map(str.strip, only.split(",")))))


@app.cli.command()
@sentences
def scheduler() -> None:
    """Plan the digests that are due, until told to go (SIGTERM). Any number may run."""
    from mmapp.jobs import scheduler as process

    settings = config.load()
    logs.configure(settings.log_level)
    process.run(settings)


@app.cli.command()
@sentences
def listener() -> None:
    """Hear who addresses the bot in channels and direct messages, until told to go (SIGTERM)."""
    from mmapp.listen import listener as process

    settings = config.load()
    logs.configure(settings.log_level)
    process.run(settings)


@app.cli.command()
@click.option("--to", "path", type=click.Path(path_type=Path), help="A new file, which you alone can read.")
@click.option("--words", is_flag=True, help="With questions and answers: people's own words.")
@sentences
def export(path: Path | None, words: bool) -> None:
    """What people think of answers, by thumbs and /ai feedback: a JSON object a line."""
    with closing(services.ready_database(config.load())) as database:
        lines = (json.dumps(one, ensure_ascii=False) for one in exports.ratings(database, words=words))
        if path is None:
            for line in lines:
                click.echo(line)
            return
        with _new_file(path) as file, click.progressbar(lines, length=exports.count(database)) as shown:
            file.writelines(f"{line}\n" for line in shown)
    click.echo(admin.exported(path))


def _new_file(path: Path) -> IO[str]:
    """Nobody else may read it from the beginning on. Raises ConfigError where it is there, or cannot be made."""
    try:
        return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")  # noqa: PTH123
    except OSError as error:
        raise ConfigError(admin.no_new_file(path, error.strerror or type(error).__name__)) from None
