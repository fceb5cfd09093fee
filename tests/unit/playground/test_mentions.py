"""The counter of mentions, against all 66 texts whose notifications were measured on 11.6."""

from __future__ import annotations

from typing import Any

import pytest

from mmapp.mattermost.render import name_parts_broken, neutralise
from tests.playground import Playground
from tests.playground.mentions import mentioned
from tests.playground.recorded import recorded

CASES: list[dict[str, Any]] = recorded("v11_e_mention_matrix")["cases"]
TEXTS = [case for case in CASES if "message" in case]
BOB = {"username": "bob", "first_name": "Bob", "notify_props": {"first_name": "true", "mention_keys": "kumquat"}}


def test_all_66_texts_are_here() -> None:
    assert len(CASES) == 66


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["case"])
def test_a_text_notifies_as_it_did_on_the_real_server(case: dict[str, Any]) -> None:
    assert mentioned(case, BOB) == bool(case["bob_mention_count"])


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["case"])
def test_no_text_notifies_once_it_is_neutralised_and_names_are_broken(case: dict[str, Any]) -> None:
    inert = name_parts_broken(neutralise(case["message"]), ["bob", "Bob", "kumquat"])
    assert not mentioned({"message": inert}, BOB)


def test_an_edit_that_adds_a_mention_notifies_nobody() -> None:
    case = next(case for case in CASES if "message" not in case)
    assert (case["case"], case["bob_mention_count"]) == ("edit adds @bob @channel", 0)
    with Playground() as playground:
        playground.add_team()
        bob, bot = playground.add_user("bob"), playground.add_bot()
        channel = playground.add_channel(members=[bob, bot])
        post = playground.post_as(bot, channel, "thinking")
        playground.edit(bot, post, "@bob @channel")
        assert playground.mention_count(bob, channel) == 0


def test_a_direct_message_counts_one_whatever_it_says() -> None:
    with Playground() as playground:
        playground.add_team()
        bob, bot = playground.add_user("bob"), playground.add_bot()
        channel = playground.direct(bob, bot)
        playground.post_as(bot, channel, "nothing of note")
        assert playground.mention_count(bob, channel) == 1


def test_a_reply_reaches_every_follower_and_naming_somebody_makes_a_follower() -> None:
    with Playground() as playground:
        playground.add_team()
        alice, bob, bot = playground.add_user("alice"), playground.add_user("bob"), playground.add_bot()
        channel = playground.add_channel(members=[alice, bob, bot])
        root = playground.post_as(alice, channel, "root")
        playground.post_as(bot, channel, "reply", root)
        assert playground.followers(root) == {"alice": 1, "ai": 0}
        playground.post_as(bot, channel, "reply to @bob", root)
        assert playground.followers(root) == {"alice": 2, "ai": 0, "bob": 1}
