"""What every engine's process does alike: it opens a file, tells prompts from their template, and says how answers ended."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from llm import checksum, header, machine
from llm.base import EmptyAnswer, ModelBroken, NotApproved, Options, Prompt, Turn
from llm.header import CONTROL, USER_DEFINED, Header
from llm.host_wire import Wire
from llm.templates import Chat, ChatTemplate, Segment
from llm.texts import harmless
from llm.thoughts import OPENED
from llm.writing import Writing

WORDS = "the pump of hall seven was checked on monday and all is well; "


@dataclass(frozen=True)
class Asked:
    """A request for an answer: the prompt, its segments, and the options with the template's own stop texts. `thinks`: the
    template begins the answer with thoughts."""

    prompt: Prompt
    options: Options
    segments: list[Segment]
    thinks: bool


class Session(ABC):
    """A loaded model and what it has read. Raises a ModelError where it does not load.

    `margin` tokens of the window stay free.
    """

    margin: ClassVar[int]

    def __init__(self, wire: Wire, request: dict[str, Any]) -> None:
        started = time.monotonic()
        path = Path(request["path"])
        head = header.read(path)
        self.check_file(head)
        self.wire = wire
        self.identity = checksum.identify(path, checksum.Identity.known(request["known"]), partial(wire.tick, "load"))
        if request["approved"] is not None and self.identity.sha256 not in request["approved"]:
            raise NotApproved
        self.template = ChatTemplate(head, **Chat(**request["chat"]).meant_for(self.identity.sha256))
        self.template.check()
        left = min(machine.memory_left(), request["memory"])
        self.n_ctx = machine.window(head, self.identity.size, request["n_ctx"], left)
        self.controls = frozenset(_ids(head, lambda text, kind: kind == CONTROL or not harmless(text)))
        # A role's mark in an answer begins another's turn; other USER_DEFINED tokens (Gemma's `<table>`) are words.
        self.ends = frozenset(_ids(head, lambda text, kind: kind == CONTROL or text in self.template.roles))
        self._load(path, head, request)
        if not self.identity.still(path.stat()):
            raise ModelBroken("its file was changed while it was loaded")
        self._probe()
        self.load_seconds = time.monotonic() - started

    @staticmethod
    @abstractmethod
    def check_file(head: Header) -> None:
        """Raise ModelUnsupported where the engine would refuse a file with this header."""

    @abstractmethod
    def _load(self, path: Path, head: Header, request: dict[str, Any]) -> None:
        """Have the engine load the file."""

    @abstractmethod
    def _probe(self) -> None:
        """One token in, one out: what loading alone does not show."""

    @abstractmethod
    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read a prompt and write the answer; its text goes out while it is written."""

    @abstractmethod
    def _count(self, segments: Iterator[Segment]) -> int:
        """The tokens of a whole prompt."""

    @abstractmethod
    def _count_inside(self, segment: Segment) -> int:
        """The tokens of a segment that others stand before."""

    @abstractmethod
    def _known(self, segments: list[Segment]) -> int:
        """How many tokens at a prompt's beginning need not be read again."""

    @abstractmethod
    def measure(self, request: dict[str, Any]) -> dict[str, Any]:
        """Tokens a second, reading and writing."""

    @abstractmethod
    def forget(self, request: dict[str, Any]) -> dict[str, Any]:
        """Drop what holds one of these texts."""

    def ready(self, _request: dict[str, Any]) -> dict[str, Any]:
        """What the parent may know of the loaded model."""
        return {"n_ctx": self.n_ctx, "load_seconds": self.load_seconds, "identity": self.identity.fields()}

    def verbs(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """What the parent can ask for."""
        return {"generate": self.generate, "measure": self.measure, "size": self.size, "forget": self.forget}

    def _asked(self, request: dict[str, Any]) -> Asked:
        prompt = _prompt(request["prompt"])
        options = Options(**request["options"] | {"stop": (*request["options"]["stop"], *self.template.stops)})
        segments = self.template.segments(prompt)
        return Asked(
            prompt, options, segments, thinks=segments[-1].special and segments[-1].text.rstrip().endswith(OPENED)
        )

    def _writing(self, asked: Asked) -> Writing:
        """An answer whose text goes out as it grows."""
        return Writing(
            asked.options.stop, self.ends, lambda text: self.wire.send("text", text=text), thinks=asked.thinks
        )

    def size(self, request: dict[str, Any]) -> dict[str, Any]:
        """How many tokens a prompt has, how many of them are known, and how many each turn takes by itself."""
        prompt = _prompt(request["prompt"])
        segments = self.template.segments(prompt)
        turns = [Segment(self.template.escape(turn.text)) for turn in prompt.turns]
        return {
            "tokens": self._count(self._watched(segments)),
            "known": self._known(segments),
            "turns": [self._count_inside(turn) for turn in self._watched(turns)],
            "window": self.n_ctx - self.margin - request["options"]["max_tokens"],
        }

    def _watched(self, items: Sequence[Any]) -> Iterator[Any]:
        """One after the other, with signs of life; ends early where nobody waits any more."""
        for number, item in enumerate(items):
            if not self.wire.tick("read", number, len(items)):
                return
            yield item

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for this answer any more."""
        return self.wire.id in self.wire.cancelled

    def _ended(self, writing: Writing, asked: Asked, *, full: bool, cancelled: bool) -> str:
        """Why the answer ends here; `full`: it has as many tokens as it may. Raises EmptyAnswer."""
        reason = "cancelled" if cancelled else _reason(writing, full=full)
        if reason == "stop" and not (writing.text.strip() or asked.prompt.begun.strip()):
            raise EmptyAnswer
        return reason


def _ids(head: Header, wanted: Callable[[str, int], bool]) -> Iterator[int]:
    """The ids of those CONTROL and USER_DEFINED tokens whose text and type are wanted."""
    for number, (text, kind) in enumerate(zip(head.tokens, head.token_types, strict=False)):
        if kind in (CONTROL, USER_DEFINED) and wanted(text.decode("utf-8", "replace"), kind):
            yield number


def _prompt(fields: dict[str, Any]) -> Prompt:
    return Prompt(**fields | {"turns": tuple(Turn(**turn) for turn in fields["turns"])})


def _reason(writing: Writing, *, full: bool) -> str:
    if writing.reason == "repeat":
        return "repeat"
    return "length" if full and not writing.cut else "stop"
