"""What happened in a playground's world, for tests to read."""

from __future__ import annotations

import json
from typing import Any

from tests.playground import events
from tests.playground.server import Mattermost
from tests.playground.store import Doc, Store


def id_of(thing: Doc | str) -> str:
    """The id of a document, or the id itself."""
    return thing["id"] if isinstance(thing, dict) else thing


class Reading:
    """Posts, events and counts of a world."""

    store: Store
    server: Mattermost

    def user(self, user: Doc | str) -> Doc:
        """An account by its document, id or name."""
        key = user["id"] if isinstance(user, dict) else user
        found = self.store.get("user", key) or self.store.find("user", username=key)
        if found is None:
            raise KeyError(key)
        return found

    def posts(self, channel: Doc | str) -> list[Doc]:
        """A channel's posts in order of time, whole: with integrations."""
        return self.store.posts("channel_id = ? and delete_at = 0 and original_id = ''", id_of(channel))

    def thread(self, root: Doc | str) -> list[Doc]:
        """A thread's posts in order of time."""
        return self.store.posts(
            "(id = ? or root_id = ?) and delete_at = 0 and original_id = ''", id_of(root), id_of(root)
        )

    def post(self, post: Doc | str) -> Doc:
        """One post, deleted ones too."""
        return self.store.post(id_of(post)) or {}

    def revisions(self, post: Doc | str) -> list[Doc]:
        """A post's older texts."""
        return self.store.posts("original_id = ?", id_of(post))

    def reactions(self, post: Doc | str) -> list[tuple[str, str]]:
        """Usernames and emoji under a post."""
        found = self.store.every("reaction", f"{id_of(post)}:")
        return [(self.user(one["user_id"])["username"], one["emoji_name"]) for one in found]

    def mention_count(self, user: Doc | str, channel: Doc | str) -> int:
        """How often somebody was mentioned in a channel since he last posted there."""
        member = self.server.member(id_of(channel), self.user(user)["id"]) or {}
        return int(member.get("mention_count", 0))

    def followers(self, root: Doc | str) -> dict[str, int]:
        """Who follows a thread, and how many replies each has not read."""
        found = self.store.every("follower", f"{id_of(root)}:")
        return {self.user(one["user_id"])["username"]: one["unread_replies"] for one in found}

    def pushes(self, user: Doc | str) -> list[Doc]:
        """What somebody's phone was sent, in order."""
        return self.store.every("push", f"{self.user(user)['id']}:")

    def events(self, user: Doc | str, kind: str = "", *, after: int = 0) -> list[Doc]:
        """What somebody's WebSocket would have got, `data` decoded."""
        user_id = self.user(user)["id"]
        found = [event for event in self.store.events(after) if user_id in event["receivers"]]
        return [self._decoded(event, user_id) for event in found if kind in ("", event["event"])]

    def _decoded(self, event: Doc, user_id: str) -> Doc:
        found = events.message(self.server, event, user_id, event["seq"])
        return found | {"data": {key: _json(value) for key, value in found["data"].items()}}

    def ephemerals(self, user: Doc | str) -> list[Doc]:
        """The ephemeral posts that somebody was shown, in order."""
        return [event["data"]["post"] for event in self.events(user, "ephemeral_message")]

    def dialogs(self, user: Doc | str) -> list[Doc]:
        """The dialogs that were opened for somebody."""
        return [event["data"]["dialog"] for event in self.events(user, "open_dialog")]

    def typing_events(self) -> list[Doc]:
        """Who was seen typing where."""
        found = [event for event in self.store.events() if event["event"] == "typing"]
        return [event["data"] | {"channel_id": event["broadcast"]["channel_id"]} for event in found]


def _json(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    return json.loads(value)
