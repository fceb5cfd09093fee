"""What Mattermost sends, as recorded and worse; and what Chorus sends, within the recorded rules."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmapp.mattermost import messages
from mmapp.mattermost.errors import Garbled, Malformed, Refused
from mmapp.mattermost.incoming import ActionClick, DialogSubmission, SlashCommand
from mmapp.mattermost.payloads import Channel, Member, Post, User
from mmapp.mattermost.values import dump, number, text
from tests.playground import shapes
from tests.playground.props import invalid
from tests.playground.recorded import names, recorded

A = "a" * 26
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def form(name: str) -> dict[str, list[str]]:
    return parse_qs(recorded(name)["request"]["body"], keep_blank_values=True)


def test_a_slash_command_is_read() -> None:
    command = SlashCommand.from_form(form("a_slash_public_channel"))
    assert (command.command, command.text, command.user_name, command.channel_name) == (
        "/ai",
        "hello world",
        "alice",
        "ai-help",
    )
    assert command.token == "abhahh8f1tnsud6okbbpr7tife"
    assert command.root_id == ""
    assert "hello world" not in repr(command)
    assert command.token not in repr(command)


def test_a_slash_command_in_a_thread_of_v11_has_its_root() -> None:
    assert SlashCommand.from_form(form("v11_a_slash_in_thread")).root_id == "ct44r61mp3f59pou7m1imngwja"


def test_mentions_are_paired_by_index() -> None:
    command = SlashCommand.from_form(form("a_slash_two_mentions"))
    assert command.user_mentions == {"carol": "pcf6khzw4jrp9dujta6acskmjc", "bob": "qb4gs1dg7frhx8bb8ctdgfxhyc"}
    assert set(command.channel_mentions) == {"dev", "off-topic"}


@pytest.mark.parametrize(
    "name", [name for name in names("*a_slash_*") if isinstance((recorded(name).get("request") or {}).get("body"), str)]
)
def test_every_recorded_command_is_read(name: str) -> None:
    if "cut" in recorded(name)["request"]["body"] or "execute" in recorded(name)["request"]["path"]:
        return
    command = SlashCommand.from_form(form(name))
    assert command.command == "/ai"


@given(
    st.dictionaries(
        st.sampled_from(["token", "team_id", "channel_id", "user_id", "text", "user_mentions"]), st.lists(st.text())
    )
)
@settings(max_examples=200, deadline=None)
def test_any_form_is_read_or_malformed(fields: dict[str, list[str]]) -> None:
    try:
        command = SlashCommand.from_form(fields)
    except Malformed:
        return
    assert len(command.user_id) == 26


def test_half_characters_and_unknown_keys_are_borne() -> None:
    fields = {
        "token": ["t"],
        "team_id": [A],
        "channel_id": [A],
        "user_id": [A],
        "text": ["\ud800x\x00"],
        "new_key": ["?"],
    }
    assert SlashCommand.from_form(fields).text == "\ufffdx\x00"


def test_a_dialog_of_the_web_app_is_read() -> None:
    found = DialogSubmission.from_json(recorded("web_dialog_submit")["request"]["body"])
    assert not found.cancelled
    assert all(isinstance(found.text(name), str) for name in found.values)


def test_values_of_a_dialog_are_read_however_they_come() -> None:
    values = {
        "a": None,
        "b": 42,
        "c": "42",
        "d": 42.0,
        "e": "[object Object]",
        "f": True,
        "g": "false",
        "h": {"x": 1},
        "i": "4,0",
    }
    found = DialogSubmission.from_json({"user_id": A, "submission": values})
    assert [found.text(key) for key in "abcdefghz"] == ["", "42", "42", "42", "", "true", "false", "", ""]
    assert [found.number(key) for key in "abcdei"] == [None, 42, 42, 42, None, 4]
    assert [found.flag(key) for key in "afgz"] == [False, True, False, False]


@pytest.mark.parametrize(
    "body", [{"submission": None, "cancelled": True}, {"submission": {}, "cancelled": True}, {"cancelled": True}]
)
def test_a_cancelled_dialog_is_read(body: dict[str, Any]) -> None:
    found = DialogSubmission.from_json(body | {"user_id": A})
    assert found.cancelled
    assert found.values == {}


@given(anything)
@settings(max_examples=200, deadline=None)
def test_any_body_is_read_or_malformed(body: Any) -> None:
    for read in (DialogSubmission.from_json, ActionClick.from_json):
        with pytest.raises(Malformed):
            read(body)
        if isinstance(body, dict):
            assert read(body | {"user_id": A}).user_id == A


def test_a_click_is_read() -> None:
    click = ActionClick.from_json(recorded("d_button_ok")["request"]["body"])
    assert (click.user_name, click.context["vote"], click.selected_option) == ("bob", "up", "")
    assert "hmac-secret" not in repr(click)


def test_a_menus_pick_is_read() -> None:
    assert ActionClick.from_json(recorded("d_menu_select")["request"]["body"]).selected_option == "l"


@given(anything)
@settings(max_examples=200, deadline=None)
def test_values_become_text_and_numbers_or_nothing(value: Any) -> None:
    assert isinstance(text(value).encode(), bytes)
    assert isinstance(number(value), int)


def test_objects_tell_what_rights_hang_on() -> None:
    assert User.from_json({"id": A, "username": "x", "roles": "system_user system_admin"}).is_system_admin
    assert User.from_json({"id": A, "username": "x", "roles": "system_guest"}).is_guest
    assert not User.from_json({"id": A, "username": "x", "roles": None}).is_guest
    assert Channel.from_json({"id": A, "type": "O"}).is_public
    assert Channel.from_json({"id": A, "type": "D", "name": f"{A}__{'b' * 26}"}).direct_members() == {A, "b" * 26}
    assert Member.from_json({"channel_id": A, "user_id": A, "scheme_admin": True}).scheme_admin
    assert not Member.from_json({"channel_id": A, "user_id": A, "scheme_admin": "yes"}).scheme_admin


@pytest.mark.parametrize("kind", [Post, User, Channel, Member])
def test_an_object_without_an_id_is_garbled(kind: Any) -> None:
    with pytest.raises(Garbled):
        kind.from_json({"id": "", "message": None})


def test_a_post_knows_its_thread() -> None:
    root = Post.from_json({"id": A, "channel_id": A, "type": "system_join_channel"})
    assert (root.thread_id, root.is_system) == (A, True)
    assert Post.from_json({"id": A, "channel_id": A, "root_id": "b" * 26}).thread_id == "b" * 26


# What Chorus sends


def test_buttons_obey_the_rules_of_v11() -> None:
    stop = messages.stop_button("http://127.0.0.1:5000/mattermost/action", {"job": "1"})
    props = messages.answer_props(A, card="**model**", attachments=[messages.attachment([stop])], own={"job": "1"})
    assert invalid(props) == []
    assert props["ai_generated_by"] == A
    assert isinstance(json.loads(dump(props)), dict)
    assert shapes.find_action({"props": shapes.read_attachments(props)}, "stop") is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"action_id": "my-bad"},
        {"action_id": "under_score"},
        {"action_id": ""},
        {"name": ""},
        {"url": "/action"},
        {"style": "bogus"},
    ],
)
def test_a_button_that_would_not_work_is_refused(wrong: dict[str, str]) -> None:
    right: dict[str, Any] = {"action_id": "ok", "name": "OK", "url": "http://x/a", "context": {}}
    with pytest.raises(Refused):
        messages.button(**(right | wrong))


@pytest.mark.parametrize("colour", ["red", "#f00", "#12345g"])
def test_a_colour_that_v11_warns_of_is_refused(colour: str) -> None:
    with pytest.raises(Refused):
        messages.attachment([], color=colour)


def test_an_ephemeral_skips_slacks_notation() -> None:
    answer = messages.ephemeral("<x|y>", username="ai", icon_url="https://x/i.png")
    assert answer == {
        "response_type": "ephemeral", "text": "<x|y>", "skip_slack_parsing": True, "username": "ai", "icon_url": "https://x/i.png",
    }  # fmt: skip


@pytest.mark.parametrize("sign", ["é", "\n", '"', "<", "\x00", "😀"])
def test_a_card_is_cut_to_what_the_props_of_5_37_hold_beside_buttons(sign: str) -> None:
    stop = messages.stop_button("http://127.0.0.1:5000/mattermost/action", {"job": "1" * 64, "sig": "2" * 64})
    props = messages.answer_props(A, card="**Model** " + sign * 20_000, attachments=[messages.attachment([stop])])
    whole = shapes.read_attachments(props) | {"from_bot": "true"}
    assert shapes.props_runes(whole) <= messages.MAX_PROPS_RUNES
    assert props["card"].startswith("**Model**")


def test_a_card_that_fits_is_whole() -> None:
    assert messages.answer_props(A, card="**Model** " + "x" * 6_000)["card"] == "**Model** " + "x" * 6_000
