"""Where a summary's tree is cut: by what was said and not by how much came before, so that a change stays where it is.

Items (posts, or the notes on them) stand in order of time, each with its tokens and a mark, a number that its id alone
decides. Whatever is inserted, edited or deleted, the lowest marks stay where they were, and so, a little later, do the cuts;
what comes behind moves none but the last one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

# Of the budget. Tried on 40,000 made-up posts: parts are 0.70 full; a post more or less changes 1.1 of them, 6 at the most,
# and ten at the end 1.2, 2 at the most. Cut in two at the lowest mark of all, and so on, it was 0.65, 1.05, 3, and 1.5, 3:
# but what people do with a thread that was summed up is to go on with it. With a half in the place of two fifths: 0.75, 1.2, 8.
LEAST_FIFTHS = 2
USUAL_CHILDREN = 6  # of a parent, for guessing how many parts there will be


def mark(item_id: str) -> int:
    """An item's number: of its id, so that an edit moves no cut."""
    return int.from_bytes(hashlib.sha256(item_id.encode()).digest()[:4], "big")


def cut(
    sizes: Sequence[int], marks: Sequence[int], budget: int, *, fewest: int = 1, breaks: Sequence[int] = ()
) -> list[range]:
    """The parts, in order: places of items whose tokens fit `budget` together, `fewest` in each but the last.

    From the left, each ends behind its item with the lowest mark, once it is two fifths full. An item that does not fit by
    itself is a part of its own, and so are `fewest` that do not fit together. None goes on over one of the `breaks`, places
    in order: what stands between two of them is cut as if it stood alone.
    """
    parts: list[range] = []
    for begin, end in pairwise([0, *breaks, len(sizes)]):
        found = _cut(sizes[begin:end], marks[begin:end], budget, fewest)
        parts += [range(begin + part.start, begin + part.stop) for part in found]
    return parts


def _cut(sizes: Sequence[int], marks: Sequence[int], budget: int, fewest: int) -> list[range]:
    sums = [0, *accumulate(sizes)]
    parts: list[range] = []
    start = 0
    while start < len(sizes):
        end = _end(start, sums, marks, budget, fewest)
        parts.append(range(start, end))
        start = end
    return parts


def _end(start: int, sums: Sequence[int], marks: Sequence[int], budget: int, fewest: int) -> int:
    """Where the part that begins there ends."""
    full = sums[start] + budget
    if sums[-1] <= full:
        return len(marks)
    first = min(start + fewest, len(marks))
    last = max(first, bisect_right(sums, full) - 1)
    fair = bisect_left(sums, sums[start] + budget * LEAST_FIFTHS / 5)
    return min(range(min(last, max(first, fair)), last + 1), key=lambda end: (marks[end - 1], end))


def expected(leaves: int) -> int:
    """About how many nodes a tree of so many leaves has."""
    total = level = leaves
    while level > 1:
        level = math.ceil(level / USUAL_CHILDREN)
        total += level
    return total


def pieces(text: str, count: int) -> list[str]:
    """A text in so many pieces of about the same length, cut between words where there are some."""
    found: list[str] = []
    rest = text
    for left in range(count, 1, -1):
        length = math.ceil(len(rest) / left)
        end = rest.rfind(" ", length // 2, length + 1)
        end = end if end > 0 else length
        found.append(rest[:end])
        rest = rest[end:].lstrip(" ")
    return [piece for piece in [*found, rest] if piece.strip()]


def key(secret: str, *parts: object) -> str:
    """The name of a node: who knows what it was made from, and how, finds it; nobody else learns anything from it."""
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(secret.encode(), b"node:" + written.encode(), hashlib.sha256).hexdigest()
