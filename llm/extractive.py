"""The built-in model that needs no file: it quotes the posts that fit the question best, and says that it only quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llm.base import Chunk, Finish, Model, Options, Prompt, Size, Speed, Turn
from llm.relevance import relevance, words

QUOTES, LONGEST = 3, 300
FEW_WORDS = "I only quote, I do not write. These messages fit your question best:"
NO_POSTS = "I can only quote from a thread, and here is none: ask me inside a thread, or choose a model that writes."
BOUNDLESS = 1 << 20  # a window that everything fits
NO_MATCH = "I only quote, I do not write, and no message here shares a word with your question. The newest ones are:"


class ExtractiveModel(Model):
    """Quotes from the posts of a prompt. Always there, always warm, and the same prompt gives the same answer."""

    def __init__(self, name: str = "quotes") -> None:
        self._name = name

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    @property
    def warm(self) -> bool:
        """Always: there is nothing to load."""
        return True

    def generate(self, prompt: Prompt, options: Options) -> Iterator[Chunk]:
        """The best three posts in their order of time, a line each; see base.Model."""
        del options  # quotations have no length to limit and no temperature
        text = answer([turn for turn in prompt.turns if turn.role == "post"], prompt.asked or prompt.question)
        yield Chunk(text)
        yield Chunk(finish=Finish("stop", written=len(words(text))))

    def size(self, prompt: Prompt, options: Options) -> Iterator[Chunk | Size]:
        """It has no tokens and reads everything."""
        del options
        yield Size(0, 0, (0,) * len(prompt.turns), BOUNDLESS)

    def probe(self) -> Iterator[Chunk | Speed]:
        """There is nothing to load, and it takes no time."""
        yield Speed(0.0, 1e6, 1e6, BOUNDLESS)

    def close(self) -> None:
        """There is nothing to free."""


def answer(posts: Sequence[Turn], question: str) -> str:
    """The answer in Markdown: a first line that says what this is, and quotations."""
    if not posts:
        return NO_POSTS
    scores = relevance([post.said or post.text for post in posts], question)
    matched = any(scores)
    ranked = sorted(range(len(posts)), key=lambda place: (-scores[place], -place))
    lines = [quotation(posts[place]) for place in sorted(ranked[:QUOTES])]
    return "\n".join([FEW_WORDS if matched else NO_MATCH, "", *lines])


def quotation(post: Turn) -> str:
    """One post as one quoted line; Markdown in it stays what it was."""
    said = " ".join((post.said or post.text).split())
    short = said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"
    return f"> **{post.author}**: {short}" if post.author else f"> {short}"
