"""A summary in the making, with all that it was made from; one that has given way is gone on with from here."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from typing import Self

from llm.base import Chunk
from mmapp.chat import tree
from mmapp.chat.summary import Part, Summary
from mmapp.jobs.minutes import Read
from mmapp.mattermost.payloads import Post


@dataclass(frozen=True)
class Seen:
    """A post as it was read: where, its create_at (ms), and all that is told of it."""

    channel_id: str
    at: int
    words: tuple[str, ...]

    @classmethod
    def of(cls, post: Post) -> Self:
        return cls(post.channel_id, post.create_at, (post.message, post.attached_text, *(one.id for one in post.files)))


def seen(posts: Iterable[Post]) -> dict[str, Seen]:
    """Each post as it is read now, by its id."""
    return {post.id: Seen.of(post) for post in posts}


def digest(secret: str, posts: Mapping[str, Seen]) -> str:
    """Whether they are the same is told by it, and nothing of what is in them."""
    return tree.key(secret, "read", sorted((post_id, *astuple(post)) for post_id, post in posts.items()))


@dataclass
class Making:
    """One summary in the making: what was `read` for it, and the `posts` as they were then. `began` and `computed` are of
    this turn: time.monotonic(), and how many nodes were written."""

    summary: Summary
    read: Read
    posts: Mapping[str, Seen]
    began: float = field(default_factory=time.monotonic)
    computed: int = 0
    _steps: Generator[Chunk | Part] | None = None

    def steps(self) -> Iterator[Chunk | Part]:
        """Those that are left. Who watches them does not close them: in another turn they may be gone on with."""
        if self._steps is None:
            self._steps = self.summary.run()
        return iter(self._steps.__next__, None)

    def turn(self) -> None:
        """It is its turn again."""
        self.began, self.computed = time.monotonic(), 0

    def close(self) -> None:
        """Closing the steps is what stops the engine."""
        if self._steps is not None:
            self._steps.close()

    def seconds_left(self, part: Part, usual: float | None) -> float | None:
        """As long as the parts have taken so far; before the first one, as the model's speed lets expect."""
        left = max(0, part.of - part.done)
        if self.computed:
            return left * (time.monotonic() - self.began) / self.computed
        return left * usual if usual is not None else None
