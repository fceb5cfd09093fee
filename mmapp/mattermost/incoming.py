"""What Mattermost sends to the app (tests/fixtures): commands, clicks, dialogs. Trusted by nobody yet: anyone can send it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from mmapp.mattermost.errors import Malformed
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.values import JsonObject, json_object, text


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command as the server sends it, verified by nobody yet."""

    token: str = field(repr=False)
    team_id: str
    team_domain: str
    channel_id: str
    channel_name: str
    user_id: str
    user_name: str
    command: str
    text: str = field(repr=False)
    trigger_id: str = field(repr=False)
    response_url: str = field(repr=False)
    root_id: str
    """The client's choice and unchecked. Empty outside of threads."""
    tells_root: bool
    """Whether the server says at all in which thread a command was typed: 5.37 to 9.11 do not."""
    user_mentions: Mapping[str, str]
    """Usernames in the text and their ids."""
    channel_mentions: Mapping[str, str]

    @classmethod
    def from_form(cls, form: Mapping[str, Sequence[str]]) -> Self:
        """From the form, as `request.form.to_dict(flat=False)` gives it."""
        keys = (
            "token", "team_domain", "channel_name", "user_name", "command", "text", "trigger_id", "response_url", "root_id",
        )  # fmt: skip
        texts: dict[str, Any] = {key: _first(form, key) for key in keys}
        ids: dict[str, Any] = {key: _form_id(form, key) for key in ("team_id", "channel_id", "user_id")}
        return cls(
            **texts,
            **ids,
            tells_root="root_id" in form,
            user_mentions=_paired(form, "user_mentions"),
            channel_mentions=_paired(form, "channel_mentions"),
        )


def _first(form: Mapping[str, Sequence[str]], key: str) -> str:
    values = form.get(key) or ("",)
    return text(values[0])


def _form_id(form: Mapping[str, Sequence[str]], key: str) -> str:
    value = _first(form, key)
    if not is_id(value):
        raise Malformed(f"the command has no {key}")
    return value


def _paired(form: Mapping[str, Sequence[str]], key: str) -> dict[str, str]:
    """Repeated keys, paired by index with their ids."""
    return {
        text(name): one for name, one in zip(form.get(key, ()), form.get(f"{key}_ids", ()), strict=False) if is_id(one)
    }


@dataclass(frozen=True, slots=True)
class DialogSubmission:
    """A dialog's submission, or what somebody who reaches the port made up: trust nothing but a signed `state`."""

    type: str
    callback_id: str
    state: str = field(repr=False)
    user_id: str
    channel_id: str
    """The channel on screen at the submission, not the one that the dialog was opened in."""
    team_id: str
    values: JsonObject = field(repr=False)
    cancelled: bool

    @classmethod
    def from_json(cls, source: object) -> Self:
        """From the body of submissions, refreshes and lookups; on cancel `submission` is null, {} or missing."""
        body = _body(source)
        keys = ("type", "callback_id", "state", "user_id", "channel_id", "team_id")
        texts: dict[str, Any] = {key: text(body.get(key)) for key in keys}
        return cls(**texts, values=json_object(body.get("submission")), cancelled=body.get("cancelled") is True)

    def text(self, name: str) -> str:
        """A field's text, empty where it was left alone."""
        return text(self.values.get(name))

    def flag(self, name: str) -> bool:
        """A tick, however it arrived."""
        return self.text(name).lower() in ("true", "1", "on", "yes")

    def number(self, name: str) -> int | None:
        """A whole number, typed or sent as text; None where it is none."""
        found = re.fullmatch(r"\s*([+-]?\d{1,15})(?:[.,]0*)?\s*", self.text(name))
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class ActionClick:
    """A press of a button or a pick from a menu; anybody can post a button with a context of his own."""

    user_id: str
    user_name: str
    channel_id: str
    channel_name: str
    team_id: str
    team_domain: str
    post_id: str
    trigger_id: str = field(repr=False)
    type: str
    context: JsonObject = field(repr=False)

    @classmethod
    def from_json(cls, source: object) -> Self:
        """From the body of a click; in direct channels the team is empty."""
        body = _body(source)
        keys = (
            "user_id", "user_name", "channel_id", "channel_name", "team_id", "team_domain", "post_id", "trigger_id", "type",
        )  # fmt: skip
        return cls(**{key: text(body.get(key)) for key in keys}, context=json_object(body.get("context")))

    @property
    def selected_option(self) -> str:
        """The menu's value, which the server does not compare with the options."""
        return text(self.context.get("selected_option"))


def _body(source: object) -> JsonObject:
    if not isinstance(source, dict):
        raise Malformed("the body is no JSON object")
    if not is_id(text(source.get("user_id"))):
        raise Malformed("the body has no user_id")
    return source
