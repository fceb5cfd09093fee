"""Does a message support this line?"""

from __future__ import annotations

import pytest

from mmapp.chat.citations import Sources, counts

TALK = [
    "alice: The checkout API has returned 502 since 9:10, customers cannot pay",
    "bob: looking at the payment pods",
    "bob: they were killed, the memory limit is 256 MB since the release",
    "carol: we cannot roll back because of the migration",
    *[f"dave: chatter about lunch number {number} and the weather outside" for number in range(30)],
    "alice: decided, we raise the limit to 512 MB now and fix the cache on Monday",
    "carol: I write the post-mortem by Friday, see https://wiki.example.org/pm",
]
SOURCES = Sources(TALK)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("The payment pods were killed because of the memory limit", 2),
        ("Rolling back was impossible because of the migration", 3),
        ("Carol writes the post-mortem by Friday", 35),
    ],
)
def test_a_line_that_messages_say_is_supported_by_one_of_them(line: str, place: int) -> None:
    found = SOURCES.check(line)
    assert (found.verdict, found.place) == ("supported", place)


def test_a_name_is_the_same_with_and_without_a_genitive() -> None:
    talk = ["alice: the pump of Mallory leaks in hall two", "bob: O'Brien's seal fits the pump"]
    assert Sources(talk).check("In hall two Mallory's pump leaks").verdict == "supported"
    assert Sources(talk).check("The seal of O’Brien fits the pump").verdict == "supported"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Customers were billed twice and refunded", "carol: billing customer twice, refunding now"),
        ("Orders the missing seals for both pumps", "carol: we ordered a missing seal for each pump"),
    ],
)
def test_a_word_is_the_same_with_another_ending(line: str, message: str) -> None:
    talk = [*(f"dave: chatter about lunch number {number} outside" for number in range(30)), message]
    assert Sources(talk).check(line).verdict == "supported"


def test_a_line_of_something_else_is_not_supported() -> None:
    assert SOURCES.check("The quarterly budget for marketing was approved by the board").verdict == "unsupported"


@pytest.mark.parametrize(
    "line",
    [
        "The memory limit of the payment pods was raised to 1024 MB",
        "The payment pods were killed, as Mallory found out about the memory limit",
        "The post-mortem by Friday is at https://evil.example.org/pm as carol says",
    ],
)
def test_a_number_a_name_or_a_link_that_no_message_holds_makes_a_line_unsupported(line: str) -> None:
    assert SOURCES.check(line).verdict == "unsupported"


def test_a_thousand_is_the_same_with_and_without_a_comma() -> None:
    assert (
        Sources(["bob: the invoice says 12,500 euros for the pumps"]).check("Invoice of 12500 euros for pumps").verdict
        == "supported"
    )


def test_a_citation_that_holds_is_kept_and_one_that_does_not_is_moved() -> None:
    assert SOURCES.check("The payment pods were killed by the memory limit", [1]).place == 1
    assert SOURCES.check("The payment pods were killed by the memory limit", [30]).place == 2


def test_a_line_of_two_words_says_nothing_that_could_be_looked_up() -> None:
    assert not counts("Main points")
    assert SOURCES.check("Main points").verdict == "unsupported"


def test_in_another_language_names_numbers_and_links_are_compared_and_words_are_not() -> None:
    other = Sources(TALK, same_language=False)
    assert other.check("Das Limit wird auf 512 MB erhöht").verdict == "supported"
    assert other.check("Das Limit wird auf 9999 MB erhöht").verdict == "unsupported"
    assert other.check("Niemand weiß, wer es behebt").verdict == "unchecked"


def test_german_nouns_are_no_names() -> None:
    german = Sources(["alice: die pumpe in halle zwei ist undicht, carol bestellt eine dichtung"], nouns_capital=True)
    assert german.check("Die undichte Pumpe in Halle zwei: Carol bestellt eine Dichtung").verdict == "supported"


def test_a_time_of_a_message_is_no_number_that_nobody_said() -> None:
    timed = Sources(["bob: the pump was stopped and the valve closed"], ["09:12 2026-11-20 Friday 20 November 2026"])
    for written in ("09:12", "9:12", "2026-11-20", "20 November 2026"):
        assert timed.check(f"{written} the pump was stopped and its valve closed").verdict == "supported", written
    assert timed.check("10:40 the pump was stopped and its valve closed").verdict == "unsupported"


def test_a_number_from_far_away_is_not_a_cited_message_s() -> None:
    talk = [f"dave: ticket {number} is about lunch and the weather" for number in range(300, 340)]
    sources = Sources(["ann: the memory limit of the payment pods was raised", *talk])
    assert sources.check("The memory limit of the payment pods was raised to 312 MB", [0]).verdict == "unsupported"


def test_two_words_hold_where_a_message_says_both() -> None:
    assert SOURCES.check("roll back", [3]).verdict == "supported"
    assert SOURCES.check("go bankrupt").verdict == "unsupported"
