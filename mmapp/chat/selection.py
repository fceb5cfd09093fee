"""What of a thread and its conversation a prompt holds where not everything fits, and in which order.

A follow-up keeps what the prompt before held, in the same order, and puts behind it what is new: the model has read all
of that already. Only where this does not fit is everything chosen anew. Each answer remembers what was put behind
(history.Chosen), so that the next prompt begins with the very same tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from llm.relevance import relevance
from mmapp.chat.context import GAP, Told
from mmapp.chat.history import Chosen, Exchange
from mmapp.chat.read import Said

LONGEST = 2000  # characters of a post, where not all posts fit: one pasted log must not push out the talk about it
SHORTER = [LONGEST >> halvings for halvings in range(1, 8)]  # of one that takes more than its share even so
SHARE = 4  # a quarter of what may be read is the most for one post: Chinese takes up to three tokens a character
CUT = " […]"
ROLES = 32  # tokens that a template may put around a question and its answer
GAP_TOKENS = len(GAP.encode())  # no vocabulary makes more tokens than there are bytes
NEWEST = 4  # a quarter of what is read are the newest posts
BEST = 20  # posts that a follow-up reads, as far as they are not known; in an eighth of what a question may read
FURTHER = 8


@dataclass(frozen=True)
class Selection:
    """What a model is told before the question, in that order. `chosen` is None where it is all that there is."""

    told: tuple[Told, ...]
    chosen: Chosen | None = None

    @property
    def posts(self) -> list[Said]:
        """The posts in it."""
        return [item for item in self.told if isinstance(item, Said)]

    @property
    def exchanges(self) -> list[Exchange]:
        """The exchanges in it."""
        return [item for item in self.told if isinstance(item, Exchange)]


def whole(posts: Sequence[Said], exchanges: Sequence[Exchange]) -> Selection:
    """Everything: what the last prompt held, and behind it what it did not."""
    before = remembered(posts, exchanges)
    return Selection((*before, *_without(posts, before)))


def kept(posts: Sequence[Said], exchanges: Sequence[Exchange]) -> Selection:
    """What the last prompt held, its answer, and the posts that came since."""
    before = remembered(posts, exchanges)
    read_until = max((exchange.read_until for exchange in exchanges), default=0)
    new = [post for post in _without(posts, before) if post.at > read_until]
    return Selection((*before, *new), Chosen(_ids(new)))


def remembered(posts: Sequence[Said], exchanges: Sequence[Exchange]) -> list[Told]:
    """What the last prompt held and its answer, in the same order. Posts that were deleted since are left out."""
    told: list[Told] = []
    unread = list(posts)
    for number, exchange in enumerate(exchanges):
        chosen = exchange.chosen
        if chosen and chosen.anew:
            told, unread = _since(chosen.since, exchanges[:number]), list(posts)
        block = [post for post in unread if _was_read(post, exchange)]
        told = [*block, *told, exchange] if chosen and chosen.anew else [*told, *block, exchange]
        unread = _without(unread, block)
    return told


def further(
    selection: Selection, posts: Sequence[Said], question: str, tokens: Mapping[str, int], limit: int
) -> Selection:
    """With those of the best posts for this question which it does not hold, and their neighbours, in `limit` tokens."""
    held = _ids(selection.posts)
    choice = _Choice(posts, tokens, limit, held)
    for place, score in _ranked(posts, question)[:BEST]:
        if score and posts[place].post_id not in held:
            choice.take_around(place)
    new = (selection.chosen.posts if selection.chosen else frozenset()) | choice.ids
    before = [item for item in selection.told if isinstance(item, Exchange) or item.post_id not in new]
    return Selection((*before, *_of(new, posts)), Chosen(new))


def anew(
    posts: Sequence[Said], exchanges: Sequence[Exchange], question: str, tokens: Mapping[str, int], limit: int
) -> Selection:
    """Chosen from everything, within `limit` tokens: root, newest and most relevant posts, and the latest exchanges.

    `tokens` of posts and exchanges, by their ids.
    """
    latest = _latest(exchanges, tokens, limit, share=limit // 2 if posts else limit)
    limit -= sum(tokens[exchange.id] + ROLES for exchange in latest)
    choice = _Choice(posts, tokens, limit)
    choice.take([0])
    choice.take_newest(limit // NEWEST)
    for place, _score in _ranked(posts, question):
        choice.take_around(place)
    chosen = Chosen(choice.ids, anew=True, since=latest[0].id if latest else "")
    return Selection((*_of(chosen.posts, posts), *latest), chosen)


def shortened(posts: Iterable[Said], longest: int = LONGEST) -> list[Said]:
    """The posts, those cut that have more than `longest` characters."""
    return [replace(post, text=post.text[:longest] + CUT) if len(post.text) > longest else post for post in posts]


class _Choice:
    """Places of posts that were chosen, while `left` tokens last. Those that are `held` already are not chosen again."""

    def __init__(
        self, posts: Sequence[Said], tokens: Mapping[str, int], left: int, held: frozenset[str] = frozenset()
    ) -> None:
        self.posts, self.tokens, self.left = posts, [tokens[post.post_id] for post in posts], left
        self.held = {place for place, post in enumerate(posts) if post.post_id in held}
        self.places: set[int] = set()

    @property
    def ids(self) -> frozenset[str]:
        """The ids of these posts."""
        return _ids(self.posts[place] for place in self.places)

    def take(self, places: Iterable[int]) -> bool:
        """All of these or none: False where they do not fit."""
        new = {place for place in places if 0 <= place < len(self.posts)} - self.places - self.held
        beside = any(place - 1 in self.places or place + 1 in self.places for place in new)
        cost = sum(self.tokens[place] for place in new) + (0 if beside else GAP_TOKENS)
        if new and cost > self.left:
            return False
        self.left -= cost if new else 0
        self.places |= new
        return True

    def take_around(self, place: int) -> bool:
        """This one with its neighbours, or at least this one."""
        return self.take([place - 1, place, place + 1]) or self.take([place])

    def take_newest(self, share: int) -> None:
        """From the end, until `share` tokens are used; so the newest one, wherever it fits."""
        rest = self.left - share
        for place in reversed(range(len(self.posts))):
            if self.left <= rest or not self.take([place]):
                break


def _ranked(posts: Sequence[Said], question: str) -> list[tuple[int, float]]:
    """Places with their relevance, the best first, of equals the newer one."""
    scores = relevance([post.text for post in posts], question)
    return sorted(enumerate(scores), key=lambda found: (-found[1], -found[0]))


def _was_read(post: Said, exchange: Exchange) -> bool:
    return post.post_id in exchange.chosen.posts if exchange.chosen else post.at <= exchange.read_until


def _since(since: str, exchanges: Sequence[Exchange]) -> list[Told]:
    """The exchanges from the one with that id on."""
    places = [place for place, exchange in enumerate(exchanges) if exchange.id == since]
    return list(exchanges[places[0] :]) if since and places else []


def _latest(exchanges: Sequence[Exchange], tokens: Mapping[str, int], limit: int, share: int) -> list[Exchange]:
    """The last exchange where it fits at all, and those before it while they take no more than `share` together."""
    found: list[Exchange] = []
    used = 0
    for exchange in reversed(exchanges):
        used += tokens[exchange.id] + ROLES
        if used > (share if found else limit):
            break
        found.insert(0, exchange)
    return found


def _without(posts: Sequence[Said], others: Iterable[Told]) -> list[Said]:
    gone = _ids(item for item in others if isinstance(item, Said))
    return [post for post in posts if post.post_id not in gone]


def _of(ids: frozenset[str], posts: Iterable[Said]) -> list[Said]:
    return [post for post in posts if post.post_id in ids]


def _ids(posts: Iterable[Said]) -> frozenset[str]:
    return frozenset(post.post_id for post in posts)
