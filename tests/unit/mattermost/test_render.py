"""What a model writes can do nothing, and nothing that it says is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings

from mmapp.mattermost import characters
from mmapp.mattermost.render import bold_name, code_block, is_blank, name_parts_broken, neutralise, quote_question
from tests.playground import mentions
from tests.playground.mentions import mentioned
from tests.unit.mattermost.texts import texts

LINKS = frozenset({"https://mm.example/eng/pl/"})
BOB = {"username": "bob", "first_name": "", "notify_props": {}}


def inert(text: str) -> str:
    return neutralise(text, links=LINKS)


@given(texts)
@settings(max_examples=400, deadline=None)
@example("\\http://evil.example `@bob`")
def test_neutralising_twice_changes_nothing(text: str) -> None:
    once = inert(text)
    assert inert(once) == once


@given(texts)
@settings(max_examples=400, deadline=None)
def test_nothing_neutral_mentions_anybody(text: str) -> None:
    assert not mentioned({"message": inert(text)}, BOB)


def words_of(text: str) -> list[str]:
    """Letters and digits alone: marks may be escaped, addresses moved behind their texts."""
    return sorted(re.findall(r"[^\W_]", characters.plain(text)))


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_letter_is_lost(text: str) -> None:
    missing = words_of(text)
    for letter in words_of(inert(text)):
        if letter in missing:
            missing.remove(letter)
    assert not missing


def outside_of_code(text: str) -> str:
    """What is left when fences and spans are taken out, by another reading than that of the code under test."""
    text = re.sub(r"(?ms)^[ >]*(?:(?:[-*+]|\d+[.)]) +)*(```+|~~~+)[^\n]*\n.*?^[ >]*\1[ ]*$", "", text)
    return re.sub(r"\]\(https://mm\.example/eng/pl/[^)]*\)", "]", mentions._without_spans(text))


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_unknown_address_is_left_outside_of_code(text: str) -> None:
    left = outside_of_code(inert(text))
    assert "evil.example" not in left
    assert not re.search(r"!\[[^\[\]]*\]\(", re.sub(r"\\.", "", left))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask @bob", "ask @\u200bbob"),
        ("see `@bob`", "see `@bob`"),
        ("a ` b `@bob`", "a ` b `@\u200bbob\\`"),
        ("![cat](http://evil.example/c.png)", "cat (`http://evil.example/c.png`)"),
        ("[here](http://evil.example)", "here (`http://evil.example`)"),
        ("go to http://evil.example/x.", "go to `http://evil.example/x`."),
        ("<http://evil.example>", "`http://evil.example`"),
        ("[1](https://mm.example/eng/pl/abc)", "[1](https://mm.example/eng/pl/abc)"),
        ("[[1]](https://mm.example/eng/pl/abc)", "[[1]](https://mm.example/eng/pl/abc)"),
        ("![1](https://mm.example/eng/pl/abc)", "1 (`https://mm.example/eng/pl/abc`)"),
        ("!https://mm.example/eng/pl/abc", "!`https://mm.example/eng/pl/abc`"),
        ("https://mm.example/eng/pl/abc", "[mm.example/eng/pl/abc](https://mm.example/eng/pl/abc)"),
        ("[a][r]\n\n[r]: http://evil.example", "[a][r]\n\n\\[r]: `http://evil.example`"),
        ("mail bob@mail.example", "mail `bob@mail.example`"),
        ("#release :p ~town", "#\u200brelease :\u200bp ~\u200btown"),
        ("2*3*4 and a*b*c", "2\\*3\\*4 and a\\*b\\*c"),
        ("**bold** and *it* and **a *b***", "**bold** and *it* and **a *b***"),
        ("at 10:30:45", "at 10:30:45"),
        ("| a |\n|:-:|\n| b |", "| a |\n|:-:|\n| b |"),
        ("# Title\n- item\n* * *", "# Title\n- item\n* * *"),
        ("```py\n@deco", "```py\n@deco\n```"),
        ("```\na\n```\nb", "```\na\n```\nb"),
        ("text\n\n    @x = 1\n\nmore", "text\n\n```\n@x = 1\n```\n\nmore"),
        ("1. a\n   ```py\nx\n   ```\nb", "1. a\n   ```py\n   x\n   ```\nb"),
        ("> ```\n> x\ny", "> ```\n> x\n> ```\ny"),
        ("```say this aloud\nx\n```", "```say\nthis aloud\nx\n```"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\u202eevil\u202c \x00 b\u200bob", "evil  bob"),
        ("👩\u200d💻 🏴\U000e0067\U000e0062\U000e007f x\U000e0041", "👩\u200d💻 🏴\U000e0067\U000e0062\U000e007f x"),
    ],
)
def test_what_becomes_of(text: str, expected: str) -> None:
    assert inert(text) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://mm.example/eng/pl/../../evil",
        "https://mm.example/eng/pl/%2e%2e/evil",
        "https://mm.example/eng/pl.evil.example/",
        "http://mm.example/eng/pl/abc",
        "https://mm.example@evil.example/eng/pl/abc",
    ],
)
def test_a_link_that_only_looks_known_becomes_code(url: str) -> None:
    assert inert(f"[x]({url})") == f"x (`{url}`)"


def test_a_prefix_without_a_slash_covers_no_other_host() -> None:
    assert "`" in neutralise("[x](https://mm.example.evil.com/)", links={"https://mm.example"})
    assert "`" not in neutralise("[x](https://mm.example/y)", links={"https://mm.example"})


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "`" * 50_001, "(" * 50_000, "a@" * 25_000, ":a" * 25_000, "*a" * 25_000, "[a](" * 12_000]
)
def test_a_monstrous_text_takes_no_monstrous_time(text: str) -> None:
    assert inert(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u200b\u202e",
        "\u200e\u00ad\u200d\ufe0f",
        "\u3164\u2800\u00a0",
        "\u0301",
        "\x00",
        "```py\n\n```",
        ">",
    ],
)
def test_a_text_of_which_nothing_can_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}\nx")


@pytest.mark.parametrize(
    "text", ["x", "?", "4", "👍🏽", "é", "中", "+", "`@`", "```\n{}\n```", "![](http://evil.example)"]
)
def test_a_text_of_which_something_can_be_seen_is_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_a_name_is_bold_and_no_mention() -> None:
    assert bold_name("@bob") == "**bob**"
    assert bold_name("_bob_") == "**\\_bob\\_**"


def test_names_are_broken_outside_of_code_and_targets() -> None:
    text = "Bob, BOB's and bobby; `Bob`, [Bob](https://x/Bob)\n```\nBob\n```\nAnna-Lena"
    broken = name_parts_broken(text, ["Bob", "anna-lena"])
    assert broken == (
        "B\u200bob, B\u200bOB's and bobby; `Bob`, [B\u200bob](https://x/Bob)\n```\nBob\n```\nA\u200bnna-L\u200bena"
    )
    assert name_parts_broken(broken, ["Bob", "anna-lena"]) == broken


def test_names_between_escaped_backticks_are_no_code() -> None:
    assert name_parts_broken("\\` Bob \\` and `Bob`", ["Bob"]) == "\\` B\u200bob \\` and `Bob`"


def test_a_question_is_quoted_on_one_line() -> None:
    assert quote_question("bob", "what is\n@alice up to?") == "> **bob**: what is @\u200balice up to?"


@given(texts)
@settings(max_examples=200, deadline=None)
def test_a_quoted_question_is_one_inert_line_of_at_most_200_characters(text: str) -> None:
    line = quote_question("bob", text * 5)
    assert len(line) <= 200
    assert "\n" not in line
    assert line.startswith("> **bob**: ")
    assert not mentioned({"message": line}, BOB)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_a_code_block_holds_any_text(text: str) -> None:
    block = code_block(text)
    assert inert(block) == block
    assert not mentioned({"message": block}, BOB)
