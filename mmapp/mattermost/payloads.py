"""What Mattermost sends (tests/fixtures): missing, null and unknown keys are borne, as they differ by version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from mmapp.mattermost.errors import Garbled, Malformed
from mmapp.mattermost.files import FileInfo, attached
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.values import JsonObject, json_object, number, text


def _required(source: Mapping[str, Any], key: str, what: str) -> str:
    value = source.get(key)
    if not isinstance(value, str) or not value:
        raise Garbled(f"a {what} without {key}")
    return value


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody's reaction under a post."""

    user_id: str
    emoji_name: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post; times are milliseconds since 1970, 0 for never."""

    id: str
    channel_id: str
    user_id: str
    root_id: str
    message: str
    create_at: int
    update_at: int
    edit_at: int
    delete_at: int
    type: str
    original_id: str
    pending_post_id: str
    props: JsonObject = field(repr=False)
    """Set by whoever posted: `from_bot` and its like prove nothing, `user_id` does."""
    files: tuple[FileInfo, ...] = field(default=(), repr=False)
    reactions: tuple[Reaction, ...] = ()

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From the `post` of REST and of events."""
        texts: dict[str, Any] = {
            key: text(source.get(key))
            for key in ("user_id", "root_id", "message", "type", "original_id", "pending_post_id")
        }
        times: dict[str, Any] = {
            key: number(source.get(key)) for key in ("create_at", "update_at", "edit_at", "delete_at")
        }
        ids: dict[str, Any] = {key: _required(source, key, "post") for key in ("id", "channel_id")}
        props = json_object(source.get("props"))
        return cls(**ids, **texts, **times, props=props, files=attached(source), reactions=_reactions(source))

    @property
    def thread_id(self) -> str:
        """The root of the thread that this post belongs to, itself if it is one."""
        return self.root_id or self.id

    @property
    def is_system(self) -> bool:
        """Whether Mattermost itself wrote it ("bob joined the channel")."""
        return self.type.startswith("system_")


def _reactions(source: Mapping[str, Any]) -> tuple[Reaction, ...]:
    """Those that stand in its metadata (fixture v11_e_channel_posts_since)."""
    found = json_object(source.get("metadata")).get("reactions")
    listed = [json_object(one) for one in found] if isinstance(found, list) else []
    return tuple(Reaction(text(one.get("user_id")), text(one.get("emoji_name"))) for one in listed)


@dataclass(frozen=True, slots=True)
class User:
    """An account, of a person or a bot."""

    id: str
    username: str
    first_name: str
    last_name: str
    nickname: str
    roles: frozenset[str]
    locale: str
    is_bot: bool
    delete_at: int

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `users/…`."""
        names = {key: text(source.get(key)) for key in ("first_name", "last_name", "nickname", "locale")}
        return cls(
            id=_required(source, "id", "user"),
            username=_required(source, "username", "user"),
            roles=frozenset(text(source.get("roles")).split()),
            is_bot=source.get("is_bot") is True,
            delete_at=number(source.get("delete_at")),
            **names,
        )

    @property
    def is_system_admin(self) -> bool:
        """Whether this person administers the server."""
        return "system_admin" in self.roles

    @property
    def is_guest(self) -> bool:
        """Whether this person sees only what he was invited to."""
        return "system_guest" in self.roles


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: public (`O`), private (`P`), direct (`D`) or group message (`G`)."""

    id: str
    team_id: str
    type: str
    name: str
    display_name: str
    delete_at: int
    last_post_at: int

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `channels/…`."""
        texts: dict[str, Any] = {key: text(source.get(key)) for key in ("team_id", "name", "display_name")}
        ids: dict[str, Any] = {key: _required(source, key, "channel") for key in ("id", "type")}
        times: dict[str, Any] = {key: number(source.get(key)) for key in ("delete_at", "last_post_at")}
        return cls(**ids, **texts, **times)

    @property
    def is_public(self) -> bool:
        """Whether everybody of the team, guests apart, may read it."""
        return self.type == "O"

    @property
    def is_direct(self) -> bool:
        """Whether it is the direct channel of two people."""
        return self.type == "D"

    @property
    def is_archived(self) -> bool:
        """Whether nothing can be posted any more."""
        return self.delete_at != 0

    def direct_members(self) -> frozenset[str]:
        """The people of a direct channel, by its name `<id>__<id>`; empty for other channels."""
        return frozenset(self.name.split("__")) if self.is_direct else frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's membership of a channel."""

    channel_id: str
    user_id: str
    scheme_admin: bool
    scheme_guest: bool

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `channels/{id}/members/…`."""
        ids: dict[str, Any] = {key: _required(source, key, "member") for key in ("channel_id", "user_id")}
        return cls(
            **ids, scheme_admin=source.get("scheme_admin") is True, scheme_guest=source.get("scheme_guest") is True
        )


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
