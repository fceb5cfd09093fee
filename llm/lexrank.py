"""LexRank (Erkan and Radev, JAIR 22, 2004): the texts that are most like the others stand for all of them.

A text is compared with the BAND that follow it alone: chat talks about one thing after another. So time and memory are
linear in the number of texts, and 10,000 posts are no different from 100.

Words of many texts count for nothing: else those that are like all others win, "Oh yeah, I think it's, um, it's not". On four
meetings of QMSum, 0.70 of the 8, 16 and 32 chosen turns lie in the spans of the specific queries; 0.57 with all words and a
band of 60, 0.59 without such words and that band, 0.56 by chance (measured).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from llm.relevance import words

BAND = 200
OFTEN_SHARE, OFTEN = 0.05, 10  # a word of more texts than this share, and than so many, tells none from another
DAMPING = 0.85
ROUNDS = 30
STILL = 1e-6  # a round that moves less than this was the last one
FEWEST_WORDS = 3  # "yes, good idea" is much like other posts, and says nothing
ALIKE = 0.6  # cosine of two texts of which one is enough

Vector = dict[str, float]


def central(texts: Sequence[str], most: int) -> list[int]:
    """The places of at most so many texts that say most of it, in their order, none nearly the same as another."""
    vectors = _vectors([words(text) for text in texts])
    scores = _scores(vectors)
    chosen: list[int] = []
    for place in sorted(range(len(texts)), key=lambda each: (-scores[each], each)):
        if len(chosen) == most or not scores[place]:
            break
        if all(_cosine(vectors[place], vectors[other]) < ALIKE for other in chosen):
            chosen.append(place)
    return sorted(chosen)


def _vectors(texts: Sequence[Sequence[str]]) -> list[Vector]:
    """tf-idf of each, of length 1; empty for one that says too little."""
    holding = Counter(word for text in texts for word in set(text))
    most = max(OFTEN, OFTEN_SHARE * len(texts))
    rarity = {word: math.log(1 + len(texts) / count) for word, count in holding.items() if count <= most}
    return [_normal(text, rarity) for text in texts]


def _normal(text: Sequence[str], rarity: dict[str, float]) -> Vector:
    weights = {word: count * rarity[word] for word, count in Counter(text).items() if word in rarity}
    if len(weights) < FEWEST_WORDS:
        return {}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


def _scores(vectors: Sequence[Vector]) -> list[float]:
    """The stationary distribution of a walk from text to similar text; 0 for an empty one."""
    said = [place for place, vector in enumerate(vectors) if vector]
    edges = _edges(vectors, said)
    out = [0.0] * len(vectors)
    for one, other, weight in edges:
        out[one] += weight
        out[other] += weight
    scores = [0.0] * len(vectors)
    for place in said:
        scores[place] = 1 / len(said)
    for _ in range(ROUNDS):
        following = [(1 - DAMPING) / len(said) if vector else 0.0 for vector in vectors]
        for one, other, weight in edges:
            following[other] += DAMPING * scores[one] * weight / out[one]
            following[one] += DAMPING * scores[other] * weight / out[other]
        moved = max((abs(new - old) for new, old in zip(following, scores, strict=True)), default=0.0)
        scores = following
        if moved < STILL:
            break
    return scores


def _edges(vectors: Sequence[Vector], said: Sequence[int]) -> list[tuple[int, int, float]]:
    return [
        (one, other, weight)
        for number, one in enumerate(said)
        for other in said[number + 1 : number + 1 + BAND]
        if (weight := _cosine(vectors[one], vectors[other]))
    ]


def _cosine(one: Vector, other: Vector) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)
