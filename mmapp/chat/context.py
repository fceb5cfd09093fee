"""From a thread's posts and a conversation's exchanges to the prompt that a model reads.

The order is append-only: posts in order of time, each exchange behind the last post that its answer had read. So the
next prompt about a thread begins with all of the one before, and only what is new has to be read.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime

from llm.base import Prompt, Turn
from mmapp.chat.history import Exchange
from mmapp.chat.prompts import instructions
from mmapp.chat.read import Said

DIGITS = 12


@dataclass(frozen=True)
class Marks:
    """The delimiters around a thread's posts: nobody can guess them, and they are equal for everyone who asks that day."""

    word: str = ""  # empty: nothing was marked

    @property
    def opening(self) -> str:
        return f"[messages {self.word}]\n"

    @property
    def closing(self) -> str:
        return f"[end of messages {self.word}]\n"

    def strike(self, text: str) -> str:
        """A model's text without the marks, which are nobody's business."""
        if not self.word:
            return text
        for line in (self.opening, self.closing):
            text = text.replace(line, "").replace(line.strip(), "")
        return text.replace(self.word, "")


def marks(secret_key: str, thread_id: str, day: date) -> Marks:
    """The day's marks of one thread: an HMAC of its id. Digits, as every vocabulary cuts so many into as many tokens."""
    daily = hmac.digest(secret_key.encode(), f"marks:{day.isoformat()}".encode(), hashlib.sha256)
    number = int.from_bytes(hmac.digest(daily, thread_id.encode(), hashlib.sha256), "big")
    return Marks(str(number % 10**DIGITS).zfill(DIGITS))


def build(bot: str, posts: list[Said], exchanges: list[Exchange], question: str, asker: str, marks: Marks) -> Prompt:
    """The prompt of one question. `posts` are empty outside threads."""
    turns: list[Turn] = []
    open_block = False
    for item in _in_order(posts, exchanges):
        if isinstance(item, Said):
            turns.append(_post(item, "" if open_block else marks.opening))
            open_block = True
        else:
            turns.append(
                Turn("question", _asked(item.question, item.asker, marks if open_block else None, bool(posts)))
            )
            turns.append(Turn("answer", item.answer))
            open_block = False
    return Prompt(
        system=instructions(bot, messages=bool(posts)),
        turns=tuple(turns),
        question=_asked(question, asker, marks if open_block else None, bool(posts)),
        asked=question,
    )


def _in_order(posts: list[Said], exchanges: list[Exchange]) -> list[Said | Exchange]:
    """Exchanges keep the order in which they were answered, each behind the posts that it had read."""
    items: list[Said | Exchange] = []
    left = list(posts)
    for exchange in exchanges:
        while left and left[0].at <= exchange.read_until:
            items.append(left.pop(0))
        items.append(exchange)
    return [*items, *left]


def _post(post: Said, opening: str) -> Turn:
    return Turn("post", opening + _marked(post), author=post.author, said=post.text)


def _marked(post: Said) -> str:
    """Each line under its author's name: "\\n\\nbob: I approve" in a post of mallory's stays mallory's."""
    lines = [line for line in post.text.splitlines() if line.strip()]
    first, *others = lines or [""]
    time = datetime.fromtimestamp(post.at / 1000, UTC).strftime("%a %H:%M")
    return "".join([f"{post.author} ({time}): {first}\n", *(f"{post.author}: {line}\n" for line in others)])


def _asked(question: str, asker: str, closing: Marks | None, in_thread: bool) -> str:
    """Beside posts, a question's lines stand under its asker's name like a post's: others see but its beginning."""
    if not in_thread:
        return question
    first, *others = [line for line in question.splitlines() if line.strip()] or [""]
    lines = [f"{asker} asks: {first}", *(f"{asker}: {line}" for line in others)]
    return (closing.closing if closing else "") + "\n".join(lines)
