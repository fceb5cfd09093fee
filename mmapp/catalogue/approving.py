"""`flask models lock`: the approved list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


Change = Callable[[ApprovedList], ApprovedList]


@click.command("lock")
@click.option("--add", "added", multiple=True, metavar="NAME", help="Approve one more model; may be repeated.")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="Approve a model no more; may be repeated.")
@sentences
def approve(added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Write models.lock: from then on only what stands in it is loaded. Without options: what is there now."""
    folder = config.models_dir()
    registry = Registry(folder, states_mb=0, network=services.network(*config.way_out()), **config.limits())
    one_by_one = bool(added or removed)
    if one_by_one:
        _now(folder)  # before files are hashed for nothing
    changes = _approvals(_named(registry, added) if one_by_one else filter(_loadable, registry.infos()))
    try:
        with lock.changing(folder):  # what somebody else has withdrawn while files were hashed stays so
            approved = _without(_now(folder), removed) if one_by_one else ApprovedList()
            for change in changes:
                approved = change(approved)
            lock.write(folder, approved)
    except OSError as error:
        raise ConfigError(texts.cannot_lock(error.strerror or type(error).__name__)) from None
    click.echo(texts.locked(list(approved.names())))


def _now(folder: Path) -> ApprovedList:
    """The list as it stands. Raises ConfigError where nothing can be added to it."""
    approved = lock.read(folder)
    if approved is None:
        raise ConfigError(texts.no_lock())
    if approved.fault:
        raise ConfigError(texts.broken_lock(approved.fault))
    return approved


def _without(approved: ApprovedList, removed: Iterable[str]) -> ApprovedList:
    for name in removed:
        if name.lower() not in map(str.lower, approved.names()):
            raise ConfigError(texts.not_in_lock(name))
        approved = approved.without(name)
    return approved


def _named(registry: Registry, names: Iterable[str]) -> list[ModelInfo]:
    infos = {info.name.lower(): info for info in registry.infos() if info.path or info.engine == ENDPOINT}
    for name in names:
        if name.lower() not in infos:
            raise ConfigError(texts.no_such_model(name))
    return [infos[name.lower()] for name in names]


def _approvals(infos: Iterable[ModelInfo]) -> list[Change]:
    """What each adds to the list. Hashing takes a second a gigabyte."""
    with shown() as progress:
        return [_approval(info, lambda done, of: progress("check", done, of)) for info in infos]


def _loadable(info: ModelInfo) -> bool:
    """Whether nothing but the list itself keeps it from being loaded."""
    by_list = info.fault == lock.NOT_APPROVED or lock.LOCK in info.fault
    return (bool(info.path) or info.engine == ENDPOINT) and (not info.fault or by_list)


def _approval(info: ModelInfo, progress: Callable[[int, int], None]) -> Change:
    if info.engine == ENDPOINT:
        return lambda approved: approved.with_endpoint(info.name)
    path = Path(info.path)
    known = record.read(path)
    sha256, size = checksum.sha256(path, progress), path.stat().st_size
    source = known.source if known and known.sha256 == sha256 else path.name
    return lambda approved: approved.with_file(info.name, sha256, size, source)
