"""What is known of an installed model beside its file: where it comes from, its hashes, and a template where it has none.

It stands in `NAME.gguf.toml` beside `NAME.gguf`, written by `models pull` and `models add`. A record is about one content: what
is put in the file's place by hand is another model, and gets nothing of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from llm import written
from llm.templates import Chat

MODELS = "models.toml"


@dataclass(frozen=True)
class Record:
    """`sha256`, `size` and `mtime_ns` are of the file as it is installed; `published` are hashes of it as it was published, by
    algorithm.

    `adapted` is the pre-tokenizer's name that it had before it was adapted, or empty.
    """

    sha256: str
    size: int
    source: str
    published: dict[str, str] = field(default_factory=dict)
    adapted: str = ""
    title: str = ""
    good_for: str = ""
    licence: str = ""
    template: str = ""
    stop: list[str] = field(default_factory=list)
    mtime_ns: int = 0


_RECORD = TypeAdapter(Record)
_CHATS = TypeAdapter(dict[str, Chat])


def path_of(model: Path) -> Path:
    """Where the record of a model's file is."""
    return model.with_name(f"{model.name}.toml")


def save(model: Path, record: Record) -> None:
    """Keep the record beside the file. Raises OSError."""
    head = f"# What is known of {model.name}. Written by `flask models`: it is about one content of that file alone.\n"
    written.save(path_of(model), head + written.lines(asdict(record)))


def read(model: Path) -> Record | None:
    """The record beside a file, or beside what a link leads to; None where there is none that can be read, or it is about a
    file of another size."""
    found = _read(path_of(model)) or (_read(path_of(model.resolve())) if model.is_symlink() else None)
    return found if found and found.size == model.stat().st_size else None


def certain(model: Path, sha256: str = "") -> Record | None:
    """The record, where it is about what is in the file now: that has this hash, or was not written to since it was recorded."""
    found = read(model)
    if found is None:
        return None
    same = found.sha256 == sha256 if sha256 else found.mtime_ns == model.stat().st_mtime_ns
    return found if same else None


def _read(path: Path) -> Record | None:
    try:
        return _RECORD.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        return None


def chat(model: Path) -> Chat:
    """What an administrator wrote for a file into `models.toml`, as `[files."NAME.gguf"]`, else what its record says."""
    own = _by_hand(model)
    if own.template or own.stop:
        return own
    record = read(model)
    return Chat(record.template, record.stop, record.sha256) if record else Chat()


def _by_hand(model: Path) -> Chat:
    try:
        found = tomllib.loads(model.with_name(MODELS).read_text(encoding="utf-8")).get("files", {})
        return _CHATS.validate_python(found).get(model.name, Chat())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        return Chat()
