"""What Mattermost tells a listener: one frame of its WebSocket, and the event that it stands for (fixtures *ws_*)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from mmapp.mattermost.errors import Garbled
from mmapp.mattermost.payloads import Post
from mmapp.mattermost.values import JsonObject, json_object, text


@dataclass(frozen=True, slots=True)
class Gap:
    """Events may be missing before those that follow: what happened until now is to be caught up with over REST."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A new post in a channel of the bot's, its own posts and the system's included."""

    post: Post
    mentions: frozenset[str]
    """The ids of who is notified; on v11 the bot's own alone."""
    channel_type: str
    """`D` is a direct message, which notifies whatever it says."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A post as it is now. Whom an edit mentions, nobody is told."""

    post: Post


@dataclass(frozen=True, slots=True)
class Deleted:
    """A post as it was; its `delete_at` may be 0 all the same."""

    post: Post


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction under a post; the same one may be told again."""

    post_id: str
    user_id: str
    emoji_name: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class Unreacted:
    """A reaction that was taken back."""

    post_id: str
    user_id: str
    emoji_name: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody became a member of a channel; the bot itself, too."""

    channel_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody is no longer a member of a channel; the bot itself, too."""

    channel_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class ChannelArchived:
    """Nothing can be posted in this channel any more."""

    channel_id: str


Event: TypeAlias = Gap | Posted | Edited | Deleted | Reacted | Unreacted | Joined | Left | ChannelArchived


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of the server's: an event, or (without kind) the answer to a request."""

    kind: str
    seq: int | None
    """Its number on this connection; the `hello` is 0."""
    data: JsonObject = field(repr=False)
    broadcast: JsonObject = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From what arrived, `Garbled` where it is no JSON object."""
        source = _decoded(raw)
        if not isinstance(source, dict):
            raise Garbled("a frame that is no JSON object")
        kind, seq = text(source.get("event")), source.get("seq")
        return cls(
            kind=kind,
            seq=seq if type(seq) is int and seq >= 0 else 0 if kind == "hello" else None,
            data=json_object(source.get("data")),
            broadcast=json_object(source.get("broadcast")),
        )

    def event(self) -> Event | None:
        """The event, None for kinds that nobody here listens to; `Garbled` where it lacks what it must have."""
        read = _KINDS.get(self.kind)
        return read(self) if read else None

    def post(self) -> Post:
        """The post in it, which is JSON within the JSON."""
        return Post.from_json(json_object(self._inner("post")))

    def mentions(self) -> frozenset[str]:
        """Who is notified; the key is absent where nobody is."""
        found = self._inner("mentions") if "mentions" in self.data else []
        if not isinstance(found, list):
            raise Garbled(f"{self.kind} with mentions that are no list")
        return frozenset(one for one in found if isinstance(one, str))

    def reaction(self) -> dict[str, str]:
        """Whose reaction to which post; 5.37 names its channel outside of it."""
        found = json_object(self._inner("reaction"))
        keys = ("post_id", "user_id", "emoji_name")
        return {key: self._required(found.get(key), key) for key in keys} | {"channel_id": self.where()}

    def where(self) -> str:
        """The channel: in the data, or among those to whom the event is sent."""
        return self._required(self.data.get("channel_id") or self.broadcast.get("channel_id"), "channel_id")

    def who(self) -> str:
        """The person: in the data, or (removed from a channel) the only one to whom the event is sent."""
        return self._required(self.data.get("user_id") or self.broadcast.get("user_id"), "user_id")

    def _inner(self, key: str) -> Any:
        found = self.data.get(key)
        return _decoded(found) if isinstance(found, str) else found

    def _required(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not value:
            raise Garbled(f"{self.kind} without {key}")
        return value


def _decoded(raw: str | bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        pass
    raise Garbled("a frame that is no JSON")


_KINDS: dict[str, Callable[[Frame], Event]] = {
    "posted": lambda frame: Posted(frame.post(), frame.mentions(), text(frame.data.get("channel_type"))),
    "post_edited": lambda frame: Edited(frame.post()),
    "post_deleted": lambda frame: Deleted(frame.post()),
    "reaction_added": lambda frame: Reacted(**frame.reaction()),
    "reaction_removed": lambda frame: Unreacted(**frame.reaction()),
    "user_added": lambda frame: Joined(frame.where(), frame.who()),
    "user_removed": lambda frame: Left(frame.where(), frame.who()),
    "channel_deleted": lambda frame: ChannelArchived(frame.where()),
}
