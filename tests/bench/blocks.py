"""Two sides of a ratio, measured in turns: a noisy neighbour hits both."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

Block = list[float]


@dataclass
class Sides:
    """The samples of both sides, block by block."""

    baseline: list[Block] = field(default_factory=list)
    subject: list[Block] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """Subject and baseline: the median of the blocks' medians."""
        return median(map(median, self.subject)), median(map(median, self.baseline))

    def percentiles(self, share: float) -> tuple[float, float]:
        """Subject and baseline, over the samples of all blocks."""
        return percentile([*chain(*self.subject)], share), percentile([*chain(*self.baseline)], share)


def interleave(rounds: int, baseline: Callable[[], Block], subject: Callable[[], Block]) -> Sides:
    """Measure both sides in each round; they take turns in being the first."""
    sides = Sides()
    for number in range(rounds):
        turn = [(sides.baseline, baseline), (sides.subject, subject)]
        for kept, measure in turn if number % 2 == 0 else reversed(turn):
            kept.append(measure())
    return sides


def median(samples: Iterable[float]) -> float:
    return statistics.median(samples)


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of them does not exceed."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]
