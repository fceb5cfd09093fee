"""Exactly how many tokens are fed through the whole line, beside the tokens of what is new to the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llm.base import Chunk, Options, Prompt
from llm.gpt4all_model import Gpt4AllModel
from mmapp import migrate
from mmapp.db import Database
from mmapp.jobs import answer
from mmapp.models import Message
from tests.bench.models import smollm2
from tests.bench.table import Row
from tests.conftest import KEY
from tests.line import Line
from tests.playground.sample import THREAD
from tests.playground.store import Doc
from tests.unit.llm.asking import counts

ALLOWED = 32  # tokens of the template around a new text
AGAINST = "the tokens of the new text itself, and 32"
NAME = "smollm2-135m"
FOREIGN = "The lift of hall four is stuck again. Who calls the technician?"
LATER = [f"Truck {number} has passed gate 2, {number} minutes late." for number in range(1, 11)]


def rows(folder: Path) -> Iterator[Row]:
    with _line(folder) as line, _prompts() as prompts:
        root = _thread(line)
        model = line.worker.registry.resolve(NAME)
        assert isinstance(model, Gpt4AllModel)

        def foreign() -> None:
            line.ask(line.carol, "What happened?", root=line.playground.post_as(line.bob, line.town, FOREIGN))

        def row(name: str, who: Doc, question: str) -> Row:
            before = next(prompt for prompt in reversed(prompts) if _is_about(prompt, THREAD[0][1]))
            line.ask(who, question, root=root)
            own = sum(counts(model, _new(before, prompts[-1])))
            return Row(f"tokens fed, {name}", _read(line), "tokens", own + ALLOWED, 1, AGAINST)

        line.ask(line.ann, "Why was the booking page down?", root=root)
        yield row("a follow-up", line.ann, "And who found that out?")
        yield row("another person", line.bob, "Who stopped the report?")
        foreign()
        yield row("a follow-up after a foreign conversation", line.bob, "When was that?")
        foreign()
        yield row("another person after a foreign conversation", line.carol, "Which gate is it about?")
        for text in LATER:
            line.playground.post_as(line.ann, line.town, text, root)
        yield row("ten new posts", line.carol, "Which truck was the last?")


@contextmanager
def _line(folder: Path) -> Iterator[Line]:
    usual, answer.OPTIONS = answer.OPTIONS, Options(max_tokens=24, temperature=0.0)  # exact: greedy, there is no seed
    try:
        with empty_line(folder, {NAME: smollm2()}) as line:
            yield line
    finally:
        answer.OPTIONS = usual


@contextmanager
def empty_line(folder: Path, models: Mapping[str, Path], **settings: Any) -> Iterator[Line]:
    """The whole line in one process, with these models and nothing in its database."""
    (folder / "models").mkdir(parents=True)
    for name, path in models.items():
        (folder / "models" / f"{name}.gguf").symlink_to(path)
    url = f"sqlite:///{folder / 'chorus.db'}"
    database = Database(url, (KEY,))
    migrate.upgrade(database)
    database.close()
    with Line(url, folder / "models", default_model=next(iter(models)), log_level="WARNING", **settings) as line:
        yield line


@contextmanager
def _prompts() -> Iterator[list[Prompt]]:
    """All prompts that models are asked with from now on."""
    seen: list[Prompt] = []
    original = Gpt4AllModel.generate

    def generate(self: Gpt4AllModel, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        seen.append(prompt)
        return original(self, prompt, options)

    Gpt4AllModel.generate = generate  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Gpt4AllModel.generate = original  # type: ignore[method-assign]


def _thread(line: Line) -> Doc:
    people = {"ann": line.ann, "bob": line.bob, "carol": line.carol, "dave": line.carol}
    posts: list[Doc] = []
    for who, text in THREAD:
        posts.append(line.playground.post_as(people[who], line.town, text, posts[0] if posts else ""))
    return posts[0]


def _is_about(prompt: Prompt, text: str) -> bool:
    return any(text in turn.text for turn in prompt.turns)


def _new(before: Prompt, prompt: Prompt) -> list[str]:
    """What is said in a prompt behind the question of the one before and its answer, which the model wrote itself."""
    known = len(before.turns) + 2
    assert prompt.turns[: known - 2] == before.turns
    assert prompt.turns[known - 2].text == before.question
    return [*(turn.text for turn in prompt.turns[known:]), prompt.question]


def _read(line: Line) -> int:
    """Tokens that were read for the newest answer."""
    request = line.posts()[-1]["props"]["chorus_request"]
    with line.worker.database.read() as session:
        return int(session.query(Message).filter_by(question_id=request).one().provenance["read"])
