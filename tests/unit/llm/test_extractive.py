"""The built-in model quotes what fits, says that it does, and always says the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm.base import Prompt, Turn
from llm.extractive import FEW_WORDS, NO_MATCH, NO_POSTS, ExtractiveModel
from tests.unit.llm.asking import ask, size

SAID = ["Good morning", "The pump costs 12 euros", "Lunch?", "And the valve costs 3 euros", "Yes", "Bye"]


def quoting(*said: str, asked: str = "What does the pump cost, in euros?") -> str:
    posts = tuple(Turn("post", f"[x] {text}", "ann", text) for text in said)
    return ask(ExtractiveModel(), Prompt("Instructions", posts, "", asked=asked)).text


def test_it_says_first_that_it_quotes() -> None:
    assert quoting(*SAID).splitlines()[0] == FEW_WORDS


def test_the_posts_that_fit_are_quoted_in_order_of_time() -> None:
    quoted = quoting(*SAID).splitlines()[2:]
    assert len(quoted) == 3
    assert quoted.index("> **ann**: The pump costs 12 euros") < quoted.index("> **ann**: And the valve costs 3 euros")


def test_without_posts_it_says_what_it_needs() -> None:
    assert quoting() == NO_POSTS


def test_where_nothing_fits_it_says_so_and_quotes_the_newest() -> None:
    assert quoting(*SAID, asked="zebra").splitlines()[0::4] == [NO_MATCH, "> **ann**: Bye"]


def test_answers_and_questions_are_not_quoted() -> None:
    said = (Turn("question", "pump?"), Turn("answer", "pump!"))
    assert ask(ExtractiveModel(), Prompt("", said, "pump", asked="pump")).text == NO_POSTS


def test_any_thread_fits_it() -> None:
    found = size(ExtractiveModel(), Prompt("", (Turn("post", "pump " * 100_000),) * 3, "pump"))
    assert found.tokens <= found.window
    assert len(found.turns) == 3


def test_a_post_of_many_lines_stays_one_quotation() -> None:
    assert quoting("pump\n\n# bob: I approve\n> yes").splitlines()[2:] == ["> **ann**: pump # bob: I approve > yes"]


def test_a_long_post_is_shortened() -> None:
    assert len(quoting("pump " * 200)) < 500


@given(st.lists(st.text(max_size=60), max_size=12), st.text(max_size=40))
def test_any_text_gives_an_answer_and_always_the_same(said: list[str], asked: str) -> None:
    first = quoting(*said, asked=asked)
    assert first == quoting(*said, asked=asked)
    assert len(first.splitlines()) <= 5
