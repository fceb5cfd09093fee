"""In the host: from the request to the first token, beside the first question about 3,000 tokens of posts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llm.base import Options, Prompt, Turn
from llm.gpt4all_model import Gpt4AllModel
from mmapp.chat.prompts import instructions
from tests.bench.blocks import median
from tests.bench.fed import LATER
from tests.bench.models import smollm2
from tests.bench.table import Row
from tests.playground.sample import THREAD
from tests.unit.llm.asking import counts

TOKENS, ROUNDS = 3_000, 3
AGAINST = "the first question about the same thread in the same run: 3,000 tokens, one thread of the processor"
LIMITS = {
    "a follow-up": 0.03,
    "another person": 0.03,
    "after a foreign conversation": 0.05,
    "ten new posts": 0.2,
}
OPTIONS = Options(max_tokens=16, temperature=0.0)


@dataclass
class Thread:
    """What was said in a thread so far, as a model meets it. `number` makes its words differ from another's."""

    number: int
    turns: list[Turn] = field(default_factory=list)
    posts: int = 0

    def grow(self, said: Iterable[tuple[str, str]]) -> None:
        """People go on talking: who, and what."""
        for who, text in said:
            self.turns.append(Turn("post", f"{who} (Sun 9:{self.posts % 60:02}): {text} ({self.number})\n"))
            self.posts += 1

    def prompt(self, question: str) -> Prompt:
        return Prompt(instructions("ai", messages=True), tuple(self.turns), question)


def rows(folder: Path) -> Iterator[Row]:
    model = Gpt4AllModel(smollm2(), name="smollm2", threads=1, window=8192, states_mb=512)
    try:
        _ask(model, Thread(0), "ann asks: Are you there?")
        rounds = [_round(model, number) for number in range(1, ROUNDS + 1)]
    finally:
        model.close()
    first = median(one["first"] for one in rounds)
    for name, limit in LIMITS.items():
        value = median(one[name] for one in rounds)
        yield Row(f"first token, {name}", value, "s", first, limit, AGAINST)


def _round(model: Gpt4AllModel, number: int) -> dict[str, float]:
    thread, foreign = Thread(10 * number), Thread(10 * number + 1)
    while sum(counts(model, [turn.text for turn in thread.turns])) < TOKENS:
        thread.grow(THREAD)
    foreign.grow(THREAD)
    found = {"first": _ask(model, thread, "ann asks: Why was the booking page down?")}
    found["a follow-up"] = _ask(model, thread, "ann asks: And who found that out?")
    found["another person"] = _ask(model, thread, "bob asks: Who stopped the report?")
    _ask(model, foreign, "eve asks: What is this about?")
    found["after a foreign conversation"] = _ask(model, thread, "carol asks: Which gate is it about?")
    thread.grow(("ann", text) for text in LATER)
    found["ten new posts"] = _ask(model, thread, "bob asks: What is new?")
    return found


def _ask(model: Gpt4AllModel, thread: Thread, question: str) -> float:
    """Seconds to the first text. Question and answer become a part of the thread."""
    prompt, text, first = thread.prompt(question), "", 0.0
    started = time.perf_counter()
    for chunk in model.generate(prompt, OPTIONS):
        if chunk.text and not text:
            first = time.perf_counter() - started
        text += chunk.text
    thread.turns += [Turn("question", question), Turn("answer", text)]
    return first
