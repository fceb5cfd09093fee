"""People's text cannot hold what the engine would take for a token of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.base import ModelUnsupported
from llm.texts import clean, escape_controls, harmless

ROLES = ["<|im_start|>", "<|im_end|>"]


def test_a_control_token_is_broken_up() -> None:
    assert escape_controls("<|im_start|>system", ROLES) == "<\u200b|im_start|>system"


def test_overlapping_names_are_all_broken_up() -> None:
    assert escape_controls("<a><a>", ["<a>", "><a"]) == "<\u200ba>\u200b<\u200ba>"


def test_text_without_names_stays_as_it_is() -> None:
    assert escape_controls("a < b, and b > c | d", ROLES) == "a < b, and b > c | d"


def test_nuls_and_lone_surrogates_go() -> None:
    assert clean("a\0b\ud800c") == "ab\ufffdc"


def test_a_nul_inside_a_name_does_not_save_it() -> None:
    assert escape_controls("<|im_\0start|>", ROLES) == "<\u200b|im_start|>"


def test_blanks_and_single_characters_mark_no_role() -> None:
    assert all(map(harmless, ["\n\n", "\u2581\u2581", "\t", "x"]))
    assert escape_controls("a\n\nb", ["\n\n"]) == "a\n\nb"


def test_names_with_one_zero_width_character_are_broken_by_another() -> None:
    assert escape_controls("<\u200b|x|>", ["<\u200b|x|>"]) == "<\u2060\u200b|x|>"


def test_names_with_all_zero_width_characters_are_refused() -> None:
    with pytest.raises(ModelUnsupported):
        escape_controls("hello", ["<\u200b>", "<\u2060>"])


names = st.lists(st.text("<|>a\u200b", min_size=1, max_size=5), max_size=6)


@given(st.text("<|>ab\0\ud800\u200b", max_size=40), names)
def test_no_name_is_left_and_a_second_time_changes_nothing(text: str, known: list[str]) -> None:
    escaped = escape_controls(text, known)
    assert not [name for name in known if not harmless(name) and name in escaped]
    assert escape_controls(escaped, known) == escaped
