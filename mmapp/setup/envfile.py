"""`.env`, completed: readable by its owner alone, whole at every moment, all other lines and comments as they were."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from mmapp.errors import ConfigError
from mmapp.texts import setup as texts
from mmapp.texts import setup_trouble as trouble


def write(path: Path, values: Mapping[str, str]) -> bool:
    """Let `.env` say this; False where it did already. Raises ConfigError where it cannot be written."""
    path = path.resolve()  # where it is a link, what it leads to is replaced
    try:
        known = path.read_text(encoding="utf-8") if path.exists() else ""
        text = merged(known or texts.env_head(), values)
        if known == text and not path.stat().st_mode & 0o077:
            return False
        _replace(path, text)
    except OSError as error:
        raise ConfigError(trouble.env_not_written(path, error.strerror or "")) from None
    return True


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text of a `.env` with these values in the places of the old ones, new names at its end.

    Raises ConfigError where a value would be read as something else: one from a server could bring a line of its own.
    """
    left = dict(values)
    kept = []
    for line in parse_stream(io.StringIO(text)):
        whole = line.original.string
        if line.key not in values:
            kept.append(whole)
        elif line.key in left:
            value = left.pop(line.key)
            blank = whole[: len(whole) - len(whole.lstrip())]
            kept.append(whole if line.value == value else f"{blank}{line.key}={value}\n")
        # else: a second line of the same name, which would win over the first
    body = "".join(kept)
    body += "" if body.endswith("\n") or not body else "\n"
    body += "".join(f"{name}={value}\n" for name, value in left.items())
    read = dotenv_values(stream=io.StringIO(body))
    for name, value in values.items():
        if read.get(name) != value:
            raise ConfigError(trouble.not_writable(name))
    return body


def _replace(path: Path, text: str) -> None:
    """Put a whole new file in the place of the old one, for the same owner."""
    owner = (path if path.exists() else path.parent).stat()
    descriptor, name = tempfile.mkstemp(prefix=".env.", dir=path.parent)  # with mode 600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:  # whoever runs Chorus must still be able to read it
            os.chown(name, owner.st_uid, owner.st_gid)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):  # in its place by now
            Path(name).unlink()
