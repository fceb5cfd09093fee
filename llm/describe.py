"""What is known of a model's file without loading it, and how people call it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from llm import catalog, header, machine, memory, record, supported
from llm.base import ModelError, ModelInfo
from llm.catalog import Entry
from llm.header import Header


def describe(path: Path, size: int, window: int) -> ModelInfo:
    """What a file says of itself, with the reason where it cannot be loaded; its memory is for a window of that size."""
    info = ModelInfo(friendly(path.stem), "gpt4all", path=str(path), size=size)
    try:
        head = header.read(path)
        _name(info, path, head)
        info.architecture, info.quantisation, info.n_ctx = head.architecture, head.quantisation, head.context_length
        needed = memory.need(head, size, window)
        info.least, info.memory = needed.least, needed.wanted
        supported.check(head)
        machine.check_engine()
    except ModelError as error:
        info.fault = str(error)
    return info


def friendly(stem: str) -> str:
    """A file's name as people may type it: `SmolLM2-135M-Instruct.Q4_1` becomes `smollm2-135m-instruct.q4_1`."""
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-.") or "model"


def _name(info: ModelInfo, path: Path, head: Header) -> None:
    """Title, licence and use: as recorded beside the file, else by the catalogue's entry of its name, else its own words.

    Those inside files are the training run's ("Smollm2 135M 8k Lc100K Mix1 Ep2").
    """
    for known in (record.read(path), _entries().get(path.name)):
        if known is not None:
            info.title, info.licence, info.good_for = known.title or head.title, known.licence, known.good_for
            return
    info.title, info.licence = head.title, head.licence


@cache
def _entries() -> dict[str, Entry]:
    return {entry.file_name: entry for entry in catalog.entries().values()}
