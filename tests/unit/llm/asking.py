"""Short ways to put a question to a model and to see what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm.base import Chunk, Finish, Model, Options, Prompt, Size, Turn
from llm.gpt4all_model import Gpt4AllModel


@dataclass(frozen=True)
class Answer:
    text: str
    finish: Finish
    chunks: list[Chunk]


def load(path: Path, **changes: Any) -> Gpt4AllModel:
    """A model of that file, on one thread: the tests share two cores."""
    settings: dict[str, Any] = {"name": path.stem, "threads": 1, "window": 4096, "states_mb": 64}
    return Gpt4AllModel(path, **settings | changes)


def ask(model: Model, prompt: Prompt, **options: Any) -> Answer:
    """The whole answer; greedy and short unless told otherwise."""
    settings: dict[str, Any] = {"max_tokens": 60, "temperature": 0.0}
    chunks = list(model.generate(prompt, Options(**settings | options)))
    finish = chunks[-1].finish
    assert finish
    return Answer("".join(chunk.text for chunk in chunks), finish, chunks)


def size(model: Model, prompt: Prompt, **options: Any) -> Size:
    """What a prompt would cost, beside an answer of 60 tokens unless told otherwise."""
    *_, found = model.size(prompt, Options(**{"max_tokens": 60, **options}))
    assert isinstance(found, Size)
    return found


def counts(model: Model, texts: Iterable[str]) -> list[int]:
    """How many tokens each text takes by itself."""
    return list(size(model, Prompt("", tuple(Turn("post", text) for text in texts), "?")).turns)


def thread(*posts: str, question: str = "the code is", begun: str = "") -> Prompt:
    """A question about posts of a thread."""
    return Prompt("You copy.", tuple(Turn("post", f"{post}\n") for post in posts), question, begun)


def turns(*pairs: tuple[Any, str]) -> tuple[Turn, ...]:
    return tuple(Turn(role, text) for role, text in pairs)


def lines(count: int, start: int = 0) -> list[str]:
    """As many different posts."""
    return [f"ann: hall {number} was checked, all is well" for number in range(start, start + count)]


def texts(chunks: Iterable[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)
