"""What of a thread a question reads: all of it where the model's window and the time for reading allow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from llm.base import Prompt, Size
from mmapp.chat import context, selection
from mmapp.chat.context import Marks, Told
from mmapp.chat.files import FileRead
from mmapp.chat.history import Exchange
from mmapp.chat.read import Said
from mmapp.chat.selection import Selection
from mmapp.config import LEAST_READ

FULL = 3, 4  # of the room beside the question: what is chosen anew leaves the rest to the questions that follow


@dataclass(frozen=True)
class Asked:
    """A question, and all that could be told with it. `posts` hold what was read of the `files` on them, in pieces;
    `left_out`: what does not want to be read (privacy.PEOPLE, privacy.CHANNEL); `zone` is the asker's; `manner` says how to
    answer."""

    bot: str
    question: str
    asker: str
    posts: Sequence[Said]
    exchanges: Sequence[Exchange]
    marks: Marks
    files: Sequence[FileRead] = ()
    left_out: tuple[str, ...] = ()
    zone: str = "UTC"
    manner: str = ""

    def prompt(self, found: Selection) -> Prompt:
        """The question with what was selected."""
        return context.build(
            self.bot,
            found.told,
            self.question,
            self.asker,
            self.marks,
            thread=self.posts,
            zone=self.zone,
            manner=self.manner,
        )


@dataclass(frozen=True)
class _Room:
    """Tokens: the window, the question `alone` with its instructions, and how many more may be read for it."""

    window: int
    alone: int
    budget: int

    def holds(self, size: Size) -> bool:
        """Whether a prompt fits the window, and what is not known of it the time for reading."""
        return size.tokens <= self.window and size.tokens - size.known <= self.alone + self.budget

    def left(self, size: Size) -> int:
        """How many tokens a prompt that fits may still grow."""
        return min(self.window - size.tokens, self.alone + self.budget - (size.tokens - size.known))

    @property
    def most(self) -> int:
        """What a question may be told anew."""
        part, parts = FULL
        return min(self.budget, (self.window - self.alone) * part // parts)


def select(asked: Asked, size_of: Callable[[Prompt], Size], budget: Callable[[], int]) -> Selection:
    """What the model is told with this question.

    `size_of` counts a prompt as the model would, with what it knows of it already; `budget` is how many tokens may be
    read. A question that does not fit by itself is left to the model to refuse.
    """
    size_of = cache(size_of)  # a thread without long posts is counted once
    everything = selection.whole(asked.posts, asked.exchanges)
    size = size_of(asked.prompt(everything))
    if size.tokens <= size.window and size.tokens - size.known <= LEAST_READ:
        return everything
    room = _Room(size.window, size_of(asked.prompt(Selection(()))).tokens, budget())
    if room.holds(size):
        return everything
    # Not of the room beside this question: the next one must find the posts cut alike, or nothing of them is known.
    most = min(size.window, room.budget) // selection.SHARE
    posts, tokens = _shortened(asked, size_of, most)
    return _part(replace(asked, posts=posts), tokens, size_of, room)


def _shortened(asked: Asked, size_of: Callable[[Prompt], Size], most: int) -> tuple[Sequence[Said], dict[str, int]]:
    """The posts, long ones cut, in halves until none takes more than `most` tokens; and what each takes, by its id."""
    posts = {post.post_id: post for post in selection.shortened(asked.posts)}
    tokens = _count(asked, (*posts.values(), *asked.exchanges), size_of)
    for longest in selection.SHORTER:
        dense = selection.shortened([post for post in posts.values() if tokens[post.post_id] > most], longest)
        if not dense:
            break
        tokens |= _count(asked, dense, size_of)
        posts |= {post.post_id: post for post in dense}
    return list(posts.values()), tokens


def _part(asked: Asked, tokens: dict[str, int], size_of: Callable[[Prompt], Size], room: _Room) -> Selection:
    posts = asked.posts
    around = len(asked.marks.opening + asked.marks.closing) if posts else 0  # as many tokens at the most
    kept = selection.kept(posts, asked.exchanges)
    if posts and asked.exchanges and room.holds(size := size_of(asked.prompt(kept))):
        most = min(room.most // selection.FURTHER, room.left(size)) - around  # where nothing new is kept, they come too
        return selection.further(kept, posts, asked.question, tokens, most)
    return selection.anew(posts, asked.exchanges, asked.question, tokens, room.most - around)


def _count(asked: Asked, told: Sequence[Told], size_of: Callable[[Prompt], Size]) -> dict[str, int]:
    """What each of these posts and exchanges takes, by their ids."""
    turns = iter(size_of(asked.prompt(Selection(tuple(told)))).turns)
    tokens = {}
    for item in told:
        if isinstance(item, Said):
            tokens[item.post_id] = next(turns)
        else:
            tokens[item.id] = next(turns) + next(turns)
    return tokens
