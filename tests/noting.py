"""A made model that takes minutes: it copies the beginnings of some messages with their numbers, so that its lines hold.

Its tokens are words, so what a summary costs can be counted exactly.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llm.base import Model, Prompt
from llm.scripted import ScriptedModel, Step
from mmapp.chat.brief import Brief
from mmapp.chat.context import Marks
from mmapp.chat.notes import Notes
from mmapp.chat.read import Said
from mmapp.chat.summary import Budget, Part, Summary

LINES, WORDS = 8, 12  # of each node: as long as any other
NAMES = ("ann", "bob", "carol", "dave", "erin", "fay", "gus")
START = 1_795_338_000_000  # ms: Sunday 22 November 2026, 9:00 UTC
READS = 1500  # tokens of a part: the least that a model is given
MARKS = Marks("123456789012")
SHORTEST, LONGEST = 3, 40  # words of a post, 21.5 in the mean
TALK = (
    ("ann", "The checkout API has returned 502 since this morning, customers cannot pay"),
    ("bob", "The payment pods were killed by the memory limit of 256 MB"),
    ("carol", "We cannot roll back because of the migration of the database"),
    ("ann", "Then we raise the limit to 512 MB and fix the cache on Monday"),
    ("bob", "The limit is raised and the checkout works again"),
    ("carol", "I write the post-mortem by Friday"),
)
_MESSAGE = re.compile(r"\[(\d+)\] \w+ \d\d:\d\d(?: \([^)]*\))?: (.+)")
_NOTE = re.compile(r"- (.+?) \[(\d+)\]")


class NotingModel(ScriptedModel):
    """Writes LINES lines of WORDS words and a number, of messages and of notes alike; fewer where there are fewer."""

    def __init__(self) -> None:
        super().__init__(name="noting")

    def _next(self, prompt: Prompt) -> Step:
        told = "\n".join(turn.text for turn in prompt.turns)
        rows = [(number, words) for number, words in _MESSAGE.findall(told) if len(words.split()) >= WORDS]
        rows = rows or [(number, words) for words, number in _NOTE.findall(told)]
        most = min(LINES, self.options[-1].max_tokens // (WORDS + 2))
        chosen = rows[:: max(1, len(rows) // most)][:most]
        return Step("".join(f"- {' '.join(words.split()[:WORDS])} [{number}]\n" for number, words in chosen))


def posts(count: int, seed: int = 1) -> list[Said]:
    """As many made-up posts, one a minute, in words that each post has of its own."""
    chance = random.Random(seed)
    return [post(number, words=chance.randint(SHORTEST, LONGEST), seed=seed) for number in range(count)]


def post(number: int, words: int = 20, seed: int = 1) -> Said:
    """The post of that minute."""
    text = " ".join(f"w{seed}n{number}x{place}" for place in range(words))
    author = NAMES[number % len(NAMES)]
    return Said(f"post{seed}n{number}", f"id-{author}", author, text, START + number * 60_000, channel_id="town")


class Kept(dict[str, Notes]):
    """Nodes in memory."""

    def find(self, keys: Sequence[str]) -> Mapping[str, Notes]:
        return {key: self[key] for key in keys if key in self}


def summary_of(
    given: Sequence[Said],
    model: Model | None,
    kept: Kept,
    *,
    reads: int = READS,
    identity: str = "noting sha",
    marks_of: Callable[[str], Marks] = lambda _key: MARKS,
    breaks: Sequence[int] = (),
    **brief: Any,
) -> Summary:
    """A summary of these posts that is yet to be made."""
    return Summary(given, Brief(**brief), model, lambda: identity, Budget(reads), kept, "secret", marks_of, breaks)


def summed(given: Sequence[Said], model: Model | None, kept: Kept | None = None, **how: Any) -> Summary:
    """The whole summary, its nodes in `kept`."""
    kept = Kept() if kept is None else kept
    summary = summary_of(given, model, kept, **how)
    for step in summary.run():
        if isinstance(step, Part) and step.node:
            kept[step.node.key] = step.node.notes
    return summary


def depth(given: Sequence[Said]) -> int:
    """How many levels stand above the leaves: each has one node that begins with the first post."""
    steps = [step for step in summary_of(given, NotingModel(), Kept()).run() if isinstance(step, Part)]
    return sum(step.node is not None and step.node.start == 0 for step in steps) - 1


def leaves(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Those that hold posts, and no notes on posts."""
    return [prompt for prompt in prompts if "given its messages" in prompt.system]


def tokens(prompt: Prompt) -> int:
    """What the made model counts."""
    return sum(len(text.split()) for text in (prompt.system, told(prompt), prompt.question))


def told(prompt: Prompt) -> str:
    """The posts, or the notes on them, as a model reads them."""
    return "".join(turn.text for turn in prompt.turns)


def said(*rows: tuple[str, str]) -> list[Said]:
    """As many posts of these authors, one a minute."""
    return [
        Said(f"p{number}", f"id-{author}", author, text, START + number * 60_000, channel_id="town")
        for number, (author, text) in enumerate(rows, 1)
    ]
