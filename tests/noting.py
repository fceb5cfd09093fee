"""A made model that takes minutes: it copies the beginnings of some messages with their numbers, so that its lines hold."""

from __future__ import annotations

import random
import re

from llm.base import Prompt
from llm.scripted import ScriptedModel, Step
from mmapp.chat.read import Said

LINES, WORDS = 8, 12  # of each node: as long as any other
NAMES = ("ann", "bob", "carol", "dave", "erin", "fay", "gus")
START = 1_795_338_000_000  # ms: Sunday 22 November 2026, 9:00 UTC
SHORTEST, LONGEST = 3, 40  # words of a post, 21.5 in the mean
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


def rendered_words(prompts: list[Prompt]) -> int:
    """All that was told: what the made model counts as tokens."""
    return sum(
        len(text.split())
        for prompt in prompts
        for text in (prompt.system, *(turn.text for turn in prompt.turns), prompt.question)
    )
