"""Does a message support this line?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

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


FRIDAY = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)


def test_a_time_of_a_message_is_no_number_that_nobody_said() -> None:
    timed = Sources(["bob: the pump was stopped and the valve closed"], [FRIDAY])
    for written in (
        "09:12",
        "9:12",
        "2026-11-20",
        "20 November 2026",
        "20 Nov",
        "November 20th",
        "20.11.",
        "11/20/2026",
    ):
        assert timed.check(f"{written} the pump was stopped and its valve closed").verdict == "supported", written
    for written in ("10:40", "2025-11-20", "20 December", "21 November", "21.11."):
        assert timed.check(f"{written} the pump was stopped and its valve closed").verdict == "unsupported", written


@pytest.mark.parametrize("number", [9, 12, 20, 11, 2026])
def test_nor_is_a_part_of_it_a_number_that_somebody_said(number: int) -> None:
    timed = Sources(["bob: the pump was stopped and the valve closed"], [FRIDAY])
    assert timed.check(f"The pump was stopped and the valve closed {number} times").verdict == "unsupported"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("we raise the memory limit to 512MB now", "The memory limit is raised to 512 MB now"),
        ("we raise the memory limit to 512 MB now", "The memory limit is raised to 512MB now"),
        ("release v1.2.3 of the gateway is out", "The gateway's release is out in version 1.2.3"),
        (
            "the runbook is at https://wiki.example.org/run please read",
            "The runbook is at https://wiki.example.org/run.",
        ),
        (
            "the runbook is at https://wiki.example.org/run, please read",
            "The runbook is https://wiki.example.org/run today",
        ),
    ],
)
def test_a_unit_a_version_s_letter_and_a_full_stop_make_no_other_number_or_link(message: str, line: str) -> None:
    assert Sources([f"ann: {message}", "bob: fine"]).check(line, [0]).verdict == "supported"
    assert Sources([f"ann: {message}", "bob: fine"]).check(
        re.sub(r"\d", "7", line.replace("/run", "/rum")), [0]
    ).verdict == ("unsupported")


def test_a_citation_holds_where_its_own_message_says_something_of_the_line() -> None:
    talk = [
        "ann: The checkout has failed",
        "carol: We cannot roll back the migration",
        "carol: I write the post-mortem today",
    ]
    line = "Carol writes the post-mortem today"
    for wrong in (0, 1):  # also what the same person says of something else
        found = Sources(talk).check(line, [wrong])
        assert (found.verdict, found.place, found.holding) == ("supported", 2, ())
    assert Sources(talk).check(line, [2, 1]).holding == (2,)


def test_who_says_no_more_than_yes_says_it_of_what_was_asked() -> None:
    talk = ["ann: carol, can you write the post-mortem by Friday?", "carol: yes, I do it"]
    found = Sources(talk).check("carol: write the post-mortem by Friday", [1])
    assert (found.verdict, found.holding) == ("supported", (1,))


WEEK = [
    "ann: We raise the limit to 512 MB now and fix the cache on Monday",
    "carol: I write the post-mortem by Friday",
    "dave: the customers get a mail tomorrow",
    "bob: somebody has to order the new seal",
]


@pytest.mark.parametrize(
    ("line", "cited", "supported"),
    [
        ("carol: write the post-mortem by Friday", 1, True),
        ("carol: write the post-mortem by Tuesday", 1, False),
        ("carol: write the post-mortem by Monday", 1, False),  # which her neighbour said
        ("carol: Fridays' post-mortem is to be written", 1, True),
        ("dave: the customers get a mail on Saturday", 2, True),  # the day after a Friday
        ("dave: the customers get a mail on Sunday", 2, False),
        ("On Friday bob wanted somebody to order the new seal", 3, True),  # when he said so
        ("bob: order the new seal on Thursday", 3, False),
        ("27 November: carol has to write the post-mortem", 1, True),  # the Friday after
        ("28 November: carol has to write the post-mortem", 1, False),
    ],
)
def test_a_day_is_one_that_the_message_names_or_counts_from_its_own(line: str, cited: int, supported: bool) -> None:
    posted = [FRIDAY] * len(WEEK)
    for places in ([cited], []):
        assert (Sources(WEEK, posted).check(line, places).verdict == "supported") is supported, places


def test_to_a_message_that_names_no_day_belongs_the_one_that_was_asked_for() -> None:
    talk = ["ann: bob, can you fix the cache by Wednesday?", "bob: sure, the cache is next"]
    assert Sources(talk).check("bob: fix the cache by Wednesday", [1]).verdict == "supported"
    assert Sources(talk).check("bob: fix the cache by Thursday", [1]).verdict == "unsupported"


def test_a_day_is_the_same_in_another_language() -> None:
    other = Sources(WEEK, [FRIDAY] * len(WEEK), same_language=False, nouns_capital=True)
    assert other.check("carol schreibt den Bericht bis Freitag", [1]).verdict == "supported"
    assert other.check("carol schreibt den Bericht bis Dienstag", [1]).verdict == "unsupported"
    assert other.check("20. November: Der Speicher wird erhöht", [0]).verdict == "supported"
    assert other.check("21. Oktober: Der Speicher wird erhöht", [0]).verdict == "unsupported"


def test_in_another_language_a_citation_holds_that_says_a_number_or_a_name_of_the_line() -> None:
    other = Sources(TALK, same_language=False)
    assert other.check("Das Limit ist 256 MB", [2]).holding == (2,)
    found = other.check("Das Limit ist 256 MB", [3])
    assert (found.verdict, found.place, found.holding) == ("supported", 2, ())


def test_a_name_in_letters_that_nobody_writes_in_is_not_held_against_a_line() -> None:
    other = Sources(TALK, same_language=False)
    assert other.check("Контейнеры были остановлены, это увидел Боб", [2]).verdict == "unchecked"
    assert other.check("Контейнеры были остановлены, это увидел Mallory", [2]).verdict == "unsupported"
    assert other.knows("Кэрол", [2])
    assert not other.knows("Mallory", [2])


def test_a_number_from_far_away_is_not_a_cited_message_s() -> None:
    talk = [f"dave: ticket {number} is about lunch and the weather" for number in range(300, 340)]
    sources = Sources(["ann: the memory limit of the payment pods was raised", *talk])
    assert sources.check("The memory limit of the payment pods was raised to 312 MB", [0]).verdict == "unsupported"


def test_two_words_hold_where_a_message_says_both() -> None:
    assert SOURCES.check("roll back", [3]).verdict == "supported"
    assert SOURCES.check("go bankrupt").verdict == "unsupported"
