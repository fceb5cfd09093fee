"""The texts that say most of it are those that are most like the others."""

from __future__ import annotations

import random

from llm.lexrank import central

TALK = [
    "good morning everyone",
    "The pump in hall two leaks since the night shift",
    "The pump in hall two leaks at the lower seal",
    "Carol orders a new seal for the pump in hall two",
    "ok",
    "lunch anyone?",
    "The new seal for the pump arrives on Friday",
]

WORDS = ["oh", "yeah", "um", "well", "I", "think", "you", "know", "it's", "not", "that", "really"]


def test_what_everybody_talks_about_is_chosen_and_small_talk_is_not() -> None:
    chosen = central(TALK, 2)
    assert all("pump" in TALK[place] for place in chosen)


def test_the_chosen_stand_in_their_order() -> None:
    assert central(TALK, 5) == sorted(central(TALK, 5))


def test_of_two_that_say_the_same_one_is_enough() -> None:
    said = ["The release is planned for Friday evening"] * 4 + ["The release needs a new certificate for the gateway"]
    assert len(central(said, 3)) == 2


def test_texts_of_too_few_words_are_never_chosen() -> None:
    assert central(["yes", "no", "good idea"], 3) == []


def test_what_is_like_everything_else_by_words_of_every_day_is_not_chosen() -> None:
    chance = random.Random(3)
    small = [" ".join(chance.sample(WORDS, 7)) for _ in range(200)]
    said = [*small[:90], *TALK[1:4], *small[90:], TALK[6]]
    assert [said[place] for place in central(said, 4)] == [*TALK[1:4], TALK[6]]


def test_no_texts_no_choice() -> None:
    assert central([], 3) == []


def test_ten_thousand_texts_are_read_whole_and_the_same_again() -> None:
    words = [f"word{number}" for number in range(500)]
    chance = random.Random(7)
    said = [" ".join(chance.choices(words, k=9)) for _ in range(10_000)]
    said[4321] = said[4320]
    assert central(said, 8) == central(said, 8)


def test_chinese_is_compared_by_pairs_of_characters() -> None:
    said = ["水泵在二号车间漏水了", "二号车间的水泵需要新的密封件", "午饭吃什么", "密封件星期五到二号车间"]
    assert 2 not in central(said, 2)
