"""Slash commands, response_urls, buttons and dialogs: the app answers as recorded, and so does the playground."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from tests.playground import Playground
from tests.playground.ids import new_trigger
from tests.playground.recorded import age_of, names, recorded
from tests.playground.store import Doc
from tests.playground.stub import Reply, Stub
from tests.unit.playground.lab import AI_HELP, ALICE, BOB, DM_ALICE_BOT, NOBOT, SECRET, lab, post
from tests.unit.playground.test_recorded_rest import same_shape

SLOW = {"a_slow_28s", "a_slow_31s"}
OWN_TESTS = {
    "a_resp_500_nodev",
    "a_resp_in_channel_actions_leak",
    "a_slash_response_url_host_spoof",
    "v11_a_slash_address_forbidden",
}
COMMANDS = [
    name for name in [*names("a_resp_*"), *names("a_s*"), *names("v11_a_[ros][!_]*")] if name not in SLOW | OWN_TESTS
]
COMMANDS = [name for name in COMMANDS if "response_url" not in name]


def reply_of(exchange: Doc) -> Reply:
    answer = exchange.get("response") or {}
    body = answer.get("body") or b""
    headers = answer.get("headers") or ({"Content-Type": "application/json"} if isinstance(body, dict) else {})
    return Reply(
        answer.get("status") or 200, body, {k: v.replace("http://127.0.0.1:5055", "") for k, v in headers.items()}
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_answered_as_recorded(name: str) -> None:
    exchange = recorded(name)
    call = exchange["client_call"]
    with Stub(reply_of(exchange), Reply()) as app, lab(age_of(name), app.url) as playground:
        if "override" in name:
            playground.server.settings["EnablePostUsernameOverride"] = True
        prepare_root(playground, call["body"].get("root_id", ""), name)
        user = "bob" if f"user_id={BOB}" in str((exchange.get("request") or {}).get("body")) else "alice"
        answer = playground.call(user, "POST", "/commands/execute", call["body"])
        assert answer.status == call["status"]
        same_answer(call["answer"], answer.json)
        same_form(exchange, app, playground)
        same_posts(exchange, playground)


def prepare_root(playground: Playground, root_id: str, name: str) -> None:
    """The post that the command's root_id names, where it is one."""
    if root_id.isalnum() and len(root_id) == 26:
        other = "other_channel" in name or "unreadable" in name
        more = {"root_id": "x"} if "root_is_reply" in name else {}
        post(playground, root_id, ALICE, SECRET if other else AI_HELP, **more)


def same_answer(expected: Doc, found: Doc) -> None:
    if expected.get("status_code"):
        assert (found["id"], found["message"]) == (expected["id"], expected["message"])
        return
    volatile = {"trigger_id", "attachments"}
    assert {key: value for key, value in found.items() if key not in volatile} == {
        key: value for key, value in expected.items() if key not in volatile
    }
    same_shape(expected["attachments"], found["attachments"])


def same_form(exchange: Doc, app: Stub, playground: Playground) -> None:
    """The same fields in the same order, with the same words."""
    sent = (exchange.get("request") or {}).get("body") or ""
    if not isinstance(sent, str) or not sent or "cut" in sent:
        return
    expected, found = (parse_qsl(body, keep_blank_values=True) for body in (sent, app.calls[0].body.decode()))
    assert [key for key, _ in found] == [key for key, _ in expected]
    kept = (
        "text",
        "command",
        "channel_id",
        "channel_name",
        "team_id",
        "team_domain",
        "user_id",
        "user_name",
        "root_id",
        "user_mentions",
    )
    assert sorted(pair for pair in found if pair[0] in kept) == sorted(pair for pair in expected if pair[0] in kept)
    assert app.calls[0].headers["Authorization"].startswith("Token ")
    assert dict(found)["response_url"].startswith(f"{playground.url}/hooks/commands/")


def same_posts(exchange: Doc, playground: Playground) -> None:
    """The invoker's WebSocket saw as many posts and ephemerals, with the same messages."""
    events = (exchange.get("websocket_events_seen") or {}).get("alice") or []
    if "characters cut" in str(events):
        return
    for kind in ("posted", "ephemeral_message"):
        expected = [json.loads(event["data"]["post"])["message"] for event in events if event["event"] == kind]
        found = playground.events("alice", kind)
        assert len(found) == len(expected)
        assert [event["data"]["post"]["message"] for event in found] == expected


