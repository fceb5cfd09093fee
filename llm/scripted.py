"""A model for tests: it does what a script says, and remembers every prompt.

    model = ScriptedModel([Step("Paris."), Step("The ", error=ModelDied("…")), Step(hangs=True)])

A process that cannot share one reads its script from a file, a list of objects with the same fields:

    [{"contains": "capital", "answer": "Paris.", "delay_ms_per_word": 50}, {"answer": "", "die": true}]
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from llm import base
from llm.base import Chunk, EmptyAnswer, Finish, Model, ModelError, Options, Prompt, Size, Speed

TICK = 0.25
SHORT_TICK = 0.02


@dataclass(frozen=True)
class Step:
    """What to do for one prompt: for the first that `contains` a text, or any where that is empty.

    It waits `delay_ms`, then writes `answer` word by word, each after `delay_ms_per_word`, and before the word with the
    number of a gate until that is open; then `error` is raised, or the process kills itself (`die`), or it ticks for
    ever (`hangs`), or it ends with `reason` and `keep`.
    """

    answer: str = ""
    contains: str = ""
    delay_ms: int = 0
    delay_ms_per_word: int = 0
    error: ModelError | None = None
    die: bool = False
    hangs: bool = False
    reason: Any = "stop"
    keep: int | None = None
    gates: Mapping[int, threading.Event] = field(default_factory=dict)

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Step:
        """A step from JSON; `error` is the name of a ModelError."""
        error = fields.get("error")
        return cls(**fields | {"error": getattr(base, error)(fields.get("answer", "")) if error else None})


class ScriptedModel(Model):
    """Does each step once, in order; with `repeat` every step stays (a script from a file does)."""

    def __init__(self, steps: Sequence[Step | str] = (), *, name: str = "scripted", repeat: bool = False) -> None:
        self._name, self.repeat = name, repeat
        self.steps = [Step(step) if isinstance(step, str) else step for step in steps]
        self.history: list[Prompt] = []
        self.options: list[Options] = []
        self.speed = Speed(0.1, 1000.0, 100.0, 8192)
        self.closed = 0

    @classmethod
    def from_file(cls, path: Path, name: str = "") -> ScriptedModel:
        """The model of a script in JSON."""
        steps = [Step.read(fields) for fields in json.loads(path.read_text())]
        return cls(steps, name=name or path.name.removesuffix(".scripted.json"), repeat=True)

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    @property
    def warm(self) -> bool:
        """Always: there is nothing to load."""
        return True

    def enqueue(self, *steps: Step | str) -> None:
        """More to do."""
        self.steps += [Step(step) if isinstance(step, str) else step for step in steps]

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        """Do the next step that fits; see base.Model. Without one: EmptyAnswer."""
        self.history.append(prompt)
        self.options.append(options)
        step = self._next(prompt)
        yield from _wait(step.delay_ms / 1000, "read")
        pieces = re.findall(r"\S*\s*", step.answer)[:-1]
        left = (
            pieces[len(re.findall(r"\S*\s*", prompt.begun)[:-1]) :] if step.answer.startswith(prompt.begun) else pieces
        )
        for number, piece in enumerate(left, len(pieces) - len(left)):
            yield from _wait(step.delay_ms_per_word / 1000, "write")
            while number in step.gates and not step.gates[number].wait(SHORT_TICK):
                yield Chunk(stage="write")
            yield Chunk(piece)
        yield from _end(step)
        if not pieces:
            raise EmptyAnswer
        yield Chunk(finish=Finish(step.reason, keep=step.keep, read=sum(_counts(prompt)), written=len(left)))

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        """Its tokens are words, and what stood in a prompt before is known."""
        counts = _counts(prompt)
        known = max((_equal(earlier, prompt) for earlier in self.history), default=0)
        yield Size(sum(counts), sum(counts[:known]), tuple(counts[1:-1]), self.speed.n_ctx - options.max_tokens)

    def probe(self) -> Iterator[Chunk | Speed]:
        """Its speed is an attribute."""
        yield Chunk(stage="load")
        yield self.speed

    def close(self) -> None:
        """Counts how often it was told to."""
        self.closed += 1

    def _next(self, prompt: Prompt) -> Step:
        said = "\n".join(_texts(prompt))
        for place, step in enumerate(self.steps):
            if step.contains in said:
                return step if self.repeat else self.steps.pop(place)
        return Step()


def _texts(prompt: Prompt) -> list[str]:
    return [prompt.system, *(turn.text for turn in prompt.turns), prompt.question]


def _counts(prompt: Prompt) -> list[int]:
    return [len(text.split()) for text in _texts(prompt)]


def _equal(earlier: Prompt, prompt: Prompt) -> int:
    """How many texts at the beginning are equal."""
    pairs = zip(_texts(earlier), _texts(prompt), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _wait(seconds: float, stage: Any) -> Iterator[Chunk]:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        time.sleep(min(TICK, left))
        yield Chunk(stage=stage)


def _end(step: Step) -> Iterator[Chunk]:
    while step.hangs:
        yield from _wait(TICK, "write")
    if step.die:
        os.kill(os.getpid(), signal.SIGKILL)
    if step.error:
        raise step.error
