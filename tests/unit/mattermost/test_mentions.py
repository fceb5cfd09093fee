"""Whom a post addresses and with which words, against the texts and events of real servers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given

from mmapp.mattermost.mentions import addressed, leading_quotes
from mmapp.mattermost.prose import prose
from mmapp.mattermost.render import neutralise
from tests.playground.recorded import names, recorded
from tests.unit.mattermost.texts import texts

BOT_ID = "7n6i6ef7utfp5f1pfz9h59knry"
CASES: list[dict[str, Any]] = recorded("v11_e_mention_matrix")["cases"]
OTHERWISE = {
    "first name Bob", "first name in quote", "keyword", "keyword in link text", "@channel", "@all", "@here", "@channel in quote",
    "attachment text", "attachment pretext", "attachment field", "attachment text @channel", "attachment keyword",
}  # fmt: skip
"""Texts that notify bob by other means than his name in the message: nobody speaks to him with them."""


def test_all_66_texts_are_here() -> None:
    assert len(CASES) == 66
    assert {case["case"] for case in CASES} >= OTHERWISE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_text_addresses_whom_it_notified_on_the_real_server(case: dict[str, Any]) -> None:
    notified = bool(case["bob_mention_count"]) and case["case"] not in OTHERWISE
    assert (addressed(case.get("message", ""), "bob") is not None) == notified


def posted() -> list[Any]:
    """Every recorded post of a person that reached somebody, and whether the server says that it mentions the bot."""
    found = {}
    for name in names("*ws_posted*"):
        for event in recorded(name)["websocket_events_seen"]["bot"]:
            if event["event"] == "posted" and event["data"]["channel_type"] == "O":
                message = json.loads(event["data"]["post"])["message"]
                found[name] = pytest.param(message, BOT_ID in event["data"].get("mentions", ""), id=name)
    del found["e_ws_posted_at_channel"]  # mentions everybody, and addresses no bot
    return list(found.values())


@pytest.mark.parametrize(("message", "mentioned"), posted())
def test_a_recorded_post_addresses_the_bot_where_its_server_says_so(message: str, mentioned: bool) -> None:
    assert (addressed(message, "ai") is not None) == mentioned


def test_the_recorded_posts_hold_both_kinds() -> None:
    assert {param.values[1] for param in posted()} == {True, False}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@ai summarize", "summarize"),
        ("@AI Summarize", "Summarize"),
        ("@ai", ""),
        ("@ai.", ""),
        ("@ai, what is up?", "what is up?"),
        ("@ai: what is up?", "what is up?"),
        ("@ai - what is up?", "what is up?"),
        ("@ai? hello?", "hello?"),
        ("(@ai) what is up?", "what is up?"),
        ("**@ai** what is up?", "what is up?"),
        ("\\@ai what is up?", "what is up?"),
        ("- @ai what is up?", "what is up?"),
        ("😀 @ai what is up?", "what is up?"),
        ("@ai\nsummarize", "summarize"),
        ("@ai ask --model tiny who?", "ask --model tiny who?"),
        ("@ai --private who?", "--private who?"),
        ("@ai ```\n@ai\n``` what is this?", "```\n@ai\n``` what is this?"),
        ("@ai what did @ai say?", "what did @ai say?"),
        ("@bob @ai what did he say?", "what did he say?"),
        ("@bob, @ai: what did he say?", "what did he say?"),
        ("@ai @bob asked for lunch. When?", "@bob asked for lunch. When?"),
        ("> Friday it is\n> and not Monday\n\n@ai is that so?", "is that so?"),
        ("> ask @ai\n\n@ai is that so?", "is that so?"),
        ("> hi @ai", "> hi"),
        ("hey @ai what is up?", "hey what is up?"),
        ("hey @ai, what is up?", "hey, what is up?"),
        ("what do you think, @ai?", "what do you think?"),
        ("what do you think, @ai", "what do you think"),
        ("what do you think @ai\nabout this", "what do you think\nabout this"),
        ("well, @ai, what do you think?", "well, what do you think?"),
        ("ask (@ai) or **@ai** again", "ask or **@ai** again"),
        ("x\u200b@ai y", "x\u200b y"),
        ("look:@ai see", "look: see"),
        ("@ai's answer is wrong", "ai's answer is wrong"),
        ("why is @ai’s answer wrong?", "why is ai’s answer wrong?"),
    ],
)
def test_what_is_said_to_the_bot(text: str, words: str) -> None:
    assert addressed(text, "ai") == words


@pytest.mark.parametrize(
    "text",
    [
        "@ai2 hi", "@ai-x hi", "@ai_x hi", "@ai.x hi", "@ai@bob hi", "x@ai hi", "x_@ai hi", ":@ai: hi", "@aı hi", "é@ai hi",
        "ai, hi", "@ ai hi", "foo\\@ai hi", "@ai:smile: hi",
        "``@ai` `` hi", "`a\n@ai` hi", "~~~\n@ai", "````\n```\n@ai\n````", "- ```\n  @ai\n  ```", "> ```\n> @ai\n", "> ~~~ @ai",
        "- a\n```\n@ai\n```",
        "    @ai hi", "\t@ai hi", "text\n\n> x\n\n    @ai hi", "1. a\n\n        @ai hi", "-      @ai hi",
        "[a](b/@ai) hi", "[a](<@ai> \"@ai\") hi", "[[a]](b/@ai) hi", "![a](@ai) hi", "[x]: http://a.b/@ai",
        "www.a.invalid/@ai", "(https://a.invalid/@ai) hi", "",
    ],
)  # fmt: skip
def test_what_is_not_said_to_the_bot(text: str) -> None:
    assert addressed(text, "ai") is None


@pytest.mark.parametrize(
    "text",
    [
        "a ` b @ai", "\\`@ai\\`", "`a` @ai `b`", "`a\n\n@ai`", "`a\n> @ai`", "```a``` @ai", "```\na\n```\n@ai", "> ```\n> a\n@ai",
        "- ```\n  a\n\n@ai", "text\n    @ai", "- a\n\n    @ai", "1. a\n\n   @ai", "[a](b @ai)", "a](@ai)",
        "[@ai](b)", "[![@ai](b)](c)",
        "xhttp://a/@ai", "https://@ai", "https://a.invalid/ @ai", "[https://a.invalid/@ai", ":smile:@ai", "_@ai_", "x.@ai",
        "x-@ai", "@bob/@ai", "@ai/@bob", "a\r\n@ai\r\n",
    ],
)  # fmt: skip
def test_what_is_said_to_the_bot_in_odd_places(text: str) -> None:
    assert addressed(text, "ai") is not None


@pytest.mark.parametrize(
    "text",
    ["@ai @ai2 who is right?", "@ai2 @ai who is right?", "@ai and @ai2, who is right?", "@AI2: @AI: who is right?"],
)
def test_two_bots_in_one_post_are_both_asked_and_neither_is_named(text: str) -> None:
    assert addressed(text, "ai", others=("ai2",)) == "who is right?"
    assert addressed(text, "ai2", others=("ai",)) == "who is right?"


def test_a_bot_that_is_spoken_of_stays_in_the_question() -> None:
    assert addressed("@ai is @ai2 better than you?", "ai", others=("ai2",)) == "is @ai2 better than you?"


def test_the_quotation_before_a_question_can_be_had() -> None:
    assert leading_quotes("> Friday it is\n\n> or not\n@ai is that so?") == "> Friday it is\n\n> or not\n"
    assert leading_quotes("@ai is > that so?") == ""


@given(texts)
def test_prose_keeps_every_character_in_its_place(text: str) -> None:
    words = prose(text)
    assert len(words) == len(text)
    assert all(one in (" ", "\x01", text[index]) for index, one in enumerate(words))


@given(texts)
def test_nothing_within_a_fence_addresses_anybody(text: str) -> None:
    marks = "`" * (3 + max((len(run) for run in re.findall("`+", text)), default=0))
    assert addressed(f"{marks}\n{text}\n{marks}", "bob") is None


@given(texts)
def test_nothing_that_a_bot_writes_addresses_anybody(text: str) -> None:
    assert addressed(neutralise(text), "bob") is None


@given(texts)
def test_who_begins_with_the_name_is_always_heard(text: str) -> None:
    assert addressed(f"@bob {text}", "bob") is not None


@pytest.mark.parametrize(
    "piece", ["@ai2 ", "[a](", "` `` ", "[http://a.", '](x "', "> ", "- ", "x\n\n    ", "@ai, ", "\\", "[", ":a-"]
)
def test_a_post_as_long_as_a_server_takes_is_read_like_any_other(piece: str) -> None:
    text = piece * (65_535 // len(piece))
    assert (addressed(text, "ai", others=("ai2",)) is None) == ("@ai," not in text)
