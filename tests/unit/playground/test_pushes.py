"""What a phone is sent: on creation alone, with the words of the creation, by the rules of each age."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.playground import Playground
from tests.playground.recorded import recorded
from tests.playground.store import Doc
from tests.unit.playground.lab import AI_HELP, BOT, lab

CASES = {case["case"]: case for case in recorded("v11_e_push_matrix")["cases"]}
OWN = {"platform", "badge", "signature"}
"""What is the phone's own."""
Setup = Callable[[Playground], Doc | None]
Act = Callable[[Playground, Doc], object]


def nothing(playground: Playground) -> None:
    """There is nothing before."""


def thread(*authors: str, by: str = "bob") -> Setup:
    """Somebody's thread, in which others have replied."""

    def make(playground: Playground) -> Doc:
        root = playground.post_as(by, AI_HELP, "root")
        for author in authors:
            playground.post_as(author, AI_HELP, "me too", root)
        return root

    return make


def said(text: str) -> Setup:
    return lambda playground: playground.post_as("ai", AI_HELP, text)


def replied(playground: Playground) -> Doc:
    return playground.post_as("ai", AI_HELP, "reply", playground.post_as("bob", AI_HELP, "root"))


def wrote_directly(playground: Playground) -> Doc:
    return playground.post_as("ai", playground.direct("ai", "bob"), "dm")


def says(text: str, **more: Any) -> Act:
    return lambda playground, _: playground.post_as("ai", AI_HELP, text, **more)


def replies(text: str) -> Act:
    return lambda playground, root: playground.post_as("ai", AI_HELP, text, root)


def edits(text: str) -> Act:
    def act(playground: Playground, made: Doc) -> None:
        for number in range(20):
            playground.edit("ai", made, f"{text} {number}")

    return act


def reacts(playground: Playground, root: Doc) -> None:
    playground.react("ai", root, "eyes")


def writes_directly(playground: Playground, _: Doc) -> None:
    wrote_directly(playground)


ACTS: dict[str, tuple[Setup, Act]] = {
    "bot root post without mention": (nothing, says("hello")),
    "bot root post @bob": (nothing, says("hello @bob")),
    "patched (mention stays)": (said("hello @bob"), edits("hello @bob, and more")),
    "placeholder": (nothing, says("Thinking…")),
    "patched with @bob @channel": (said("Thinking…"), edits("@bob @channel")),
    "bot reply into bob's thread, no mention": (thread(), replies("reply 1")),
    "second bot reply, no mention": (thread("ai"), replies("reply 2")),
    "patch of a reply": (replied, edits("reply, and more")),
    "bot reply naming @bob": (thread(), replies("reply @bob")),
    "bot reply into alice's thread (bob not following)": (thread(by="alice"), replies("reply")),
    "bot reply into alice's thread after bob replied": (thread("bob", by="alice"), replies("reply")),
    "DM from bot": (nothing, writes_directly),
    "DM patched": (wrote_directly, edits("dm, and more")),
    "@channel": (nothing, says("@channel x")),
    "@here (bob away)": (nothing, says("@here x")),
    "reaction by bot on bob's post": (thread(), reacts),
    "attachment only, text names bob": (
        nothing,
        says("", props={"attachments": [{"fallback": "fb", "text": "hi @bob"}]}),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_phone_gets_what_was_recorded(name: str) -> None:
    case = CASES[name]
    with lab() as playground:
        channel = playground.server.channel(AI_HELP) or {}
        playground.store.put("channel", AI_HELP, channel | {"display_name": "AI Help"})
        setup, act = ACTS[name]
        made = setup(playground) or {}
        before = len(playground.pushes("bob"))
        act(playground, made)
        found = playground.pushes("bob")[before:]
    assert len(found) == case["pushes"]
    for push, expected in zip(found, [case["first"]] * case["pushes"], strict=True):
        assert push.keys() == expected.keys() - OWN
        for key in push.keys() - {"post_id", "root_id", "channel_id"}:
            assert push[key] == expected[key], key


def test_5_37_pushes_mentions_and_direct_messages_alone() -> None:
    with lab("5.37") as playground:
        root = playground.post_as("bob", AI_HELP, "root")
        playground.post_as("ai", AI_HELP, "a reply into his thread", root)
        assert playground.pushes("bob") == []
        playground.post_as("ai", AI_HELP, "and one for @bob", root)
        wrote_directly(playground)
        assert [push["message"] for push in playground.pushes("bob")] == ["@ai: and one for @bob", "dm"]


def test_a_push_keeps_the_words_of_the_creation() -> None:
    with lab() as playground:
        made = playground.post_as("ai", AI_HELP, "@bob first")
        playground.edit("ai", made, "@bob second")
        playground.delete("ai", made)
        assert [push["message"] for push in playground.pushes("bob")] == ["@ai: @bob first"]


def test_nobody_is_pushed_what_he_wrote_and_no_bot_anything() -> None:
    with lab() as playground:
        root = playground.post_as("bob", AI_HELP, "root @ai")
        playground.post_as("bob", AI_HELP, "reply @bob @ai", root)
        assert (playground.pushes("bob"), playground.pushes(BOT)) == ([], [])
