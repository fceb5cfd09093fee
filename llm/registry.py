"""Which models there are: the GGUF files of a folder, the endpoints of its models.toml, and the built-in one that quotes."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llm.base import Model, ModelInfo, ModelMissing
from llm.checksum import Identity
from llm.describe import ENGINES, describe, friendly
from llm.endpoints import Declarations, Network
from llm.extractive import ExtractiveModel
from llm.openai_model import OpenAiModel
from llm.scripted import ScriptedModel

BUILT_IN = "quotes"
SCRIPT = ".scripted.json"
MOST_LOADED = 2
CLOSEST = 3


@dataclass(frozen=True)
class Budget:
    """What a loaded model may use: threads, the window's tokens, megabytes for saved states."""

    threads: int
    window: int
    states_mb: int


class Registry:
    """The models of `models_dir`, `quotes`, and `extra` ones. Names are compared without regard to case.

    At most two files are loaded at a time; the one used longest ago makes room. `known` are checksums by file name; `network`
    is how the endpoints are reached.
    """

    def __init__(
        self, models_dir: Path, *, threads: int, window: int, states_mb: int, default: str | None = None,
        extra: Iterable[Model] = (), scripted: bool = False, known: dict[str, Identity] | None = None,
        network: Network = Network(),  # noqa: B008 - frozen
    ) -> None:  # fmt: skip
        self.models_dir, self.wanted, self.scripted = models_dir, default, scripted
        self.budget = Budget(threads, window, states_mb)
        self.known = known or {}
        self.declarations = Declarations(models_dir, network)
        self.extra = {model.name.lower(): model for model in extra}
        self._open: dict[tuple[str, str, str], Model] = {}
        self._opening = threading.Lock()
        self._infos: dict[tuple[str | int, ...], ModelInfo] = {}

    def infos(self) -> list[ModelInfo]:
        """All models, files first, by name. Those that cannot be loaded are among them, with their fault.

        A name that stands in models.toml is an endpoint's, whatever files there are.
        """
        declared = self.declarations.now()
        endpoints = [info for info in declared.infos() if info.name not in self.extra.keys() | {BUILT_IN}]
        taken = self.extra.keys() | {BUILT_IN, *(info.name for info in endpoints)}
        named: dict[str, ModelInfo] = {}
        for path in self._files():
            info = self._info(path, declared.engines.get(path.name, ""))
            name = _unique(info.name, named.keys() | taken)
            named[name] = replace(info, name=name)
        others = [ModelInfo(name, "scripted") for name in self.extra]
        quotes = ModelInfo(
            BUILT_IN, "extractive", title="Quotes", notes=["quotes the messages that fit, and does not write"]
        )
        return [*named.values(), *endpoints, *others, quotes]

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
        """The name of default(), without opening it. A wanted one that is not there is no reason to answer nobody."""
        writing = (info.name for info in self.infos() if info.engine != "extractive" and not info.fault)
        names = {info.name.lower(): info.name for info in self.infos()}
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
        return {name: checksum for name, checksum in opened.items() if checksum}

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
        patterns = ["*.gguf", *([f"*{SCRIPT}"] if self.scripted else [])]
        return sorted(
            path for pattern in patterns for path in self.models_dir.glob(pattern) if not path.name.startswith(".")
        )

    def _info(self, path: Path, engine: str) -> ModelInfo:
        """What the file says of itself; read again only when it changed, or another engine is wanted for it."""
        if path.name.endswith(SCRIPT):
            return ModelInfo(friendly(path.name.removesuffix(SCRIPT)), "scripted", path=str(path))
        try:
            stat = path.stat()
        except OSError as error:
            return ModelInfo(
                friendly(path.stem), "gpt4all", path=str(path), fault=f"it cannot be read: {error.strerror}"
            )
        key = (path.name, engine, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if key not in self._infos:
            found = describe(path, stat.st_size, engine)
            self._infos[key] = replace(found, version="-".join(map(str, (found.engine, *key[2:]))))
        return self._infos[key]

    def _opened(self, info: ModelInfo) -> Model:
        key = (info.engine, info.path or info.name, "" if info.path else info.version)
        model = self._open.pop(key, None) or self._build(info)
        self._open[key] = model  # the newest stands last
        loaded = [other for other in self._open.values() if other is not model and other.loaded]
        for other in loaded[: -(MOST_LOADED - 1)]:
            other.close()
        return model

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
            known=self.known.get(path.name),
        )  # fmt: skip

    def _endpoint(self, info: ModelInfo) -> Model:
        declared = self.declarations.now().endpoints.get(info.name)
        if declared is None:
            raise ModelMissing(info.fault)
        return OpenAiModel(declared, self.declarations.network)


def _unique(name: str, taken: Iterable[str]) -> str:
    others, number = set(taken), 2
    unique = name
    while unique in others:
        unique, number = f"{name}-{number}", number + 1
    return unique
