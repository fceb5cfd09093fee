"""Posts, people and channels as Mattermost tells them (tests/fixtures): missing, null and unknown keys are borne."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mmapp.mattermost.errors import Garbled
from mmapp.mattermost.files import FileInfo, attached
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
    create_at: int

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From a post's metadata and `posts/{id}/reactions`."""
        return cls(text(source.get("user_id")), text(source.get("emoji_name")), number(source.get("create_at")))


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
    def attached_text(self) -> str:
        """What stands in its attachments: alerts of other bots and webhooks often say nothing outside of them."""
        found = self.props.get("attachments")
        shown = [json_object(one) for one in found] if isinstance(found, list) else []
        return "\n".join(filter(None, map(_attachment_text, shown)))

    @property
    def is_system(self) -> bool:
        """Whether Mattermost itself wrote it ("bob joined the channel")."""
        return self.type.startswith("system_")


def _attachment_text(source: JsonObject) -> str:
    fields = source.get("fields")
    listed = [json_object(one) for one in fields] if isinstance(fields, list) else []
    told = [f"{text(one.get('title'))}: {text(one.get('value'))}" for one in listed]
    found = [text(source.get(key)) for key in ("pretext", "title", "text")] + told
    return "\n".join(part for part in found if part.strip(": ")) or text(source.get("fallback"))


def _reactions(source: Mapping[str, Any]) -> tuple[Reaction, ...]:
    """Those that stand in its metadata (fixture v11_e_channel_posts_since)."""
    found = json_object(source.get("metadata")).get("reactions")
    return tuple(Reaction.from_json(json_object(one)) for one in found) if isinstance(found, list) else ()


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
    timezone: str
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
            timezone=_timezone(json_object(source.get("timezone"))),
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


def _timezone(source: JsonObject) -> str:
    """The one that is in force, as the account has it; empty where none was ever set (fixture e_me)."""
    return text(source.get("automaticTimezone" if source.get("useAutomaticTimezone") != "false" else "manualTimezone"))


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
    def is_everybody_s(self) -> bool:
        """Whether every member of the team is in it, guests apart, and nobody can leave it. Its name is the server's."""
        return self.name == "town-square"

    @property
    def is_archived(self) -> bool:
        """Whether nothing can be posted any more."""
        return self.delete_at != 0

    def direct_members(self) -> frozenset[str]:
        """The people of a direct channel, by its name `<id>__<id>`; empty for other channels."""
        return frozenset(self.name.split("__")) if self.is_direct else frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's membership of a channel; `last_viewed_at` in ms, 0 for never."""

    channel_id: str
    user_id: str
    scheme_admin: bool
    scheme_guest: bool
    last_viewed_at: int

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `channels/{id}/members/…`."""
        ids: dict[str, Any] = {key: _required(source, key, "member") for key in ("channel_id", "user_id")}
        return cls(
            **ids,
            scheme_admin=source.get("scheme_admin") is True,
            scheme_guest=source.get("scheme_guest") is True,
            last_viewed_at=max(0, number(source.get("last_viewed_at"))),  # -1 where it was never looked at
        )
