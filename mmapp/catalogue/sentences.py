"""How a command ends that could not do its work: with a sentence, never with a traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from llm.base import ModelError
from llm.install import InstallError
from mmapp.errors import AppError
from mmapp.mattermost.characters import plain
from mmapp.texts import catalog as texts


def sentences(command: Callable[..., None]) -> Callable[..., None]:
    """What goes wrong ends a command with its sentence."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (AppError, InstallError, ModelError, PermissionError) as error:
            raise click.ClickException(plain(_sentence(error))) from None

    return wrapped


def _sentence(error: Exception) -> str:
    match error:
        case AppError():
            return error.sentence
        case InstallError():
            return texts.not_installed(error.reason, error.detail)
        case PermissionError():
            return texts.not_accessible(error.strerror or type(error).__name__)
    return str(error)
