"""A made model that writes steadily: what it says is known, and so is how long it takes."""

from __future__ import annotations

from tests.playground.store import Doc

SENTENCE = "On day {} the keeper climbed the stairs, lit the lamp and wrote down what he saw of the sea."


def story(sentences: int) -> str:
    """As many, which differ, with a paragraph after each fifth."""
    return "".join(SENTENCE.format(day) + (" " if day % 5 else "\n\n") for day in range(1, sentences + 1))


def steadily(answer: str, seconds: float) -> list[Doc]:
    """The script of a model that always gives this answer, word by word."""
    return [{"answer": answer, "delay_ms_per_word": round(1000 * seconds / len(answer.split()))}]
