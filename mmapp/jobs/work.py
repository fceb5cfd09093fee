"""One answer in the making."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Self

from llm.base import Chunk, Finish, Prompt
from mmapp.chat.context import Marks
from mmapp.chat.files import file_of, told
from mmapp.chat.history import Chosen
from mmapp.chat.reading import Asked
from mmapp.chat.selection import Selection
from mmapp.jobs.claim import Claim
from mmapp.mattermost import render
from mmapp.texts.files import Told


@dataclass(frozen=True)
class Receipt:
    """What an answer was told: `read` of the `of` posts that there were, `cut` of them in part, and all but the first
    `forgotten` exchanges. `first`, `newest`: whether the thread's first and newest posts are among them;
    `files`: how much of each file; `left_out`: what does not want to be read."""

    read: int = 0
    of: int = 0
    cut: int = 0
    forgotten: int = 0
    first: bool = True
    newest: bool = True
    files: tuple[Told, ...] = ()
    left_out: tuple[str, ...] = ()

    @classmethod
    def of_selection(cls, selected: Selection, asked: Asked) -> Self:
        """What was selected of all that there was."""
        texts = {post.post_id: post.text for post in asked.posts if not file_of(post)}
        posts = [post for post in selected.posts if not file_of(post)]
        read = {post.post_id for post in posts}
        return cls(
            read=len(posts),
            of=len(texts),
            cut=sum(post.text != texts[post.post_id] for post in posts),
            forgotten=len(asked.exchanges) - len(selected.exchanges),
            first=read.issuperset(list(texts)[:1]),
            newest=read.issuperset(list(texts)[-1:]),
            files=tuple(told(asked.files, selected.posts)),
            left_out=asked.left_out,
        )


@dataclass
class Work:
    """One answer in the making. `people` are the names in it; `read_until` the newest post's create_at (ms) it knows;
    `authors` the ids of those whose posts it was told, None where only its words are left.

    `unsure`: something was sent to Mattermost while it was written, and whether it arrived is not known.
    """

    prompt: Prompt
    marks: Marks
    people: tuple[str, ...]
    receipt: Receipt = Receipt()
    chosen: Chosen | None = None
    read_until: int = 0
    authors: frozenset[str] | None = None
    words: str = ""
    finish: Finish | None = None
    unsure: bool = False
    started: float = field(default_factory=time.monotonic)

    def take(self, chunk: Chunk) -> None:
        """Add what the model has just done."""
        self.words += chunk.text
        self.finish = chunk.finish or self.finish

    @property
    def blank(self) -> bool:
        """Whether there is nothing of it that anybody could see."""
        return render.is_blank(self.marks.strike(self.words))

    @classmethod
    def left_behind(cls, claimed: Claim, words: str = "", marks: Marks = Marks()) -> Self:  # noqa: B008 - frozen
        """An answer that nobody works on any more, or not yet: the words that were saved, or these."""
        nothing = Prompt(system="", turns=(), question="")
        return cls(nothing, marks, (claimed.payload.person_name,), words=words or claimed.words)
