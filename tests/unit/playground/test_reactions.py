"""Reactions by anybody: who may, what is kept of them, and how they show on the post."""

from __future__ import annotations

from typing import Any

import pytest

from tests.playground.errors import ApiError
from tests.playground.recorded import recorded
from tests.unit.playground.lab import AI_HELP, BOB, DEV, NOBOT, lab

AGES = pytest.mark.parametrize("age", ["5.37", "11"])


@AGES
def test_people_and_bots_react_and_take_it_back(age: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", DEV, "hi")
        playground.react("bob", post, "+1")
        playground.react("ai", post, "eyes")
        assert sorted(playground.reactions(post)) == [("ai", "eyes"), ("bob", "+1")]
        playground.unreact("bob", post, "+1")
        assert playground.reactions(post) == [("ai", "eyes")]


@AGES
def test_the_same_again_is_kept_once_and_said_twice(age: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", DEV, "hi")
        playground.react("bob", post, "+1")
        playground.react("bob", post, "+1")
        assert playground.reactions(post) == [("bob", "+1")]
        assert len(playground.events("ai", "reaction_added")) == 2


@AGES
def test_who_is_no_member_cannot_react(age: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", NOBOT, "hi")
        with pytest.raises(ApiError) as refused:
            playground.react("bob", post, "+1")
    assert refused.value.status == recorded("e_perm_react_not_member")["response"]["status"]


@pytest.mark.parametrize(
    ("age", "name"), [("5.37", "e_reaction_unknown_emoji"), ("11", "v11_e_reaction_unknown_emoji")]
)
def test_an_emoji_that_there_is_not_is_refused_by_v11_alone(age: str, name: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", DEV, "hi")
        body = {"user_id": BOB, "post_id": post["id"], "emoji_name": "no_such_emoji_x"}
        assert playground.call("bob", "POST", "/reactions", body).status == recorded(name)["response"]["status"]


@pytest.mark.parametrize(("age", "none"), [("5.37", []), ("11", None)])
def test_none_is_a_list_on_5_37_and_null_on_v11(age: str, none: Any) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", DEV, "hi")
        path = f"/posts/{post['id']}/reactions"
        assert playground.call("ai", "GET", path).json == none
        playground.react("bob", post, "+1")
        assert [one["user_id"] for one in playground.call("ai", "GET", path).json] == [BOB]


def test_a_reaction_updates_its_post_which_shows_it() -> None:
    listed = recorded("v11_e_channel_posts_since")["response"]["body"]["posts"]
    (expected,) = (one for one in listed.values() if one.get("has_reactions"))
    with lab() as playground:
        post = playground.post_as("alice", DEV, "hi")
        playground.advance(1)
        playground.react("bob", post, "eyes")
        since = f"/channels/{DEV}/posts?since={post['update_at'] + 1}"
        found = playground.call("ai", "GET", since).json["posts"][post["id"]]
        assert found.keys() == expected.keys()
        assert found["metadata"]["reactions"][0].keys() == expected["metadata"]["reactions"][0].keys()
        playground.unreact("bob", post, "eyes")
        bare = playground.call("ai", "GET", f"/posts/{post['id']}").json
        assert ("has_reactions" in bare, bare["metadata"], bare["edit_at"]) == (False, {}, 0)


@AGES
def test_a_reaction_marks_nobody_mentioned(age: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", AI_HELP, "hi")
        playground.react("ai", post, "eyes")
        assert (playground.mention_count("alice", AI_HELP), playground.pushes("alice")) == (0, [])


@AGES
def test_an_archived_channel_takes_no_reactions(age: str) -> None:
    with lab(age) as playground:
        post = playground.post_as("alice", DEV, "hi")
        playground.archive(DEV)
        with pytest.raises(ApiError):
            playground.react("bob", post, "+1")
