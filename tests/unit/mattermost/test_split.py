"""Long texts become several posts, of which nothing is lost."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmapp.mattermost.messages import MAX_BYTES, MAX_RUNES
from mmapp.mattermost.render import answer_posts, name_parts_broken, neutralise
from mmapp.mattermost.split import DEFAULT_LIMIT, pieces, split
from tests.playground.mentions import mentioned
from tests.unit.mattermost.texts import FRAGMENTS

BOB = {"username": "bob", "first_name": "", "notify_props": {}}
long_texts = st.lists(st.sampled_from([*FRAGMENTS, "a sentence that says something. ", "x" * 70]), max_size=200).map(
    "".join
)
limits = st.sampled_from([128, 150, 200, 500])


@given(long_texts, limits)
@settings(max_examples=200, deadline=None)
def test_the_pieces_put_together_are_the_text_and_each_fits(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert "".join(piece.body for piece in found) == text
    assert all(len(str(piece)) <= limit for piece in found)
    assert all(piece.body for piece in found)


@given(long_texts, limits)
@settings(max_examples=200, deadline=None)
def test_every_post_of_an_answer_is_inert_and_fits(text: str, limit: int) -> None:
    for post in answer_posts(text, limit=limit):
        assert len(post) <= MAX_RUNES
        assert len(post.encode("utf-8", "replace")) <= MAX_BYTES
        assert neutralise(post) == post
        assert not mentioned({"message": post}, BOB)


@pytest.mark.parametrize("text", ["Bob " * 3_850, "Jo " * 5_100, "@Bob " * 3_000, "\U0001d518 Jo " * 3_000])
def test_an_answer_full_of_names_fits_with_all_of_them_broken(text: str) -> None:
    posts = answer_posts(text, names=["Bob", "Jo"])
    assert all(len(post) <= MAX_RUNES and len(post.encode()) <= MAX_BYTES for post in posts)
    assert not any(re.search(r"\b(Bob|Jo)\b", post) for post in posts)
    assert "".join(posts).replace("\u200b", "").split() == text.split()


MONSTERS = [
    "`" * 65_000, "~" * 65_000, "`a" * 32_000, "".join("`" * length + "a" for length in range(1, 350)), "[" * 65_000,
    "![" * 32_000, "](" * 32_000, "](x" * 20_000, "[a](<" * 13_000, "http://x" + ")" * 64_000, "- " * 32_000,
    "> " * 32_000, "*a" * 32_000,
]  # fmt: skip


@pytest.mark.parametrize("text", MONSTERS, ids=lambda text: text[:9])
def test_a_text_of_marks_alone_is_split_within_seconds(text: str) -> None:
    """Each takes less than one; what grew with the square of the length took 4 to 40."""
    started = time.monotonic()
    assert answer_posts(text, names=["Bob"])
    name_parts_broken(text, ["Bob"])
    assert time.monotonic() - started < 20


def test_a_short_text_is_one_post() -> None:
    assert split("short") == ["short"]


def test_a_text_of_nothing_is_no_post() -> None:
    assert split(" \n ") == []


def test_the_largest_characters_stay_within_bytes_too() -> None:
    assert all(len(post.encode()) <= MAX_BYTES for post in split("𝔘" * 40_000, MAX_RUNES))


def test_a_text_is_cut_between_paragraphs() -> None:
    first = "one. " * 20 + "\n\n"
    assert split(first + "two " * 20, 150) == [first, "two " * 20]


def test_a_fence_is_closed_and_opened_again_with_its_language() -> None:
    code = "".join(f"line {number} = {number}\n" for number in range(60))
    first, second, *rest = split(f"```python\n{code}```\n", 200)
    assert first.startswith("```python\nline 0")
    assert first.endswith("\n```")
    assert second.startswith("```python\nline ")
    assert rest[-1].endswith("```\n")
    assert all(post.count("```") == 2 for post in (first, second, *rest))


def test_a_post_never_begins_with_the_rest_of_a_code_span() -> None:
    posts = split("word " * 20 + "`a code span that is rather long` " * 5, 150)
    assert all(post.count("`") % 2 == 0 for post in posts)


@pytest.mark.parametrize("sign", ["👩\u200d💻", "👍🏽", "🇩🇪", "e\u0301"])
def test_no_sign_is_cut_in_two(sign: str) -> None:
    posts = split(sign * 300, 128)
    assert all(re.fullmatch(f"(?:{sign})+", post) for post in posts)


def test_the_default_leaves_room_for_question_and_foot() -> None:
    assert DEFAULT_LIMIT + 800 < MAX_RUNES


def test_a_limit_that_no_post_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a post holds"):
        split("x", MAX_RUNES + 1)
