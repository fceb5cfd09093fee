"""A GGUF file as a Model: an engine in a process of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from llm import header, machine, record
from llm.base import Chunk, Finish, Model, ModelDied, Options, Prompt, Size, Speed, Stage
from llm.checksum import Identity
from llm.header import Header
from llm.host import Host, Limits
from llm.memory import Memory, need

MEGABYTE = 1 << 20
Hashes = frozenset[str] | None


def anything() -> Hashes:
    """No list of approved files: whatever is there may be loaded."""
    return None


class HostedModel(Model):
    """The model in the file at `path`. `known` is its checksum from an earlier time, so that it is not taken again.

    `process` is the module that loads it (host_child.py speaks of what such a process is). `memory` is shared with the other
    models of this process, and `approved` tells the hashes that may be loaded now.
    """

    process: ClassVar[str]

    def __init__(
        self, path: Path, *, name: str, threads: int, window: int, states_mb: int, known: Identity | None = None,
        limits: Limits | None = None, memory: Memory | None = None, approved: Callable[[], Hashes] = anything,
    ) -> None:  # fmt: skip
        self.path, self._name, self._known = path, name, known
        self._memory, self._approved = memory or Memory(), approved
        self._settings: dict[str, Any] = {"threads": threads, "n_ctx": window, "states_bytes": states_mb * MEGABYTE}
        self.host = Host(path, {}, limits, self.process)

    @staticmethod
    @abstractmethod
    def check_installed() -> None:
        """Raise EngineMissing where the engine cannot run here."""

    @staticmethod
    @abstractmethod
    def check_file(head: Header) -> None:
        """Raise ModelUnsupported where the engine would refuse a file with this header."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    @property
    def warm(self) -> bool:
        """Whether this very file is loaded."""
        return self.host.ready is not None and not self._replaced()

    @property
    def loaded(self) -> bool:
        """Whether it has a process."""
        return self.host.pid is not None

    @property
    def busy(self) -> bool:
        """Whether it is answering."""
        return self.host.busy

    @property
    def gone(self) -> bool:
        """Whether its file is."""
        return not self.path.exists()

    @property
    def checksum(self) -> Identity | None:
        """The file's SHA-256 with what it was taken from; None before it was loaded."""
        return self._known

    @property
    def n_ctx(self) -> int:
        """The window it was loaded with, or 0."""
        return int(self.host.ready["n_ctx"]) if self.host.ready else 0

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        """Answer a prompt; see base.Model."""
        if options.max_tokens < 1:
            raise ValueError("max_tokens must be at least 1")
        stage: Stage = "load"
        for event in self._ask("generate", prompt=asdict(prompt), options=asdict(options)):
            chunk = _chunk(event, stage)
            # Silence behind the loading is reading: the first sign of it comes with the first batch.
            stage = "read" if chunk.stage == "load" and self.host.ready else chunk.stage
            yield chunk

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        """Count what it would read; see base.Model."""
        for event in self._ask("size", prompt=asdict(prompt), options=asdict(options)):
            if event and event["event"] == "done":
                yield Size(event["tokens"], event["known"], tuple(event["turns"]), event["window"])
            else:
                yield Chunk(stage="read" if self.host.ready else "load")

    def probe(self) -> Iterator[Chunk | Speed]:
        """Load it and measure it, in about five seconds; see base.Model."""
        for event in self._ask("measure"):
            if event and event["event"] == "done":
                ready, taken = self.host.ready or {}, machine.pss(self.host.pid) if self.host.pid else 0
                yield Speed(ready["load_seconds"], event["prefill"], event["decode"], ready["n_ctx"], taken)
            else:
                yield Chunk(stage="load")

    def forget(self, texts: Iterable[str]) -> None:
        """Drop all that is remembered of prompts with these texts in them; it happens before the next answer."""
        self.host.tell("forget", texts=list(texts))

    def close(self) -> None:
        """Free its memory. It loads again when it is asked."""
        self.host.close()

    def _ask(self, op: str, **fields: Any) -> Iterator[dict[str, Any] | None]:
        self._prepare()
        for event in self.host.ask(op, **fields):
            if self.host.ready and self._known is None:
                self._known = Identity.known(self.host.ready["identity"])
            if self._overwritten():
                self.close()
                raise ModelDied("its file was overwritten while it answered")
            yield event

    def _prepare(self) -> None:
        """See that the file is what is loaded, and may and can be. Raises a ModelError, without starting a process for it."""
        self.check_installed()
        approved = self._approved()
        if self._replaced() or self._withdrawn(approved):
            self.close()
        if not self.host.ready:
            self.host.settings = self._loading(approved)
        self._memory.used(self)

    def _loading(self, approved: Hashes) -> dict[str, Any]:
        """What its process is told at its start. Where only approved files may be loaded, the hash is taken anew there."""
        head = header.read(self.path)
        self.check_file(head)
        found = self.path.stat()
        if approved is not None or (self._known and not self._known.still(found)):
            self._known = None
        wanted = need(head, found.st_size, self._settings["n_ctx"], self._settings["states_bytes"])
        return {
            **self._settings,
            "known": self._known.fields() if self._known else None,
            "approved": None if approved is None else sorted(approved),
            "memory": self._memory.admit(self, wanted),
            "chat": record.chat(self.path).fields(),
        }

    def _withdrawn(self, approved: Hashes) -> bool:
        """Whether what is loaded may not be any more."""
        return approved is not None and self._known is not None and self._known.sha256 not in approved

    def _replaced(self) -> bool:
        if not self.host.ready or not self._known:
            return False
        try:
            return not self._known.still(self.path.stat())
        except FileNotFoundError:
            return True

    def _overwritten(self) -> bool:
        """Whether what is loaded is no longer what was: the engine reads the file while it writes, and other bytes in
        their place are other words, or the end of its process. One that took its name by a rename does no harm."""
        if not self.host.ready or not self._known:
            return False
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        return found.st_ino == self._known.inode and not self._known.still(found)


def _chunk(event: dict[str, Any] | None, stage: Stage) -> Chunk:
    if event is None:
        return Chunk(stage=stage)
    if event["event"] == "tick":
        return Chunk(stage=event["stage"], done=event["done"], of=event["of"])
    return Chunk(event["text"]) if event["event"] == "text" else Chunk(finish=_finish(event))


def _finish(event: dict[str, Any]) -> Finish:
    return Finish(**{key: value for key, value in event.items() if key not in ("id", "event")})
