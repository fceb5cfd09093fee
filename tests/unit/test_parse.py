"""What people type behind `/ai`."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmapp.commands.parse import clean, parse, take_flags
from mmapp.errors import Refused

FLAGS = {"private": False, "model": True, "thread": True, "in": True}


@pytest.mark.parametrize(
    ("text", "verb", "words"),
    [
        ("ask What is a pump?", "ask", "What is a pump?"),
        ("  ASK   two  spaces stay ", "ask", "two  spaces stay"),
        ("ask\nfirst line\nsecond", "ask", "first line\nsecond"),
        ("ask\tTabbed", "ask", "Tabbed"),
        ("", "menu", ""),
        ("?", "help", ""),
        ("summarise thread", "summarize", "thread"),
        ("ａｓｋ full width", "ask", "full width"),
        ("a\u200bsk invisible", "ask", "invisible"),
        ("\u202eask turned around", "ask", "turned around"),
        ('ask what does "quoted mean', "ask", 'what does "quoted mean'),
        ("ask nul\x00s go", "ask", "nuls go"),
    ],
)
def test_the_verb_comes_first_and_the_words_stay_as_typed(text: str, verb: str, words: str) -> None:
    parsed = parse(text)
    assert (parsed.verb, parsed.words) == (verb, words)


@pytest.mark.parametrize(
    ("words", "left", "flags"),
    [
        ("--private why?", "why?", {"private": "yes"}),
        ("why? --private", "why?", {"private": "yes"}),
        ("—private why?", "why?", {"private": "yes"}),
        ("--model tiny --private why?", "why?", {"model": "tiny", "private": "yes"}),
        ("why? --private --model tiny", "why?", {"model": "tiny", "private": "yes"}),
        ("--model=tiny why?", "why?", {"model": "tiny"}),
        ("why? --model=tiny", "why?", {"model": "tiny"}),
        ("why? --model = tiny --private", "why?", {"model": "tiny", "private": "yes"}),
        ("--in town why?", "why?", {"in": "town"}),
        ('--model "a b" why?', "why?", {"model": "a b"}),
        ("--in 2026-11-20 14:30 why?", "why?", {"in": "2026-11-20 14:30"}),
        ("why? --in last monday 9:05", "why?", {"in": "last monday 9:05"}),
        ("why? --in last Friday", "why?", {"in": "last Friday"}),
        ("--in town 14:30 why?", "14:30 why?", {"in": "town"}),
        ("--in yesterday\n14:30 why?", "14:30 why?", {"in": "yesterday"}),
        ('--model "a why?', "why?", {"model": '"a'}),
        ("-private why?", "why?", {"private": "yes"}),
        ("why? --private --private", "why?", {"private": "yes"}),
        ("why? --private.", "why?", {"private": "yes"}),
        ("--private=yes why?", "why?", {"private": "yes"}),
        ("why --private=true", "why", {"private": "yes"}),
        ("--PRIVATE why?", "why?", {"private": "yes"}),
        ("what does ssh --private do in git", "what does ssh --private do in git", {}),
        ("grep --color --model tiny", "grep --color", {"model": "tiny"}),
        ("-- private", "-- private", {}),
    ],
)
def test_flags_stand_before_or_behind_the_question(words: str, left: str, flags: dict[str, str]) -> None:
    assert take_flags(words, FLAGS) == (left, flags)


@pytest.mark.parametrize(
    "words",
    [
        "--model",
        "why? --model",
        "--thread  ",
        "why? --private --model",
        "why? --private --thread",
        '--model "" why?',
    ],
)
def test_a_flag_without_its_value_is_answered(words: str) -> None:
    with pytest.raises(Refused, match="needs a value"):
        take_flags(words, FLAGS)


@pytest.mark.parametrize(
    "words", ["--privat why?", "why? --privat", "--privately why?", "why? -privte", "--models tiny why?"]
)
def test_what_is_nearly_a_flag_is_refused_and_never_asked_in_public(words: str) -> None:
    with pytest.raises(Refused, match="Did you mean"):
        take_flags(words, FLAGS)


@pytest.mark.parametrize(
    "words", [" --model “" * 10_000, ' --model "' * 10_000, " --private" * 10_000, "-" * 100_000, " " * 100_000]
)
def test_a_hundred_thousand_characters_of_flags_take_no_time(words: str) -> None:
    for text in (words, f"why{words}", f"why{words} end"):
        try:
            take_flags(text, FLAGS)
        except Refused:
            continue


def test_a_value_that_cannot_be_right_is_refused() -> None:
    with pytest.raises(Refused, match="too long"):
        take_flags(f"--thread {'x' * 400} why?", FLAGS)


@given(st.text())
@example("\ud800 lone surrogate")
@example('ask "')
@example("--model --model --model")
def test_no_text_breaks_the_parser(text: str) -> None:
    parsed = parse(text)
    assert parsed.words == clean(parsed.words)
    try:
        words, flags = take_flags(parsed.words, FLAGS)
    except Refused:
        return
    assert words in parsed.words
    assert flags.keys() <= FLAGS.keys()


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Z")), min_size=1).map(str.strip).filter(bool))
def test_a_question_without_flags_stays_as_it_is(question: str) -> None:
    if "--" in question or "—" in question or "–" in question:
        return
    assert take_flags(question, FLAGS) == (question, {})
