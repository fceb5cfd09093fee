"""A model that tells every word that it was told, so that it is seen where words come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from llm.base import Chunk, Finish, Options, Prompt
from llm.scripted import ScriptedModel
from tests.orders.world import QUESTION, WORD, letters

SHORT = 400  # max_tokens of an answer that is made shorter (jobs/rewrite.py)
_MESSAGE = re.compile(r"\[(\d+)\] [^:]*:\d\d[^:]*: (.*)")
_NOTE = re.compile(r"- (.*?) \[(\d+)\]")


@dataclass(frozen=True)
class Take:
    """One answer of the model: its own word, the question's, and the prompt."""

    word: str
    question: str
    prompt: Prompt


class Echo(ScriptedModel):
    """Says all words of its prompt, and one of its own. `meanwhile` is called behind its first sentence."""

    def __init__(self, name: str = "tiny") -> None:
        super().__init__(name=name)
        self.takes: list[Take] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.on_prompt: Callable[[Prompt], None] = lambda _prompt: None

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        self.on_prompt(prompt)
        take = Take(f"take{letters(len(self.takes))}", _question(prompt), prompt)
        self.takes.append(take)
        said = (
            _minutes(prompt, take.word) if "You write the minutes" in prompt.system else _answer(prompt, options, take)
        )
        first, rest = said
        if not first.startswith(prompt.begun):
            first, rest = "", f"The rest is {take.word}."
        yield Chunk(first.removeprefix(prompt.begun))
        self.meanwhile()
        yield Chunk(rest)
        yield Chunk(finish=Finish("stop", read=len(prompt.question.split()), written=len(rest.split())))


def words_of(prompt: Prompt, *roles: str) -> list[str]:
    """Those that people have said, in turns of these kinds."""
    told = [turn.text for turn in prompt.turns if turn.role in roles]
    return sorted(set(WORD.findall("\n".join(told))))


def _question(prompt: Prompt) -> str:
    asked = [*(turn.text for turn in prompt.turns if turn.role == "question"), prompt.question]
    found = QUESTION.findall("\n".join(asked))
    return found[-1] if found else ""


def _answer(prompt: Prompt, options: Options, take: Take) -> tuple[str, str]:
    told = " ".join(words_of(prompt, "post", "question", "answer"))
    if options.max_tokens == SHORT:
        return f"{take.word}: {told}. ", "End."
    return (
        f"As {take.word} knows it is {told or 'nothing'}. ",
        f"To say it once more and to the end, {take.word} tells {told}.",
    )


def _minutes(prompt: Prompt, take: str) -> tuple[str, str]:
    """A line for each message; the first one is what it comes to."""
    told = "\n".join(turn.text for turn in prompt.turns)
    found = [(number, text) for number, text in _MESSAGE.findall(told)] or [(n, t) for t, n in _NOTE.findall(told)]
    most = int((re.search(r"at most (\d+) ", prompt.system) or ["", "9"])[1])
    rows = [f"{text.rstrip('.')} {take} [{number}]" for number, text in found]
    if most < 5:
        rows = rows[: max(1, len(rows) - 1)]
    return f"{rows[0]}\n", "".join(f"- {row}\n" for row in rows[1:])
