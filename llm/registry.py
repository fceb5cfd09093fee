"""Which models there are: the GGUF files of a folder and the built-in one that quotes."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llm import lock
from llm.base import Model, ModelInfo, ModelMissing
from llm.checksum import Identity, identify
from llm.describe import describe, friendly
from llm.extractive import ExtractiveModel
from llm.gpt4all_model import Gpt4AllModel, Hashes
from llm.memory import BOUNDLESS, Memory
from llm.scripted import ScriptedModel

BUILT_IN = "quotes"
SCRIPT = ".scripted.json"
CLOSEST = 3
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Budget:
    """What a loaded model may use: threads, the window's tokens, megabytes for saved states."""

    threads: int
    window: int
    states_mb: int


class Registry:
    """The models of `models_dir`, `quotes`, and `extra` ones. Names are compared without regard to case.

    Files are loaded when they are asked, and kept while they fit into `memory_mb`; the one used longest ago makes room. Where
    the folder has an approved list, nothing else is loaded. `known` are checksums by file name; `only` are the names that are
    served, where these are not all.
    """

    def __init__(
        self, models_dir: Path, *, threads: int, window: int, states_mb: int, default: str | None = None,
        extra: Iterable[Model] = (), scripted: bool = False, known: dict[str, Identity] | None = None,
        memory_mb: int | None = None, only: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.models_dir, self.wanted, self.scripted = models_dir, default, scripted
        self.budget = Budget(threads, window, states_mb)
        self.memory = Memory(BOUNDLESS if memory_mb is None else memory_mb * MEGABYTE)
        self.known = known or {}
        self.only = frozenset(name.lower() for name in only)
        self.extra = {model.name.lower(): model for model in extra}
        self._open: dict[str, Model] = {}
        self._opening = threading.Lock()
        self._infos: dict[tuple[str, int, int, int], ModelInfo] = {}
        self._hashed: dict[str, Identity] = {}

    def infos(self) -> list[ModelInfo]:
        """The models that are served, files first, by name. Files that cannot be loaded are among them, with their fault."""
        return [info for info in self.all_infos() if not self.only or info.name.lower() in self.only]

    def all_infos(self) -> list[ModelInfo]:
        """Those that others serve as well."""
        approved = lock.read(self.models_dir)
        named: dict[str, ModelInfo] = {}
        for path in self._files():
            info = self._info(path)
            if not info.fault and info.engine != "scripted":
                info = replace(info, fault=self._refusal(info, approved))
            name = _unique(info.name, named.keys() | self.extra.keys() | {BUILT_IN})
            named[name] = replace(info, name=name)
        others = [ModelInfo(name, "scripted") for name in self.extra]
        quotes = ModelInfo(
            BUILT_IN, "extractive", title="Quotes", notes=["quotes the messages that fit, and does not write"]
        )
        return [*named.values(), *others, quotes]

    def resolve(self, name: str) -> Model:
        """The model of that name. Raises ModelMissing; a file's fault shows when it is asked."""
        found = {info.name.lower(): info for info in self.infos()}
        info = found.get(name.strip().lower())
        if info is None:
            near = difflib.get_close_matches(name.lower(), found, CLOSEST, 0.3)
            raise ModelMissing(f"there is no model {name!r}", tuple(near))
        if info.name.lower() in self.extra:
            return self.extra[info.name.lower()]
        with self._opening:
            return self._opened(info)

    def default(self) -> Model:
        """The wanted one, else the first file that can be loaded, else the one that quotes. Raises ModelMissing."""
        return self.resolve(self.default_name())

    def default_name(self) -> str:
        """The name of default(), without opening it. A wanted one that is not there is no reason to answer nobody.

        One that another worker serves may be it: two workers of one folder agree.
        """
        infos = self.all_infos()
        writing = (info.name for info in infos if info.engine != "extractive" and not info.fault)
        names = {info.name.lower(): info.name for info in infos}
        return names.get((self.wanted or "").lower()) or next(writing, BUILT_IN)

    def is_warm(self, name: str) -> bool:
        """Whether that model could answer without being loaded first; asking opens nothing."""
        opened = (*self._open.values(), *self.extra.values())
        return any(model.warm for model in opened if model.name == name)

    def sha256(self, name: str) -> str:
        """That of the file which an opened model has loaded, or had loaded last; empty where there is none."""
        opened = (
            model for model in list(self._open.values()) if isinstance(model, Gpt4AllModel) and model.name == name
        )
        return next((model.checksum.sha256 for model in opened if model.checksum), "")

    def checksums(self) -> dict[str, Identity]:
        """The checksums that opened models know by now, by file name: to be given as `known` another time."""
        opened = [model for model in list(self._open.values()) if isinstance(model, Gpt4AllModel)]
        return self._hashed | {model.path.name: model.checksum for model in opened if model.checksum}

    def forget(self, texts: Sequence[str]) -> None:
        """Have every opened model drop what it remembers of prompts with these texts in them."""
        for model in list(self._open.values()):
            if isinstance(model, Gpt4AllModel):
                model.forget(texts)

    def close_removed(self) -> None:
        """Free the memory of models whose files are gone. Whoever is being answered by one is answered."""
        with self._opening:
            for model in self._open.values():
                if isinstance(model, Gpt4AllModel) and not model.path.exists() and not model.host.busy:
                    model.close()

    def close(self) -> None:
        """End all processes."""
        with self._opening:
            for model in self._open.values():
                model.close()
            self._open.clear()

    def _files(self) -> list[Path]:
        if not self.models_dir.is_dir():
            return []
        patterns = ["*.gguf", *([f"*{SCRIPT}"] if self.scripted else [])]
        return sorted(
            path for pattern in patterns for path in self.models_dir.glob(pattern) if not path.name.startswith(".")
        )

    def _info(self, path: Path) -> ModelInfo:
        """What the file says of itself; read again only when it changed."""
        if path.name.endswith(SCRIPT):
            return ModelInfo(friendly(path.name.removesuffix(SCRIPT)), "scripted", path=str(path))
        try:
            stat = path.stat()
        except OSError as error:
            return ModelInfo(
                friendly(path.stem), "gpt4all", path=str(path), fault=f"it cannot be read: {error.strerror}"
            )
        key = (path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if key not in self._infos:
            self._infos[key] = replace(
                describe(path, stat.st_size, self.budget.window), version="-".join(map(str, key[1:]))
            )
        return self._infos[key]

    def _refusal(self, info: ModelInfo, approved: lock.ApprovedList | None) -> str:
        """Why a sound file may not be loaded here, or nothing."""
        if approved is not None:
            if approved.fault:
                return approved.fault
            try:
                if not approved.may_have(info.size) or self._hash(Path(info.path)) not in approved.hashes:
                    return lock.NOT_APPROVED
            except OSError as error:
                return f"it cannot be read: {error.strerror}"
        return self.memory.refusal(info.least)

    def _hash(self, path: Path) -> str:
        """A file's SHA-256, taken when it is met first: a second a gigabyte, where there is an approved list alone."""
        known = self._hashed.get(path.name) or self.known.get(path.name)
        found = self._hashed[path.name] = identify(path, known, lambda _done, _of: None)
        return found.sha256

    def _approved(self) -> Hashes:
        """The hashes that may be loaded now; None where there is no list."""
        approved = lock.read(self.models_dir)
        return None if approved is None else approved.hashes

    def _opened(self, info: ModelInfo) -> Model:
        key = f"{info.engine}:{info.path}"
        if key not in self._open:
            self._open[key] = self._build(info)
        return self._open[key]

    def _build(self, info: ModelInfo) -> Model:
        if info.engine == "extractive":
            return ExtractiveModel(info.name)
        if info.engine == "scripted":
            return ScriptedModel.from_file(Path(info.path), info.name)
        path, budget = Path(info.path), self.budget
        return Gpt4AllModel(
            path, name=info.name, threads=budget.threads, window=budget.window, states_mb=budget.states_mb,
            known=self.known.get(path.name), memory=self.memory, approved=self._approved,
        )  # fmt: skip


def _unique(name: str, taken: Iterable[str]) -> str:
    others, number = set(taken), 2
    unique = name
    while unique in others:
        unique, number = f"{name}-{number}", number + 1
    return unique
