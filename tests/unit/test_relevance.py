"""Which posts fit a question: rare words, the talk around, any script, and work in proportion to the words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from llm.relevance import bm25, relevance, words

TALK = [
    "Good morning all",
    "The canteen has soup today",
    "I parked the van behind hall 2",
    "Who waters the plants this week?",
    "I can do that",
    "The crane's gearbox was noisy again last night",
    "Same as in March?",
    "Yes, exactly that sound",
    "Then order the bearing, the supplier needs nine days",
    "Done, it comes on Tuesday",
    "The printer in the office is empty",
    "I bring paper",
    "The yes in the survey counts twice by the way",
    "Lunch at twelve?",
]


def best(question: str, texts: list[str] = TALK) -> int:
    scores = relevance(texts, question)
    return scores.index(max(scores))


def test_the_post_that_shares_the_rare_words_fits_best() -> None:
    assert best("Why is the crane's gearbox noisy?") == 5
    assert best("Who brings paper for the printer?") in (10, 11)


def test_a_word_that_is_rare_counts_more() -> None:
    rare, common, _ = bm25([["pump"], ["costs"], ["costs"]], {"pump", "costs"})
    assert rare > common > 0


def test_a_long_post_does_not_win_by_its_length() -> None:
    short, long = bm25([["pump"], ["pump", *["other"] * 30]], {"pump"})
    assert short > long


def test_an_answer_of_few_words_fits_by_the_talk_around_it() -> None:
    scores = relevance(TALK, "What about the noisy gearbox of the crane?")
    assert scores[7] > 0  # "Yes, exactly that sound" shares no word with the question
    assert scores[13] == 0


def test_a_question_that_shares_no_word_fits_nothing() -> None:
    assert set(relevance(TALK, "zebra")) == {0}
    assert relevance([], "zebra") == []
    assert relevance(["", "…"], "zebra") == [0, 0]


@pytest.mark.parametrize(
    ("question", "fitting"),
    [
        ("Wie heiß wird die Straße?", "Die STRASSE ist heute heiss."),
        ("Где насос?", "НАСОС стоит в третьем цехе."),
        ("水泵在哪里", "我们把水泵放在三号厅"),
        ("ポンプはどこ", "新しいポンプは倉庫にある"),
        ("펌프가 어디", "펌프는 창고에 있다"),
    ],
)
def test_any_script_is_found(question: str, fitting: str) -> None:
    others = ["Guten Morgen", "Доброе утро", "早上好", "おはよう", "좋은 아침"] * 3
    assert best(question, [*others, fitting, *others]) == len(others)


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    assert words("水泵站 ok") == ["水泵", "泵站", "ok"]
    assert words("水") == ["水"]


class Counted(list[str]):
    """Texts that count how often somebody looks at one."""

    looks = 0

    def __iter__(self) -> Iterator[str]:
        for text in super().__iter__():
            Counted.looks += 1
            yield text


def test_each_of_ten_thousand_posts_is_looked_at_once() -> None:
    texts = Counted(f"{TALK[number % len(TALK)]} {number}" for number in range(10_000))
    Counted.looks = 0
    assert len(relevance(texts, "Why is the crane's gearbox noisy?")) == 10_000
    assert Counted.looks == 10_000
