"""`flask models lock`: the approved list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from llm import checksum, lock, record
from llm.base import ModelInfo
from llm.lock import ApprovedList
from llm.registry import Registry
from mmapp import config, services
from mmapp.catalogue.bar import shown
from mmapp.catalogue.sentences import sentences
from mmapp.errors import ConfigError
from mmapp.texts import catalog as texts

ENDPOINT = "openai"


@click.command("lock")
@click.option("--add", "added", multiple=True, metavar="NAME", help="Approve one more model; may be repeated.")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="Approve a model no more; may be repeated.")
@sentences
def approve(added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Write models.lock: from then on only what stands in it is loaded. Without options: what is there now."""
    folder = config.models_dir()
    registry = Registry(folder, states_mb=0, network=services.network(*config.way_out()), **config.limits())
    approved = _changed(registry, added, removed) if added or removed else _all(registry)
    try:
        lock.write(folder, approved)
    except OSError as error:
        raise ConfigError(texts.cannot_lock(error.strerror or type(error).__name__)) from None
    click.echo(texts.locked(list(approved.names())))


def _all(registry: Registry) -> ApprovedList:
    """Every model that an engine here could load."""
    approved = ApprovedList()
    with shown() as progress:
        for info in registry.infos():
            if _loadable(info):
                approved = _with(approved, info, lambda done, of: progress("check", done, of))
    return approved


def _changed(registry: Registry, added: tuple[str, ...], removed: tuple[str, ...]) -> ApprovedList:
    approved = lock.read(registry.models_dir)
    if approved is None:
        raise ConfigError(texts.no_lock())
    if approved.fault:
        raise ConfigError(texts.broken_lock(approved.fault))
    for name in removed:
        if name not in approved.names():
            raise ConfigError(texts.not_in_lock(name))
        approved = approved.without(name)
    infos = {info.name: info for info in registry.infos() if info.path or info.engine == ENDPOINT}
    with shown() as progress:
        for name in added:
            if name not in infos:
                raise ConfigError(texts.no_such_model(name))
            approved = _with(approved, infos[name], lambda done, of: progress("check", done, of))
    return approved


def _loadable(info: ModelInfo) -> bool:
    """Whether nothing but the list itself keeps it from being loaded."""
    by_list = info.fault == lock.NOT_APPROVED or lock.LOCK in info.fault
    return (bool(info.path) or info.engine == ENDPOINT) and (not info.fault or by_list)


def _with(approved: ApprovedList, info: ModelInfo, progress: Callable[[int, int], None]) -> ApprovedList:
    if info.engine == ENDPOINT:
        return approved.with_endpoint(info.name)
    path = Path(info.path)
    known = record.read(path)
    sha256, size = checksum.sha256(path, progress), path.stat().st_size
    return approved.with_file(info.name, sha256, size, known.source if known and known.sha256 == sha256 else path.name)
