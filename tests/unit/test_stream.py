"""When an answer is shown: with its first sentence, and then ever more seldom."""

from __future__ import annotations

import pytest

from mmapp.jobs import stream


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("It ran dry. And then", "It ran dry."),
        ("It ran dry", ""),
        ("It ran dry.", ""),  # more of it may come: 3.5, e.g.
        ("Look:\nmore", "Look:\n"),
        ("Really? Yes", "Really?"),
        ("「そうです。」", "「そうです。"),
        ("“It ran dry.” And", "“It ran dry.”"),
        ("1. First", ""),
        ("1. First point. Second", "1. First point."),
        ("```python\nprint(1)\nprint", "```python\nprint(1)\n"),
        ("```python\n", ""),  # nothing to be seen yet
        ("\n\nIt ran", ""),
        ("a" * 159, ""),
        ("a" * 160, "a" * 160),
    ],
)
def test_a_first_sentence_ends_with_its_mark_a_line_or_160_characters(text: str, sentence: str) -> None:
    assert stream.first_sentence(text) == sentence


def test_an_answer_of_two_minutes_is_edited_ten_times_and_once_at_its_end() -> None:
    assert sum(second <= 120 for second in stream.EDITS) + 1 == 11
    assert len(stream.EDITS) + 1 <= 15
