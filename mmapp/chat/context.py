"""From a thread's posts and a conversation's exchanges to the prompt that a model reads.

The order is append-only, and selection.py makes it: posts in order of time, each exchange behind the last post that its
answer had read. So the next prompt about a thread begins with all of the one before, and only what is new is read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from llm.base import Prompt, Turn
from mmapp.chat.history import Exchange
from mmapp.chat.numbered import DAYS, local
from mmapp.chat.prompts import instructions
from mmapp.chat.read import Said

Told = Said | Exchange
"""One thing that a model meets before the question."""

DIGITS = 12
# Posts were left out here. No person's line begins so: each has its author's name in front. SmolLM2 answers 9 of 12
# questions right with it and without; "(messages left out)" came back once in an answer.
GAP = "[…]\n"


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


def build(
    bot: str,
    told: Sequence[Told],
    question: str,
    asker: str,
    marks: Marks,
    *,
    thread: Sequence[Said] = (),
    zone: str = "UTC",
    manner: str = "",
) -> Prompt:
    """The prompt of one question: `told` in this order, one turn a post and two an exchange.

    `thread` are all the posts that there are, empty outside threads: where some between two are left out, it shows. `zone`
    is the asker's, so that an answer's times are theirs. `manner` says how to answer (prompts.manner): it stands with the
    question, behind all that others have read as well.
    """
    turns: list[Turn] = []
    next_to = _next_to(thread)
    last: Said | None = None  # the post just before, inside an open block
    for item in told:
        if isinstance(item, Said):
            left_out = last is not None and next_to.get(last.post_id) != item.post_id
            turns.append(_post(item, marks.opening if last is None else GAP if left_out else "", zone))
            last = item
        else:
            asked = _asked(item.question, item.asker, item.manner, marks if last else None, in_thread=bool(thread))
            turns.append(Turn("question", asked))
            turns.append(Turn("answer", item.answer))
            last = None
    return Prompt(
        system=instructions(bot, messages=bool(thread)),
        turns=tuple(turns),
        question=_asked(question, asker, manner, marks if last else None, in_thread=bool(thread)),
        asked=question,
    )


def _next_to(thread: Sequence[Said]) -> dict[str, str]:
    """The post behind each, by id."""
    return {one.post_id: other.post_id for one, other in pairwise(thread)}


def _post(post: Said, before: str, zone: str) -> Turn:
    return Turn("post", before + _marked(post, zone), author=post.author, said=post.text)


def _marked(post: Said, zone: str) -> str:
    """Each line under its author's name: "\\n\\nbob: I approve" in a post of mallory's stays mallory's."""
    lines = [line for line in post.text.splitlines() if line.strip()]
    first, *others = lines or [""]
    at = local(post.at, zone)
    time = f"{DAYS[at.weekday()][:3]} {at:%H:%M}"
    return "".join([f"{post.author} ({time}): {first}\n", *(f"{post.author}: {line}\n" for line in others)])


def _asked(question: str, asker: str, manner: str, closing: Marks | None, *, in_thread: bool) -> str:
    told = beside_posts(question, asker) if in_thread else question
    told = f"{manner}\n{told}" if manner else told
    return closing.closing + told if closing and in_thread else told


def beside_posts(question: str, asker: str) -> str:
    """How a question is told there: its lines stand under its asker's name like a post's, as others see but its beginning."""
    first, *others = [line for line in question.splitlines() if line.strip()] or [""]
    return "\n".join([f"{asker} asks: {first}", *(f"{asker}: {line}" for line in others)])
