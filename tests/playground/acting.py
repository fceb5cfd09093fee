"""People act in a world: they post, give commands, press buttons, fill in dialogs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import requests

from tests.playground import files, membership, posting, reacting, shapes
from tests.playground.reading import Reading, id_of
from tests.playground.store import Doc


@dataclass(frozen=True)
class Answer:
    """What the web app gets from the server."""

    status: int
    json: Any

    @property
    def text(self) -> str:
        """The text of a slash command's answer, or the message of an error."""
        return str(self.json.get("text") or self.json.get("message") or "")


class Acting(Reading):
    """What somebody can do in his client."""

    url: str

    def token(self, user: Doc | str) -> str:
        """Somebody's token."""
        return self.store.tokens(self.user(user)["id"])[0][0]

    def call(self, user: Doc | str, method: str, path: str, body: Any = None, **kwargs: Any) -> Answer:
        """A request of somebody's client."""
        headers = {"Authorization": f"Bearer {self.token(user)}"} if user else {}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, f"{self.url}/api/v4{path}", json=body, headers=headers, timeout=60, **kwargs
            )
            return Answer(answer.status_code, answer.json() if answer.content else None)

    def post_as(self, user: Doc | str, channel: Doc | str, text: str, root: Doc | str = "", **more: Any) -> Doc:
        """Post as somebody does: never two in one millisecond, whose order nobody could tell."""
        if self.server.clock.now() in {one["last_post_at"] for one in self.store.every("channel")}:
            time.sleep(0.001)
        body = {"channel_id": id_of(channel), "message": text, "root_id": id_of(root) if root else ""} | more
        return posting.create(self.server, self.user(user), body)

    def slash(
        self, user: Doc | str, channel: Doc | str, command: str, root_id: str = "", team: Doc | None = None
    ) -> Answer:
        """Type a slash command; the answer as the web app gets it."""
        where = self.server.channel(id_of(channel)) or {}
        team_id = where["team_id"] or (team or self.store.every("team")[0])["id"]
        body = {"channel_id": where["id"], "command": command, "team_id": team_id} | (
            {"root_id": root_id} if root_id else {}
        )
        return self.call(user, "POST", "/commands/execute", body)

    def click(self, user: Doc | str, post: Doc | str, action: str, *, option: str = "") -> Answer:
        """Press the button of this name or id, under a post or an ephemeral."""
        found = post if isinstance(post, dict) else self.store.post(post) or self._ephemeral(user, post)
        buttons = [one for part in shapes.attachments(found) for one in part.get("actions") or ()]
        button = next((one for one in buttons if action in (one.get("name"), one["id"])), {"id": action})
        body = {"cookie": button.get("cookie", "")} | ({"selected_option": option} if option else {})
        return self.call(user, "POST", f"/posts/{found['id']}/actions/{button['id']}", body)

    def _ephemeral(self, user: Doc | str, post_id: str) -> Doc:
        return next(post for post in self.ephemerals(user) if post["id"] == post_id)

    def edit(self, user: Doc | str, post: Doc | str, text: str) -> Doc:
        """Edit somebody's post."""
        return posting.patch(self.server, self.user(user), id_of(post), {"message": text})

    def delete(self, user: Doc | str, post: Doc | str) -> None:
        """Delete somebody's post."""
        posting.delete(self.server, self.user(user), id_of(post))

    def upload(self, user: Doc | str, channel: Doc | str, name: str, content: bytes, mime: str = "text/plain") -> Doc:
        """Upload a file for a post to come: `post_as(…, file_ids=[file["id"]])`."""
        return files.upload(self.server, self.user(user), id_of(channel), name, content, mime)

    def react(self, user: Doc | str, post: Doc | str, emoji: str) -> Doc:
        """Put an emoji under a post."""
        return reacting.add(self.server, self.user(user), id_of(post), emoji)

    def unreact(self, user: Doc | str, post: Doc | str, emoji: str) -> None:
        """Take one's emoji away again."""
        reacting.remove(self.server, self.user(user), id_of(post), emoji)

    def add_member(self, user: Doc | str, channel: Doc | str, by: Doc | str = "") -> Doc:
        """Add somebody to a channel; without `by` he joins it himself."""
        found = self.server.channel(id_of(channel)) or {}
        return membership.add(self.server, found, self.user(user)["id"], self.user(by or user))

    def remove_member(self, user: Doc | str, channel: Doc | str, by: Doc | str = "") -> None:
        """Take somebody out of a channel; without `by` he leaves it himself."""
        found = self.server.channel(id_of(channel)) or {}
        membership.remove(self.server, found, self.user(user)["id"], self.user(by or user))

    def archive(self, channel: Doc | str, by: Doc | str = "") -> None:
        """Close a channel; only where it is known by whom is it said there."""
        found = self.server.channel(id_of(channel)) or {}
        membership.archive(self.server, found, self.user(by) if by else None)

    def submit(
        self, user: Doc | str, dialog: Doc, values: Doc, channel: Doc | str, *, cancelled: bool = False
    ) -> Answer:
        """Fill in a dialog, as `dialogs` gives it."""
        shown = dialog["dialog"]
        body = {
            "url": dialog["url"],
            "callback_id": shown["callback_id"],
            "state": shown["state"],
            "submission": values,
        }
        body |= {"channel_id": id_of(channel), "team_id": self.store.every("team")[0]["id"], "cancelled": cancelled}
        return self.call(user, "POST", "/actions/dialogs/submit", body)
