"""Recorded requests of the bot's, sent to the playground: same status, same error or same shape."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.playground import Playground
from tests.playground.recorded import age_of, recorded
from tests.unit.playground.lab import AI_HELP, ALICE, BOB, BOT, DEV, NOBOT, SECRET, lab, post

TOKENS = {"Bearer <bot token>": "ai", "Bearer <bob token>": "bob", "Bearer <alice session>": "alice"}
Setup = Callable[[Playground], Any]
ACTIONS: dict[str, Any] = {
    "attachments": [
        {"text": "t", "actions": [{"id": "a1", "type": "button", "name": "B", "integration": {"url": "http://x/a"}}]}
    ]
}


def posts(*wanted: tuple[Any, ...], **more: Any) -> Setup:
    """Posts that must exist: id, author, channel."""

    def make(playground: Playground) -> None:
        for one in wanted:
            post(playground, *one, **more)

    return make


def nothing(playground: Playground) -> None:
    """The lab is enough."""


def created_before(playground: Playground) -> None:
    body = {"channel_id": AI_HELP, "message": "idem", "pending_post_id": "job-77:answer:1795351048"}
    playground.call("ai", "POST", "/posts", body)


def being_created(playground: Playground) -> None:
    playground.server.pending["..."] = ("", playground.server.clock.now() + 30_000)


def deleted(post_id: str) -> Setup:
    return posts((post_id, BOT, AI_HELP), delete_at=1)


def with_reaction(playground: Playground) -> None:
    post(playground, "78enuqjhs3fkjk55y393o1xaiy", ALICE, DEV)
    body = {"user_id": ALICE, "post_id": "78enuqjhs3fkjk55y393o1xaiy", "emoji_name": "thumbsup"}
    assert playground.call("alice", "POST", "/reactions", body).status == 200


def thread(playground: Playground) -> None:
    root = "8au18izshintbrnrjkufaur9hc"
    post(playground, root, ALICE, DEV)
    for reply in ("78enuqjhs3fkjk55y393o1xaiy", "4c4pejf53if1pjzq17b1cpuzsa"):
        post(playground, reply, BOT, DEV, root_id=root)


def old_post(playground: Playground) -> None:
    post(playground, "bsod4zdtitdgubpob3udeq9ota")
    playground.server.settings["PostEditTimeLimit"] = 1
    playground.advance(2.2)


OWN, OTHERS = ("jf694dtyaibzddtsrqp3p3tndr", BOT, AI_HELP), ("g6c7tpk8xb8fdjyupdnu139qdy", ALICE, AI_HELP)
EXCHANGES: dict[str, Setup] = {
    "e_bad_channel": nothing,
    "e_bad_root": nothing,
    "e_channel_get": nothing,
    "e_channel_member_check": nothing,
    "e_channel_member_check2": nothing,
    "e_channel_member_missing": nothing,
    "e_create_post": nothing,
    "e_delete_other_post": posts(OTHERS),
    "e_delete_own_post": posts(("mr6zkegubbgpjfqpgpznbs8ggo", BOT, AI_HELP)),
    "e_dm_open": nothing,
    "e_dm_post": nothing,
    "e_empty_message": nothing,
    "e_get_thread_unknown": nothing,
    "e_get_unknown_post": nothing,
    "e_max_len_error": nothing,
    "e_me": nothing,
    "e_no_channel": nothing,
    "e_patch_deleted": deleted("z3bo91ejct8ubkz7fj7xrtq83e"),
    "e_patch_other_users_post": posts(OTHERS),
    "e_patch_post": posts(OWN),
    "e_patch_props": posts(("qpmo9qd1638btytrohdaprieie", BOT, AI_HELP), props=ACTIONS),
    "e_patch_too_long": posts(OWN),
    "e_patch_unknown_post": nothing,
    "e_pending_post_id_1": nothing,
    "e_pending_post_id_2": created_before,
    "e_pending_post_id_other_user": created_before,
    "e_perm_dm_of_others": nothing,
    "e_perm_join_private": nothing,
    "e_perm_join_public": nothing,
    "e_perm_private_channel_get": nothing,
    "e_perm_private_post": nothing,
    "e_perm_private_read": nothing,
    "e_perm_private_single_post": posts(("rhra6j83nid7fkt3znzfjuhiar", ALICE, SECRET)),
    "e_perm_private_thread": posts(("rhra6j83nid7fkt3znzfjuhiar", ALICE, SECRET)),
    "e_perm_public_post_not_member": nothing,
    "e_perm_public_read_not_member": nothing,
    "e_perm_public_single_post": posts(("o679ej9xcjbtz8fodkjnnmp3jh", ALICE, NOBOT)),
    "e_perm_public_thread": posts(("o679ej9xcjbtz8fodkjnnmp3jh", ALICE, NOBOT)),
    "e_perm_react_not_member": posts(("o679ej9xcjbtz8fodkjnnmp3jh", ALICE, NOBOT)),
    "e_post_archived_channel": nothing,
    "e_posts_ids": nothing,
    "e_props_too_long": nothing,
    "e_put_post": posts(OWN),
    "e_put_post_wrong_id": posts(OWN),
    "e_reaction_bad_emoji": posts(("8au18izshintbrnrjkufaur9hc", ALICE, DEV)),
    "e_reaction_for_other": posts(("8au18izshintbrnrjkufaur9hc", ALICE, DEV)),
    "e_reaction_unknown_emoji": posts(("8au18izshintbrnrjkufaur9hc", ALICE, DEV)),
    "e_reactions_list": with_reaction,
    "e_reactions_list_empty": posts(("e55q99k4nfno5ccrxrianb49cc", ALICE, DEV)),
    "e_reply_to_deleted_root": deleted("b1jox85rkjyepg7ksa1o6jnrpr"),
    "e_root_is_reply": posts(("gphxqn6483n6pqcnzzduba55rh", ALICE, AI_HELP), root_id="x"),
    "e_root_other_channel": posts(OTHERS),
    "e_thread": thread,
    "e_thread_by_reply": thread,
    "e_users_ids": nothing,
    "d_create_post_with_actions": nothing,
    "v11_d_post_ephemeral_as_bot_granted": lambda playground: playground.grant_ephemerals("ai"),
    "v11_e_channel_get": nothing,
    "v11_e_channel_member_check2": nothing,
    "v11_e_channel_member_of_other_public_not_member": nothing,
    "v11_e_create_post": nothing,
    "v11_e_max_len_error": nothing,
    "v11_e_patch_edit_time_limit": old_post,
    "v11_e_posts_ids_mixed": posts(
        ("ypcj7ppbztyeukq4imsurbe9hc", ALICE, NOBOT),
        ("75gjg7en9prhffak1b4tfg7riy", ALICE, SECRET),
        ("eek534xqj7goxgywy69d8sutiw", ALICE, AI_HELP),
    ),
    "v11_e_public_channel_posts_not_member": posts(
        ("ypcj7ppbztyeukq4imsurbe9hc", ALICE, NOBOT), ("9koafue9fiytbxsjw6chcjmf6a", BOB, NOBOT)
    ),
    "v11_e_put_post": posts(("we56nke6mtf37ge3os98gw3ksa", BOT, AI_HELP)),
    "v11_e_reaction_unknown_emoji": posts(("dr8naihdj7fsjbpgztuy5qooty", ALICE, AI_HELP)),
    "v11_e_reactions_list_empty": posts(("dr8naihdj7fsjbpgztuy5qooty", ALICE, AI_HELP)),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_playground_answers_as_recorded(name: str) -> None:
    exchange = recorded(name)
    with lab(age_of(name)) as playground:
        EXCHANGES[name](playground)
        response = send(playground, exchange["request"])
    assert response.status_code == exchange["response"]["status"]
    same_shape(exchange["response"]["body"], response.json())


def send(playground: Playground, request: dict[str, Any]) -> requests.Response:
    token = playground.token(TOKENS[(request.get("headers") or {}).get("Authorization", "Bearer <bot token>")])
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            request["method"],
            playground.url + request["path"],
            json=request.get("body"),
            params=request.get("params"),
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )


def same_shape(expected: Any, found: Any, path: str = "") -> None:
    """The same keys with values of the same types; of errors also id and message."""
    assert type(found) is type(expected) or None in (found, expected), path
    if isinstance(expected, list) and isinstance(found, list):
        if expected and found:
            same_shape(expected[0], found[0], f"{path}[0]")
    elif isinstance(expected, dict) and isinstance(found, dict):
        if "status_code" in expected:
            assert (found["id"], found["message"]) == (expected["id"], expected["message"])
        expected, found = _plain(expected, path), _plain(found, path)
        assert set(expected) <= set(found), path
        for key, value in expected.items():
            same_shape(value, found[key], f"{path}.{key}")


def _plain(value: dict[str, Any], path: str) -> dict[str, Any]:
    """Posts are kept under their ids, which differ; a bot's account names are not the lab's business."""
    if path.endswith(".posts"):
        return {"any": next(iter(value.values())) | {"props": {}}} if value else {}
    return {
        key: one
        for key, one in value.items()
        if key not in ("timezone", "desktop_sound", "request_id", "detailed_error")
    }


def test_a_pending_duplicate_loses_with_500() -> None:
    exchange = recorded("e_pending_post_id_race_loser")
    with lab("5.37") as playground:
        being_created(playground)
        response = send(
            playground, exchange["request"] | {"body": exchange["request"]["body"] | {"channel_id": AI_HELP}}
        )
    assert (response.status_code, response.json()["id"]) == (500, exchange["response"]["body"]["id"])


def test_a_pending_post_id_is_forgotten_after_30_seconds() -> None:
    body = {"channel_id": AI_HELP, "message": "idem", "pending_post_id": "x"}
    with lab() as playground:
        first = playground.call("ai", "POST", "/posts", body).json["id"]
        assert playground.call("ai", "POST", "/posts", body).json["id"] == first
        playground.advance(31)
        assert playground.call("ai", "POST", "/posts", body).json["id"] != first


def test_parallel_creates_with_one_pending_post_id_make_one_post() -> None:
    body = {"channel_id": AI_HELP, "message": "par", "pending_post_id": "par"}
    with lab() as playground:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: playground.call("ai", "POST", "/posts", body), range(8)))
        assert {answer.status for answer in answers} <= {201, 500}
        assert len(playground.posts(AI_HELP)) == 1


def test_a_body_over_300_000_bytes_is_413_on_v11_alone() -> None:
    body = {"channel_id": AI_HELP, "message": "props", "props": {"a": "p" * 310_000}}
    expected = recorded("v11_e_body_too_large_413")["response"]["body"]
    with lab() as playground:
        answer = playground.call("ai", "POST", "/posts", body)
        assert (answer.status, answer.json["id"], answer.json["message"]) == (413, expected["id"], expected["message"])
    with lab("5.37") as playground:
        assert playground.call("ai", "POST", "/posts", body).status == 400


def test_props_of_100_000_characters_pass_on_v11() -> None:
    with lab() as playground:
        body = {"channel_id": AI_HELP, "message": "props", "props": {"a": "p" * 100_000}}
        assert playground.call("ai", "POST", "/posts", body).status == 201


@pytest.mark.parametrize("case", recorded("v11_e_ai_badge_matrix")["cases"], ids=str)
def test_the_ai_badge_is_taken_from_authors_and_bots(case: dict[str, Any]) -> None:
    with lab() as playground:
        user = TOKENS[case["by"]]
        body = {"channel_id": AI_HELP, "message": "badge", "props": case["props_sent"]}
        answer = playground.call(user, "POST", "/posts", body)
    assert answer.status == case["status"]
    if answer.status == 201:
        assert {key: value for key, value in answer.json["props"].items() if key != "from_bot"} == case["props_stored"]
    else:
        assert answer.json["id"] == case["error"]


def test_a_malformed_attachment_vanishes() -> None:
    exchange = recorded("v11_e_attachments_malformed")
    with lab() as playground:
        found = playground.call("ai", "POST", "/posts", exchange["request"]["body"])
    assert found.json["props"] == exchange["response"]["body"]["props"]
    assert found.json["metadata"] == exchange["response"]["body"]["metadata"]


def test_a_patch_that_changes_nothing_leaves_a_revision_and_no_mark() -> None:
    exchange = recorded("v11_e_patch_noop")
    with lab() as playground:
        made = post(playground, "r5xqejmtmbbsuxjpe3x7pss8ry", message="patch me", props=ACTIONS)
        answer = playground.call("ai", "PUT", f"/posts/{made['id']}/patch", exchange["request"]["body"])
        assert answer.json["edit_at"] == exchange["response"]["body"]["edit_at"] == 0
        assert answer.json["update_at"] > made["update_at"]
        assert len(playground.revisions(made)) == exchange["revision_rows"]


def test_props_read_back_and_patched_kill_the_buttons() -> None:
    dead = recorded("v11_e_patch_props_read_back")["click_afterwards"]
    with lab() as playground:
        made = post(playground, "r5xqejmtmbbsuxjpe3x7pss8ry", props=ACTIONS)
        read = playground.call("ai", "GET", f"/posts/{made['id']}").json["props"]
        assert playground.call("ai", "PUT", f"/posts/{made['id']}/patch", {"props": read}).status == 200
        answer = playground.click("alice", made["id"], "a1")
    assert (answer.status, answer.json["id"]) == (dead["status"], dead["answer"]["id"])


def test_a_post_shows_no_integration_to_anybody() -> None:
    with lab() as playground:
        made = post(playground, "r5xqejmtmbbsuxjpe3x7pss8ry", props=ACTIONS)
        for user in ("admin", "alice", "ai"):
            assert "integration" not in str(playground.call(user, "GET", f"/posts/{made['id']}").json)


def test_a_thread_comes_in_pages_and_the_first_counts_the_root() -> None:
    with lab() as playground:
        root = playground.post_as("alice", DEV, "root")
        for number in range(10):
            playground.post_as("bob", DEV, str(number), root)
        path = f"/posts/{root['id']}/thread?perPage=3&direction=down"
        first = playground.call("ai", "GET", path).json
        assert (len(first["order"]), first["has_next"]) == (3, True)
        last = max(
            (first["posts"][one] for one in first["order"] if one != root["id"]),
            key=lambda one: (one["create_at"], one["id"]),
        )
        second = playground.call("ai", "GET", f"{path}&fromCreateAt={last['create_at']}&fromPost={last['id']}").json
        assert (len(second["order"]), root["id"] in second["order"]) == (4, True)
        assert set(second) == set(recorded("v11_e_thread_page_down")["response"]["body"])


def test_more_than_1000_posts_since_a_time_lose_some_of_the_newest() -> None:
    measured = recorded("v11_e_channel_posts_since_over_1000")["measured"]
    with lab() as playground:
        with playground.store.transaction():
            for number in range(1_100):
                post(playground, f"{number:026d}", BOB, DEV, str(number), create_at=number + 10, update_at=number + 10)
        order = playground.call("ai", "GET", f"/channels/{DEV}/posts?since=1").json["order"]
        assert len(order) == measured["order"]
        assert 1_100 - len(set(order)) == measured["missing_count"]


def test_posts_since_a_time_include_the_deleted_and_old_revisions() -> None:
    with lab() as playground:
        kept = playground.post_as("alice", DEV, "kept")
        playground.edit("alice", kept, "kept, edited")
        gone = playground.post_as("alice", DEV, "gone")
        playground.delete("alice", gone)
        found = playground.call("ai", "GET", f"/channels/{DEV}/posts?since={kept['create_at'] - 1}").json
        messages = sorted(
            (one["message"], one["delete_at"] > 0, bool(one["original_id"])) for one in found["posts"].values()
        )
        assert messages == [("", True, False), ("", True, True), ("kept, edited", False, False)]
        assert playground.call("ai", "GET", f"/posts/{gone['id']}").status == 404


def test_a_wrong_and_a_revoked_token_are_401_and_work_again_once_restored() -> None:
    expected = recorded("e_bad_token")["response"]["body"]
    with lab("5.37") as playground:
        playground.revoke("ai")
        answer = playground.call("ai", "GET", "/users/me")
        assert (answer.status, answer.json["id"], answer.json["message"]) == (401, expected["id"], expected["message"])
        playground.restore("ai")
        assert playground.call("ai", "GET", "/users/me").status == 200


def test_an_ephemeral_by_a_bot_is_403_until_it_is_granted() -> None:
    exchange = recorded("d_post_ephemeral_as_bot")
    with lab() as playground:
        assert playground.call("ai", "POST", "/posts/ephemeral", exchange["request"]["body"]).status == 403
        playground.grant_ephemerals("ai")
        assert playground.call("ai", "POST", "/posts/ephemeral", exchange["request"]["body"]).status == 201
        assert playground.ephemerals("alice")[-1]["user_id"] == BOT
        assert playground.posts(AI_HELP) == []