def test_an_app_that_takes_too_long_is_given_up() -> None:
    expected = recorded("a_slow_31s")["client_call"]
    with Stub(Reply(delay=0.6, body={})) as app, lab("11", app.url, IntegrationTimeout=0.2) as playground:
        answer = playground.slash("alice", AI_HELP, "/ai slow")
    assert (answer.status, answer.json["id"]) == (expected["status"], expected["answer"]["id"])


def test_what_the_app_answered_is_shown_to_developers_alone() -> None:
    with Stub(Reply(500, "secret of the app")) as app:
        for developer in (True, False):
            with lab("11", app.url, EnableDeveloper=developer) as playground:
                assert ("secret" in str(playground.slash("alice", AI_HELP, "/ai x").json)) is developer


def test_an_in_channel_answer_leaks_its_buttons_context_and_an_ephemeral_does_not() -> None:
    action = {
        "id": "b1",
        "name": "B",
        "type": "button",
        "integration": {"url": "http://x/a", "context": {"secret": "s3cret"}},
    }
    for kind, leaks in (("in_channel", True), ("ephemeral", False)):
        body = {"response_type": kind, "text": "ic", "attachments": [{"text": "t", "actions": [action]}]}
        with (
            Stub(Reply(body=body, headers={"Content-Type": "application/json"})) as app,
            lab("11", app.url) as playground,
        ):
            assert ("s3cret" in str(playground.slash("alice", AI_HELP, "/ai leak").json)) is leaks


def test_an_app_at_a_forbidden_address_is_never_called() -> None:
    expected = recorded("v11_a_slash_address_forbidden")["response"]
    with Stub() as app, lab("11", app.url, AllowedUntrustedInternalConnections=False) as playground:
        answer = playground.slash("alice", AI_HELP, "/ai x")
        assert (answer.status, answer.json["id"], app.calls) == (expected["status"], expected["body"]["id"], [])


# response_url


def hook_url(playground: Playground, app: Stub, root_id: str = "") -> str:
    playground.slash("alice", AI_HELP, "/ai x", root_id)
    return dict(parse_qsl(app.calls[-1].body.decode()))["response_url"]


def send(url: str, body: str | bytes, kind: str = "application/json") -> requests.Response:
    with requests.Session() as session:
        return session.post(url, data=body, headers={"Content-Type": kind} if kind else {}, timeout=10)


HOOKS = [name for name in names("a_response_url_*") if not re.search(r"_[67]$|min$|unknown|thread", name)]


@pytest.mark.parametrize("name", HOOKS)
def test_a_response_url_takes_what_it_took(name: str) -> None:
    exchange = recorded(name)
    body = exchange["request"].get("body") or ""
    body = body if isinstance(body, str) else json.dumps(body)
    kinds = {"a_response_url_3_plain_text": "text/plain", "a_response_url_4_form": "application/x-www-form-urlencoded"}
    kind = kinds.get(name, "" if "empty_body" in name else "application/json")
    with Stub() as app, lab("5.37", app.url) as playground:
        url = hook_url(playground, app)
        response = send(url, body, kind)
        assert response.status_code == exchange["response"]["status"]
        if response.status_code == 200:
            assert response.text == "ok"
        else:
            assert response.json()["id"] == exchange["response"]["body"]["id"]
        seen = exchange["websocket_posts_seen"]["alice"]
        shown = [*playground.ephemerals("alice"), *playground.posts(AI_HELP)]
        assert [one["message"] for one in shown] == [
            one["message"] for kind, one in seen if kind in ("posted", "ephemeral_message")
        ]


@pytest.mark.parametrize("age", ["5.37", "11"])
def test_a_response_url_is_used_up_after_five_times(age: str) -> None:
    expected = recorded("v11_a_response_url_6" if age == "11" else "a_response_url_6")["response"]
    with Stub() as app, lab(age, app.url) as playground:
        url = hook_url(playground, app)
        assert [send(url, '{"text": "x"}').status_code for _ in range(5)] == [200] * 5
        sixth = send(url, '{"text": "sixth"}')
        assert (sixth.status_code, sixth.json()["id"]) == (expected["status"], expected["body"]["id"])
        assert len(playground.ephemerals("alice")) == 5


