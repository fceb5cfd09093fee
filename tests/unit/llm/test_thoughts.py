"""A model's thoughts are no part of its answer, however its tokens cut their marks."""

from __future__ import annotations

import pytest

from llm.thoughts import Thoughts


def shown(*pieces: str, inside: bool = False) -> str:
    thoughts = Thoughts(inside=inside)
    return "".join([*map(thoughts.take, pieces), thoughts.end()])


def test_an_answer_without_thoughts_comes_as_it_is() -> None:
    assert shown(" Par", "is.\n") == " Paris.\n"


def test_nothing_of_an_answer_is_held_that_cannot_begin_a_thought() -> None:
    thoughts = Thoughts()
    assert [thoughts.take(piece) for piece in (" ", "a", "<think>")] == [" ", "a", "<think>"]


@pytest.mark.parametrize(
    "text", ["<think>Hm, France.</think>\n\nParis.", "\n<think></think>Paris.", "<think>a<b</think> Paris."]
)
def test_thoughts_before_an_answer_are_left_out(text: str) -> None:
    assert shown(text).strip() == "Paris."
    assert shown(*text).strip() == "Paris."  # character by character


def test_an_answer_that_begins_within_thoughts_begins_behind_them() -> None:
    assert shown("Hm, ", "France.</thi", "nk>\n", "Paris.", inside=True) == "Paris."


def test_thoughts_that_do_not_end_are_no_answer() -> None:
    assert shown("<think>Hm, France. And") == shown("Hm, France", inside=True) == ""


def test_what_looks_like_the_beginning_of_thoughts_and_ends_there_is_an_answer() -> None:
    assert shown("<thin") == "<thin"
    assert shown("<thinner> is a tag") == "<thinner> is a tag"


def test_thoughts_in_the_middle_of_an_answer_are_its_own_words() -> None:
    assert shown("Write <think> to begin", " them.") == "Write <think> to begin them."
