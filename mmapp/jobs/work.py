"""One answer in the making."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Self

from llm.base import Chunk, Finish, Prompt
from mmapp.chat.context import Marks
from mmapp.jobs.queue import Claim
from mmapp.mattermost import render


@dataclass
class Work:
    """One answer in the making. `people` are the names in it; `read_until` the newest post's create_at (ms) it knows."""

    prompt: Prompt
    marks: Marks
    people: tuple[str, ...]
    posts: int = 0
    read_until: int = 0
    words: str = ""
    finish: Finish | None = None
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
    def left_behind(cls, claimed: Claim, words: str = "") -> Self:
        """An answer that nobody works on any more: the words that were saved, or these."""
        nothing = Prompt(system="", turns=(), question="")
        return cls(nothing, Marks(), (claimed.payload.person_name,), words=words or claimed.words)
