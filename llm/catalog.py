"""The models that can be fetched through the package index, so that a firm's own index and certificates apply."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from llm.base import ModelMissing

CATALOG = Path(__file__).with_name("catalog.toml")


@dataclass(frozen=True)
class Entry:
    """One model: the wheel that carries it, the file in it, and the file that it becomes. Sizes in bytes.

    `pre_tokenizer` is the name that the engine knows its rules by (adapt.py); `sha256` is of the adapted file.
    """

    name: str
    title: str
    good_for: str
    licence: str
    by: str
    window: int
    project: str
    version: str
    wheel: str
    wheel_size: int
    wheel_sha256: str
    member: str
    member_size: int
    member_sha256: str
    pre_tokenizer: str
    sha256: str

    @property
    def file_name(self) -> str:
        """What the file is called in the models folder."""
        return f"{self.name}.gguf"


def entries(path: Path = CATALOG) -> dict[str, Entry]:
    """All entries by name."""
    return {name: Entry(name=name, **fields) for name, fields in tomllib.loads(path.read_text()).items()}


def entry(name: str) -> Entry:
    """The entry of that name. Raises ModelMissing, with all names as `near`."""
    known = entries()
    if name not in known:
        raise ModelMissing(f"the catalogue has no {name!r}", tuple(known))
    return known[name]