def test_a_response_url_lives_for_30_minutes() -> None:
    with Stub() as app, lab("11", app.url) as playground:
        url = hook_url(playground, app)
        playground.advance(29 * 60)
        assert send(url, '{"text": "29 min"}').status_code == 200
        playground.advance(61)
        assert send(url, '{"text": "30 min"}').status_code == 404
        assert send(url[:-26] + "a" * 26, '{"text": "x"}').status_code == 404


def test_a_response_url_of_a_command_in_a_thread_answers_there() -> None:
    with Stub() as app, lab("11", app.url) as playground:
        root = playground.post_as("alice", AI_HELP, "root")
        url = hook_url(playground, app, root["id"])
        send(url, '{"text": "later"}')
        assert playground.ephemerals("alice")[-1]["root_id"] == root["id"]


# Buttons


def action(app: Stub, action_id: str, **more: Any) -> Doc:
    integration = {"url": f"{app.url}/action", "context": {"vote": "up", "sig": "hmac-secret"}}
    return {"id": action_id, "type": "button", "name": action_id, "integration": integration} | more


BUTTONS = {
    name: match[1]
    for name in [*names("d_button_*"), *names("v11_d_button_*"), *names("d_menu_*")]
    if (match := re.search(r"/actions/(\S+)$", (recorded(name).get("client_call") or {}).get("path") or ""))
    and not re.search("cookie|timeout|not_channel_member|no_integration|unknown|forged_by", name)
}


@pytest.mark.parametrize("name", BUTTONS)
def test_a_click_is_answered_as_recorded(name: str) -> None:
    exchange = recorded(name)
    call, request = exchange["client_call"], exchange.get("request") or {}
    body = request.get("body") if isinstance(request.get("body"), dict) else {}
    user, channel = body.get("user_id") or BOB, body.get("channel_id") or AI_HELP
    with Stub(reply_of(exchange)) as app, lab(age_of(name), app.url) as playground:
        if playground.server.channel(channel) is None:
            channel = NOBOT if "public" in name else DM_ALICE_BOT
        menu = {"type": "select", "options": [{"text": "Small", "value": "s"}]} if "menu" in name else {}
        props = {"attachments": [{"text": "Answer", "actions": [action(app, BUTTONS[name], **menu)]}]}
        made = post(playground, "hqar18rjpjfh3f45zpho87nxwh", channel=channel, message="Bot answer", props=props)
        answer = playground.call(user, "POST", f"/posts/{made['id']}/actions/{BUTTONS[name]}", call["body"])
        assert answer.status == call["status"]
        if answer.status == 200:
            assert answer.json["status"] == "OK"
            assert set(app.calls[0].json) == set(body)
        else:
            assert (answer.json["id"], answer.json["message"]) == (call["answer"]["id"], call["answer"]["message"])
        same_update(exchange, playground, made)


def same_update(exchange: Doc, playground: Playground, made: Doc) -> None:
    """An update without a message blanks it, without props keeps the buttons, with empty props drops them."""
    answer = (exchange.get("response") or {}).get("body") or {}
    if (
        not isinstance(answer, dict)
        or not isinstance(answer.get("update"), dict)
        or exchange["client_call"]["status"] != 200
    ):
        return
    update, found = answer["update"], playground.post(made)
    assert found["message"] == (update.get("message") or "")
    if "props" not in update:
        assert found["props"] == made["props"]
    else:
        assert bool(found["props"].get("attachments")) == bool(update["props"].get("attachments"))


@pytest.mark.parametrize(("age", "status"), [("5.37", 403), ("11", 200)])
def test_a_non_member_can_click_in_a_public_channel_of_v11_alone(age: str, status: int) -> None:
    with Stub(Reply(body={})) as app, lab(age, app.url) as playground:
        made = post(playground, "hqar18rjpjfh3f45zpho87nxwh", props={"attachments": [{"actions": [action(app, "ok")]}]})
        playground.remove_member("bob", AI_HELP)
        assert playground.click("bob", made["id"], "ok").status == status


