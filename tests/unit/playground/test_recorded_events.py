"""What was done before recorded WebSocket events, done again: the same people get the same events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.playground import Playground
from tests.playground.recorded import age_of, recorded
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import AI_HELP, ALICE, BOB, BOT, BY_NAME, DEV, NOBOT, SECRET, lab, post

Act = Callable[[Playground, dict[str, Any]], object]
NAMES = {user_id: name for name, user_id in BY_NAME.items()}


def says(playground: Playground, said: dict[str, Any]) -> None:
    """Its author posts it; what is a reply has a root, by the bot or by bob."""
    if said["root_id"]:
        post(playground, said["root_id"], BOT if said["user_id"] == ALICE else BOB, said["channel_id"])
    if said["channel_id"] == NOBOT:
        playground.join(BOB, NOBOT)
    playground.post_as(NAMES[said["user_id"]], said["channel_id"], said["message"], said["root_id"])


def edits(playground: Playground, edited: dict[str, Any]) -> None:
    made = post(playground, edited["id"], edited["user_id"], edited["channel_id"], "Thinking…")
    playground.edit(NAMES[edited["user_id"]], made, edited["message"])


def deletes(playground: Playground, gone: dict[str, Any]) -> None:
    made = post(playground, gone["id"], gone["user_id"], gone["channel_id"], gone["message"])
    playground.delete("alice", made)


def reacts(playground: Playground, reaction: dict[str, Any]) -> None:
    if not playground.post(reaction["post_id"]):
        post(playground, reaction["post_id"], BOB, DEV)
    playground.react(reaction["user_id"], reaction["post_id"], reaction["emoji_name"])


def reacts_no_more(playground: Playground, reaction: dict[str, Any]) -> None:
    playground.unreact(reaction["user_id"], reaction["post_id"], reaction["emoji_name"])


def types(playground: Playground, _: dict[str, Any]) -> None:
    playground.call("ai", "POST", f"/users/{BOT}/typing", {"channel_id": AI_HELP})


def adds_the_bot(playground: Playground, _: dict[str, Any]) -> None:
    playground.call("alice", "POST", f"/channels/{SECRET}/members", {"user_id": BOT})


def removes_the_bot(playground: Playground, _: dict[str, Any]) -> None:
    playground.join("ai", SECRET)
    playground.call("alice", "DELETE", f"/channels/{SECRET}/members/{BOT}")


def has_an_app_answer(response_type: str) -> Act:
    def act(playground: Playground, said: dict[str, Any]) -> None:
        with Stub(Reply(body={"response_type": response_type, "text": said["message"]})) as app:
            command = playground.store.every("command")[0]
            playground.store.put("command", command["id"], command | {"url": app.url})
            playground.slash(said["user_id"], AI_HELP, "/ai x")

    return act


def is_sent_an_ephemeral(playground: Playground, said: dict[str, Any]) -> None:
    playground.grant_ephemerals("ai")
    sent = {"channel_id": AI_HELP, "message": said["message"], "props": said["props"]}
    playground.call("ai", "POST", "/posts/ephemeral", {"user_id": ALICE, "post": sent})


ACTS: dict[str, Act] = {
    "e_ws_posted_mention_bot": says,
    "e_ws_posted_no_mention": says,
    "e_ws_posted_at_channel": says,
    "e_ws_posted_ai_plain_word": says,
    "e_ws_posted_at_ai_punct": says,
    "e_ws_posted_at_ai_code": says,
    "e_ws_posted_dm": says,
    "e_ws_posted_nobot_channel": says,
    "e_ws_posted_reply_to_bot": says,
    "e_ws_posted_by_bot": says,
    "e_ws_incoming_webhook_like": has_an_app_answer("in_channel"),
    "e_ws_ephemeral_message": has_an_app_answer("ephemeral"),
    "e_ws_post_edited": edits,
    "e_ws_post_edited_by_alice": edits,
    "e_ws_post_deleted": deletes,
    "e_ws_reaction_added": reacts,
    "e_ws_reaction_again": reacts,
    "e_ws_reaction_by_alice": reacts,
    "e_ws_reaction_removed": reacts_no_more,
    "e_ws_typing": types,
    "e_ws_channel_added": adds_the_bot,
    "e_ws_channel_removed": removes_the_bot,
    "v11_e_ws_posted_mention_bot": says,
    "v11_e_ws_posted_by_bot": says,
    "v11_e_ws_posted_reply_to_bot": says,
    "v11_e_ws_thread_reply_by_bot": says,
    "v11_e_ws_post_edited": edits,
    "v11_e_ws_post_deleted": deletes,
    "v11_e_ws_reaction_again": reacts,
    "v11_e_ws_ephemeral_by_bot": is_sent_an_ephemeral,
    "v11_e_ws_channel_added": adds_the_bot,
}


@pytest.mark.parametrize("name", ACTS)
def test_the_same_people_get_the_same_events(name: str) -> None:
    seen = expected_events(name)
    with lab(age_of(name)) as playground:
        if name.endswith(("again", "removed")) and "reaction" in name:
            reacts(playground, about(next(iter(seen.values()))[0]))
        before = playground.store.last_event()
        ACTS[name](playground, about(next(iter(seen.values()))[0]))
        for user, expected in seen.items():
            found = playground.events("ai" if user == "bot" else user, after=before)
            assert [event["event"] for event in found] == [event["event"] for event in expected], user
            for one, other in zip(expected, found, strict=True):
                same_event(one, other)


def expected_events(name: str) -> dict[str, list[dict[str, Any]]]:
    """What each socket got; where one alone was recorded it was the receiver's, or a member's and the others' the same."""
    exchange = recorded(name)
    if "websocket_events_seen" in exchange:
        found: dict[str, list[dict[str, Any]]] = exchange["websocket_events_seen"]
        return {user: [one for one in events if not is_root_of_another(one, name)] for user, events in found.items()}
    event: dict[str, Any] = exchange["response"]["event"]
    return {NAMES.get(event["broadcast"]["user_id"], "alice"): [event]}


def is_root_of_another(event: dict[str, Any], name: str) -> bool:
    """The bot's root of `reply_to_bot` came a moment earlier than the reply."""
    return name == "v11_e_ws_posted_reply_to_bot" and "bot root" in event["data"].get("post", "")


def about(event: dict[str, Any]) -> dict[str, Any]:
    """The post or the reaction of an event."""
    data = {key: decoded(value) for key, value in event["data"].items()}
    subject: dict[str, Any] = data.get("post") or data.get("reaction") or {}
    return subject


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith(("{", "[")) else value


def same_event(expected: dict[str, Any], found: dict[str, Any]) -> None:
    """The same broadcast, the same keys, and the same values where they are no times and no ids of the day."""
    assert found["broadcast"] == expected["broadcast"]
    data = {key: decoded(value) for key, value in expected["data"].items()}
    assert found["data"].keys() == data.keys()
    for key, value in data.items():
        if key == "mentions":
            assert sorted(found["data"][key]) == sorted(value)
        elif key in ("post", "thread", "reaction"):
            same_subject(value, found["data"][key])
        elif key not in ("channel_display_name", "channel_times"):
            assert found["data"][key] == value, key


def same_subject(expected: dict[str, Any], found: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for key in (
        "message",
        "type",
        "channel_id",
        "user_id",
        "root_id",
        "emoji_name",
        "unread_replies",
        "unread_mentions",
    ):
        assert found.get(key) == expected.get(key), key
    assert (found.get("create_at") == 0) is (expected.get("create_at") == 0)
