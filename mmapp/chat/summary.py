"""A summary that reads everything: leaves of posts, notes on each, notes on notes, up to one root.

Each node is a checkpoint: what was written once is found again by what it was made from (tree.key), and nobody pays for
it twice. Nothing here knows of jobs, of Mattermost or of a database.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from llm.base import Chunk, EmptyAnswer, Finish, Model, Options, Prompt, PromptTooLong, Size, Turn
from mmapp.chat import held, notes, tree
from mmapp.chat.brief import ONLY, Brief
from mmapp.chat.context import Marks
from mmapp.chat.notes import Notes
from mmapp.chat.numbered import Numbered, day_name
from mmapp.chat.prompts import SUMMARY_VERSION, note_taking, notes_wanted
from mmapp.chat.read import Said

NODE_SHARE = 5  # what a node may write is a fifth of what it reads, so that several fit into the next one
MOST_TOKENS, FEWEST_TOKENS = 400, 48  # of a node
HALVINGS = 8  # of a post that is too long for a leaf
VARIED = 0.8  # temperature of another take, or the same model would say the same again
SHORTENINGS = 12  # of notes that are too long for a parent, by a quarter each


@dataclass(frozen=True)
class Budget:
    """Tokens: what a node reads at most, with its instructions, and what it writes."""

    reads: int

    @property
    def writes(self) -> int:
        return max(FEWEST_TOKENS, min(MOST_TOKENS, self.reads // NODE_SHARE))


@dataclass(frozen=True)
class Node:
    """Notes on the posts from `start` to before `end`."""

    key: str
    start: int
    end: int
    notes: Notes


@dataclass(frozen=True)
class Part:
    """`done` of about `of` nodes are there; `node` is the one that has just been written, None for one that was known."""

    done: int
    of: int
    node: Node | None = None
    finish: Finish | None = None


class Noted(Protocol):
    """Where nodes are kept."""

    def find(self, keys: Sequence[str]) -> Mapping[str, Notes]: ...


@dataclass
class Summary:
    """One summary in the making, of `posts` in order of time; they are quoted and not written about where `model` is None.

    `identity` is the model as nodes are kept by it, once it is loaded: another file is another model. `marks_of` gives the
    delimiters of a leaf. `breaks` are times (ms, in order) at which earlier summaries of these channels ended: what stands
    between two of them is first summed up by itself, as it was then. `done` are the nodes so far, in order, which nothing
    stands above; `parts` were made or known, of which this summary has `written` so many itself, and `quoted_parts` hold
    quotations; `removed` are citations of nothing, in all of them. `_at_hand`: the notes of all nodes so far, since of what
    is kept others may be dropped meanwhile.
    """

    posts: Sequence[Said]
    brief: Brief
    model: Model | None
    identity: Callable[[], str]
    budget: Budget
    noted: Noted
    secret: str
    marks_of: Callable[[str], Marks]
    breaks: Sequence[int] = ()
    done: list[Node] = field(default_factory=list)
    parts: int = 0
    written: int = 0
    quoted_parts: int = 0
    removed: int = 0
    finishes: list[Finish] = field(default_factory=list)
    _cut: tuple[int, list[range]] | None = None
    _at_hand: dict[str, Notes] = field(default_factory=dict)

    def run(self, *, write: bool = True) -> Generator[Chunk | Part]:
        """Read everything, or where not to `write`, take of it what is known and ask the model for nothing more. Yields ticks,
        and a Part for each node. Raises a ModelError."""
        self.done, self.parts, self.quoted_parts, self.removed = [], 0, 0, 0
        if self.model is None:
            yield self._quoted()
            return
        room, leaves = yield from self._leaves(self.model)
        written = {span: Numbered(self.posts[span.start : span.stop], self.brief.zone) for span in leaves}
        keys = {span: self._key("leaf", [*written[span].texts, *written[span].ids]) for span in leaves}
        known, of = self._known(list(keys.values())), tree.expected(len(leaves))
        for span in leaves:
            key, numbered, finish = keys[span], written[span], None
            if key in known:
                node = Node(key, span.start, span.stop, known[key])
            elif write:
                node, finish = yield from self._node(
                    self.model, key, numbered.turns, numbered.ids, span, notes_on=False
                )
            else:
                continue
            self.done.append(node)
            yield self._part(of, node, finish, known=key in known)
        for within in (True, False) if self.breaks else (False,):
            level = 0
            while len(self.done) > 1 and len(self.done) != level:
                level = len(self.done)
                yield from self._parents(self.model, room, of, write=write, within=within)

    @property
    def root(self) -> Notes:
        """The notes on everything; before they are there, those on the parts that are, put together."""
        if len(self.done) == 1:
            return self.done[0].notes
        return notes.joined([node.notes for node in self.done], self.brief.lines)

    @property
    def posts_begun(self) -> set[str]:
        """The ids of the posts that the nodes so far are about, also of one of their pieces alone."""
        return {self.posts[place].post_id for place in self._places}

    @property
    def posts_read(self) -> set[str]:
        """Those of them that are read with all their pieces."""
        read = self._places
        return self.posts_begun - {post.post_id for place, post in enumerate(self.posts) if place not in read}

    def told_until(self, until: int) -> int:
        """How much of what was posted `until` then (ms) it tells: all before the first message that is not read to its end."""
        read = self.posts_read
        return min([until, *(post.at - 1 for post in self.posts if post.post_id not in read)])

    @property
    def _places(self) -> set[int]:
        return {place for node in self.done for place in range(node.start, node.end)}

    def _known(self, keys: Sequence[str]) -> Mapping[str, Notes]:
        return {**self.noted.find(keys), **{key: self._at_hand[key] for key in keys if key in self._at_hand}}

    def _parents(self, model: Model, room: int, of: int, *, write: bool, within: bool) -> Generator[Chunk | Part]:
        """One level more, of nodes `within` the breaks alone or over them; where not to `write`, as far as it is known."""
        level = list(self.done)
        told, sizes = yield from self._told(model, [node.notes for node in level])
        marks = [tree.mark(self.posts[node.start].post_id) for node in level]
        apart = set(self._broken) if within else set()
        breaks = [place for place, node in enumerate(level) if node.start in apart]
        spans = tree.cut(sizes, marks, room, fewest=2, breaks=breaks)
        keys = [self._key("parent", [node.key for node in level[span.start : span.stop]]) for span in spans]
        known = self._known(keys)
        for key, span in zip(keys, spans, strict=True):
            group = level[span.start : span.stop]
            if len(group) == 1:
                continue
            start, end, finish = group[0].start, group[-1].end, None
            if key in known:
                node = Node(key, start, end, known[key])
            elif not write:
                continue
            else:
                turns, ids = notes.turns(told[span.start : span.stop])
                node, finish = yield from self._node(model, key, turns, ids, range(start, end), notes_on=True)
            at = self.done.index(group[0])
            self.done[at : at + len(group)] = [node]
            yield self._part(max(of, self.parts + 1), node, finish, known=key in known)

    def _node(
        self, model: Model, key: str, turns: list[Turn], ids: list[str], span: range, *, notes_on: bool
    ) -> Generator[Chunk | Part, None, tuple[Node, Finish | None]]:
        marks = self.marks_of(key)
        words, finish = "", None
        try:
            for chunk in model.generate(self._prompt(turns, marks, notes_on=notes_on), self._options):
                words, finish = words + chunk.text, chunk.finish or finish
                yield Chunk(stage=chunk.stage)
        except EmptyAnswer:
            words = ""
        if finish:
            self.finishes.append(finish)
        only, posts = ONLY.get(self.brief.kind, ""), self.posts[span.start : span.stop]
        found = notes.parse(marks.strike(notes.whole(words, finish)), ids, self.brief.lines, only)
        return Node(key, span.start, span.stop, held.checked(found, posts, self.brief)), finish

    def _part(self, of: int, node: Node, finish: Finish | None, *, known: bool) -> Part:
        self._at_hand[node.key] = node.notes
        self.parts, self.quoted_parts = self.parts + 1, self.quoted_parts + node.notes.quoted
        self.written, self.removed = self.written + (not known), self.removed + node.notes.removed
        return Part(self.parts, of, None if known else node, finish)

    def _quoted(self) -> Part:
        key = self._key("quotes", [[post.post_id, post.author, post.text] for post in self.posts])
        known = self.noted.find([key])
        node = Node(key, 0, len(self.posts), known[key] if key in known else held.quotes(self.posts, self.brief))
        self.done = [node]
        return Part(1, 1, None if key in known else node)

    # What a model is told

    def _prompt(self, turns: Sequence[Turn], marks: Marks, *, notes_on: bool) -> Prompt:
        first, *others = turns or [Turn("post", "")]
        brief = self.brief
        return Prompt(
            system=note_taking(brief.kind, brief.lines, brief.language, notes=notes_on),
            turns=(replace(first, text=marks.opening + first.text), *others) if turns else (),
            question=marks.closing + notes_wanted(brief.kind, brief.wish),
        )

    @property
    def _options(self) -> Options:
        return Options(max_tokens=self.budget.writes, temperature=VARIED if self.brief.take else 0.0)

    def _key(self, level: str, made_from: Sequence[object]) -> str:
        brief = self.brief
        wanted = [brief.kind, brief.length, brief.language, brief.wish, brief.zone, brief.take]
        how = [SUMMARY_VERSION, notes.SHAPE, self.identity(), wanted, self.budget.reads]
        return tree.key(self.secret, level, how, made_from)

    # How much that is

    def _leaves(self, model: Model) -> Generator[Chunk | Part, None, tuple[int, list[range]]]:
        """The tokens that a part has room for, and the posts of each leaf: counted once."""
        if self._cut is None:
            room = yield from self._fit_window(model)
            sizes = yield from self._fitted(model, room)
            marks = [tree.mark(post.post_id) for post in self.posts]
            self._cut = room, tree.cut(sizes, marks, room, breaks=self._broken)
        return self._cut

    @property
    def _broken(self) -> list[int]:
        """The places of posts that one of the breaks stands before; and where there are any, a channel begins."""
        stretches = [(post.channel_id, bisect_left(self.breaks, post.at)) for post in self.posts]
        changes = [place for place, (one, two) in enumerate(pairwise(stretches), 1) if one != two]
        return changes if self.breaks else []

    def _size(self, model: Model, turns: Sequence[Turn]) -> Generator[Chunk | Part, None, Size]:
        """What a node of these turns reads; the marks are all of one length."""
        found = Size(0, 0, (), 0)
        for step in model.size(self._prompt(turns, self.marks_of(""), notes_on=False), self._options):
            if isinstance(step, Size):
                found = step
            else:
                yield step
        return found

    def _fit_window(self, model: Model) -> Generator[Chunk | Part, None, int]:
        """Let a part be half of the model's window at most, whatever that was once. Returns the tokens beside the instructions
        and the wish, however long that is.

        Raises PromptTooLong where the window does not hold them and two nodes' notes, which the smallest parent reads.
        """
        alone = yield from self._size(model, [Turn("post", day_name(self.posts[0], self.brief.zone))])
        half = (alone.window + self.budget.writes) // 2
        self.budget = Budget(min(self.budget.reads, half))
        room = max(self.budget.reads - alone.tokens, self.budget.writes)
        least = alone.tokens + max(room, 2 * self.budget.writes)
        if least > alone.window:
            raise PromptTooLong(least, alone.window)
        return room

    def _told(
        self, model: Model, level: list[Notes]
    ) -> Generator[Chunk | Part, None, tuple[list[Notes], tuple[int, ...]]]:
        """The notes as a parent is told them, and the tokens of each: at most as many as a node may write. Quotations, and
        lines of many numbers, have more."""
        most = self.budget.writes
        for _ in range(SHORTENINGS):
            size = yield from self._size(model, [notes.turns([found])[0][0] for found in level])
            if all(tokens <= most for tokens in size.turns):
                break
            level = [
                notes.shorter(found) if tokens > most else found
                for found, tokens in zip(level, size.turns, strict=True)
            ]
        return level, size.turns

    def _fitted(self, model: Model, room: int) -> Generator[Chunk | Part, None, list[int]]:
        """The tokens of each post. One that does not fit into a leaf is told in pieces, until each does."""
        for _ in range(HALVINGS):
            size = yield from self._size(model, Numbered(self.posts, self.brief.zone).turns)
            if all(tokens <= room for tokens in size.turns):
                break
            self.posts = [
                piece
                for post, tokens in zip(self.posts, size.turns, strict=True)
                for piece in (_pieces(post, math.ceil(tokens * 1.1 / room)) if tokens > room else [post])
            ]
        return list(size.turns)


def _pieces(post: Said, count: int) -> list[Said]:
    """A post in so many pieces."""
    return [replace(post, text=piece) for piece in tree.pieces(post.text, count)]
