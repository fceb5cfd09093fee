"""Which models there are: the GGUF files of a folder, the endpoints of its models.toml, and the built-in one that quotes."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llm import lock
from llm.base import Model, ModelInfo, ModelMissing, NotApproved
from llm.checksum import Identity, identify
from llm.describe import BUILT_IN, ENGINES, describe, files, friendly
from llm.endpoints import Declarations, Network
from llm.extractive import ExtractiveModel
from llm.foreign import one_line
from llm.hosted_model import Hashes
from llm.memory import BOUNDLESS, Memory
from llm.openai_model import OpenAiModel
from llm.scripted import ScriptedModel

SCRIPT = ".scripted.json"
CLOSEST = 3
MEGABYTE = 1 << 20
LONGEST_FAULT = 500


@dataclass(frozen=True)
class Budget:
    """What a loaded model may use: threads, the window's tokens, megabytes for saved states."""

    threads: int
    window: int
    states_mb: int


class Registry:
    """The models of `models_dir`, `quotes`, and `extra` ones. Names are compared without regard to case.

    Files are loaded when they are asked, and kept while they fit into `memory_mb`; the one used longest ago makes room. Where
    the folder has an approved list, nothing else answers. `known` are checksums by file name; `only` are the names that are
    served, where these are not all; `network` is how the endpoints are reached.
    """

    def __init__(
        self, models_dir: Path, *, threads: int, window: int, states_mb: int, default: str | None = None,
        extra: Iterable[Model] = (), scripted: bool = False, known: dict[str, Identity] | None = None,
        memory_mb: int | None = None, only: Iterable[str] = (),
        network: Network = Network(),  # noqa: B008 - frozen
    ) -> None:  # fmt: skip
        self.models_dir, self.wanted, self.scripted = models_dir, default, scripted
        self.budget = Budget(threads, window, states_mb)
        self.memory = Memory(BOUNDLESS if memory_mb is None else memory_mb * MEGABYTE)
        self.known = known or {}
        self.declarations = Declarations(models_dir, network)
        self.only = frozenset(name.lower() for name in only)
        self.extra = {model.name.lower(): model for model in extra}
        self._open: dict[tuple[str, str, str], Model] = {}
        self._opening = threading.Lock()
        self._infos: dict[tuple[str | int, ...], ModelInfo] = {}
        self._hashed: dict[str, Identity] = {}

    def infos(self) -> list[ModelInfo]:
        """The models that are served, files first, by name. Those that cannot answer are among them, with their fault."""
        return [info for info in self.all_infos() if not self.only or info.name.lower() in self.only]

    def all_infos(self) -> list[ModelInfo]:
        """Those that others serve as well. A name that stands in models.toml is an endpoint's, whatever files there are."""
        approved, declared = lock.read(self.models_dir), self.declarations.now()
        endpoints = [
            _unless_approved(info, approved)
            for info in declared.infos()
            if info.name not in self.extra.keys() | {BUILT_IN}
        ]
        taken = self.extra.keys() | {BUILT_IN, *(info.name for info in endpoints)}
        known = self.known | self.checksums()
        named: dict[str, ModelInfo] = {}
        paths = self._files()
        exact = {path.stem for path in paths if path.stem == friendly(path.stem)}  # these keep their names
        for path in paths:
            info = self._info(path, declared.engines.get(path.name, ""), known.get(path.name))
            if not info.fault and info.engine != "scripted":
                info = replace(info, fault=self._refusal(info, approved))
            name = _unique(info.name, named.keys() | taken | (exact - {path.stem}))
            named[name] = replace(info, name=name)
        others = [ModelInfo(name, "scripted") for name in self.extra]
        quotes = ModelInfo(
            BUILT_IN, "extractive", title="Quotes", notes=["quotes the messages that fit, and does not write"]
        )
        return [_harmless(info) for info in (*named.values(), *endpoints, *others, quotes)]

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
        return name in self.declarations.now().endpoints or any(model.warm for model in opened if model.name == name)

    def sha256(self, name: str) -> str:
        """That of the file which an opened model has loaded, or had loaded last; empty where there is none."""
        opened = [model.checksum for model in list(self._open.values()) if model.name == name]
        return next((checksum.sha256 for checksum in opened if checksum), "")

    def checksums(self) -> dict[str, Identity]:
        """The checksums that opened models know by now, by file name: to be given as `known` another time."""
        opened = {Path(path).name: model.checksum for (_, path, _), model in list(self._open.items())}
        return self._hashed | {name: checksum for name, checksum in opened.items() if checksum}

    def forget(self, texts: Sequence[str]) -> None:
        """Have every opened model drop what it remembers of prompts with these texts in them."""
        for model in list(self._open.values()):
            model.forget(texts)

    def close_removed(self) -> None:
        """Free the memory of models whose files are gone. Whoever is being answered by one is answered."""
        with self._opening:
            for model in self._open.values():
                if model.gone and not model.busy:
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
        scripts = files(self.models_dir, f"*{SCRIPT}") if self.scripted else []
        return sorted([*files(self.models_dir), *scripts])

    def _info(self, path: Path, engine: str, known: Identity | None) -> ModelInfo:
        """What the file says of itself; read again only when it changed, its hash became known, or another engine is wanted
        for it."""
        if path.name.endswith(SCRIPT):
            return ModelInfo(friendly(path.name.removesuffix(SCRIPT)), "scripted", path=str(path))
        try:
            stat = path.stat()
        except OSError as error:
            return ModelInfo(
                friendly(path.stem), "gpt4all", path=str(path), fault=f"it cannot be read: {error.strerror}"
            )
        seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        sha256 = known.sha256 if known and known.still(stat) else ""
        key = (path.name, engine, sha256, *seen)
        if key not in self._infos:
            found = describe(path, stat.st_size, self.budget.window, engine, sha256)
            self._infos[key] = replace(found, version="-".join(map(str, (found.engine, *seen))))
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
        key = (info.engine, info.path or info.name, "" if info.path else info.version)
        if key not in self._open or (info.engine == "openai" and info.fault):
            self._open[key] = self._build(info)
        return self._open[key]

    def _build(self, info: ModelInfo) -> Model:
        if info.engine == "extractive":
            return ExtractiveModel(info.name)
        if info.engine == "scripted":
            return ScriptedModel.from_file(Path(info.path), info.name)
        if info.engine == "openai":
            return self._endpoint(info)
        path, budget = Path(info.path), self.budget
        return ENGINES[info.engine](
            path, name=info.name, threads=budget.threads, window=budget.window, states_mb=budget.states_mb,
            known=self.known.get(path.name), memory=self.memory, approved=self._approved,
        )  # fmt: skip

    def _endpoint(self, info: ModelInfo) -> Model:
        declared = self.declarations.now().endpoints.get(info.name)
        if declared is None:
            raise ModelMissing(info.fault)
        if info.fault:
            raise NotApproved
        return OpenAiModel(declared, self.declarations.network)


def _harmless(info: ModelInfo) -> ModelInfo:
    """With what files and models.toml say as plain lines: terminals, posts and the database get it from here."""
    return replace(
        info,
        title=one_line(info.title),
        architecture=one_line(info.architecture),
        licence=one_line(info.licence),
        good_for=one_line(info.good_for),
        fault=one_line(info.fault, LONGEST_FAULT),
        unloadable={engine: one_line(why, LONGEST_FAULT) for engine, why in info.unloadable.items()},
    )


def _unless_approved(endpoint: ModelInfo, approved: lock.ApprovedList | None) -> ModelInfo:
    """With why it may not be asked, where there is a list that does not name it."""
    if endpoint.fault or approved is None or (not approved.fault and endpoint.name in approved.endpoints):
        return endpoint
    return replace(endpoint, fault=approved.fault or lock.NOT_APPROVED)


def _unique(name: str, taken: Iterable[str]) -> str:
    others, number = set(taken), 2
    unique = name
    while unique in others:
        unique, number = f"{name}-{number}", number + 1
    return unique