def test_an_ephemerals_button_works_by_its_cookie_and_its_update_fails() -> None:
    expected = recorded("d_button_ephemeral_cookie")["client_call"]
    with (
        Stub(Reply(body={"ephemeral_text": "worked"}), Reply(body={"update": {"message": "?"}})) as app,
        lab("11") as playground,
    ):
        playground.grant_ephemerals("ai")
        props = {"attachments": [{"text": "t", "actions": [action(app, "ok")]}]}
        body = {"user_id": ALICE, "post": {"channel_id": AI_HELP, "message": "eph", "props": props}}
        shown = playground.call("ai", "POST", "/posts/ephemeral", body).json
        assert playground.click("alice", shown, "ok").status == 200
        assert playground.ephemerals("alice")[-1]["message"] == "worked"
        assert app.calls[0].json["context"]["sig"] == "hmac-secret"
        again = playground.click("alice", shown, "ok")
        assert (again.status, again.json["id"]) == (expected["status"], expected["answer"]["id"])
        assert playground.call("alice", "POST", f"/posts/{shown['id']}/actions/ok", {}).status == 403


# Dialogs

DIALOGS = [
    name
    for name in [*names("c_dialog_*"), *names("v11_c_dialog_*")]
    if not re.search("blocked|down|other_url|lookup|no_auth|refresh", name)
]


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialogs_submission_is_answered_as_recorded(name: str) -> None:
    exchange = recorded(name)
    call, request = exchange["client_call"], exchange.get("request") or {}
    sent = request.get("body") if isinstance(request.get("body"), dict) else {}
    with Stub(reply_of(exchange)) as app, lab(age_of(name), app.url) as playground:
        if "not_member" in name:
            playground.remove_member("bob", AI_HELP)
        user = sent.get("user_id") or (BOB if "foreign" in name else ALICE)
        body = call["body"]
        body = body | ({"url": f"{app.url}/dialog"} if body.get("url") else {})
        if body.get("channel_id") and playground.server.channel(body["channel_id"]) is None:
            pytest.fail(f"the lab lacks channel {body['channel_id']}")
        answer = playground.call(user, "POST", "/actions/dialogs/submit", body)
        assert answer.status == call["status"]
        if answer.status == 200 and "errors_nontext" not in name:
            same_shape(call["answer"], answer.json)
        elif answer.status != 200:
            assert (answer.json["id"], answer.json["message"]) == (call["answer"]["id"], call["answer"]["message"])
        if sent:
            assert app.calls[0].json == sent | {"submission": app.calls[0].json["submission"]}


OPENINGS = [
    name
    for name in [*names("b_dialog_open_*"), *names("v11_b_dialog_[bno]*")]
    if "expired" not in name and "2_5s" not in name
]


@pytest.mark.parametrize("name", OPENINGS)
def test_a_dialog_opens_as_recorded(name: str) -> None:
    exchange = recorded(name)
    body: Any = exchange["request"]["body"]
    with lab(age_of(name)) as playground:
        if isinstance(body, dict) and not re.search("trigger", name):
            body = body | {"trigger_id": new_trigger(ALICE, playground.server.clock.now())[1]}
        elif isinstance(body, str):
            pytest.skip("recorded as the same body as another exchange")
        if "tampered" in name:
            body = body | {"trigger_id": new_trigger(ALICE, 0)[1].replace("A", "B", 1)}
        answer = playground.call("ai", "POST", "/actions/dialogs/open", body)
        assert answer.status == exchange["response"]["status"]
        if answer.status == 200:
            expected = exchange["websocket_open_dialog_seen"]["alice"][0]["data"]["dialog"]
            if "characters cut" not in str(exchange):
                same_shape(json.loads(expected), playground.dialogs("alice")[0])
        else:
            assert answer.json["message"] == exchange["response"]["body"]["message"] or "tampered" in name


@pytest.mark.parametrize(("age", "alive", "dead"), [("5.37", 2.5, 3.2), ("11", 29, 31)])
def test_a_trigger_lives_as_long_as_measured(age: str, alive: float, dead: float) -> None:
    with lab(age) as playground:
        trigger = new_trigger(ALICE, playground.server.clock.now())[1]
        body = {"trigger_id": trigger, "url": "http://x/dialog", "dialog": {"title": "Sure?"}}
        playground.advance(alive)
        assert playground.call("ai", "POST", "/actions/dialogs/open", body).status == 200
        playground.advance(dead - alive)
        assert playground.call("ai", "POST", "/actions/dialogs/open", body).status == 400
