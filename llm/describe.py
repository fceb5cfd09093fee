"""What is known of a model's file without loading it, which engine loads it, and how people call it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from llm import catalog, header, memory, record
from llm.base import ModelError, ModelInfo
from llm.catalog import Entry
from llm.gpt4all_model import Gpt4AllModel
from llm.header import Header
from llm.hosted_model import HostedModel
from llm.llamacpp_model import LlamaCppModel

BUILT_IN = "quotes"  # what the model is called that is no file
LONGEST_NAME = 100  # characters; the database holds more, for the number behind names that are there twice
# The first that can load a file does, unless models.toml names another for it.
ENGINES: dict[str, type[HostedModel]] = {"gpt4all": Gpt4AllModel, "llamacpp": LlamaCppModel}


def describe(path: Path, size: int, window: int, wanted: str = "", sha256: str = "") -> ModelInfo:
    """What a file says of itself, with the engine that loads it, the `wanted` one or the first, or why none can; its memory
    is for a window of that size. `sha256` is its hash where that is known."""
    info = ModelInfo(friendly(path.stem), wanted or "gpt4all", path=str(path), size=size)
    try:
        head = header.read(path)
        _name(info, path, head, sha256)
        info.architecture, info.quantisation, info.n_ctx = head.architecture, head.quantisation, head.context_length
        needed = memory.need(head, size, window)
        info.least, info.memory = needed.least, needed.wanted
    except ModelError as error:
        info.fault = str(error)
        return info
    info.unloadable = unloadable(head)
    info.engine = wanted or next((name for name in ENGINES if name not in info.unloadable), info.engine)
    info.fault = info.unloadable.get(info.engine, "")
    return info


def unloadable(head: Header) -> dict[str, str]:
    """Why an engine cannot load a file with this header, by engine; those that can, or may, are not in it."""
    found = {}
    for name, engine in ENGINES.items():
        try:
            engine.check_installed()
            engine.check_file(head)
        except ModelError as error:
            found[name] = str(error)
    return found


def files(folder: Path, pattern: str = "*.gguf") -> list[Path]:
    """The models' files in a folder: what begins with a dot is not there yet."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def friendly(stem: str) -> str:
    """A file's name as people may type it: `SmolLM2-135M-Instruct.Q4_1` becomes `smollm2-135m-instruct.q4_1`."""
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-.")[:LONGEST_NAME] or "model"


def _name(info: ModelInfo, path: Path, head: Header, sha256: str) -> None:
    """Title, licence and use: as recorded beside the file, else as the catalogue has them, where it is certain that they are
    about this content; else its own words, which are the training run's ("Smollm2 135M 8k Lc100K Mix1 Ep2")."""
    info.title, info.licence = head.title, head.licence
    if known := record.certain(path, sha256) or _by_hash().get(sha256):
        info.title, info.licence, info.good_for = known.title or head.title, known.licence, known.good_for


@cache
def _by_hash() -> dict[str, Entry]:
    """The catalogue's entries by the SHA-256 that their file has when it is installed, where that is known beforehand."""
    hashes = ((entry.sha256 or entry.source.hashes.get("sha256"), entry) for entry in catalog.entries().values())
    return {sha256: entry for sha256, entry in hashes if sha256}
