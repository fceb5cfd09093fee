"""A world is built: teams, people, bots, channels, commands and rights, without anybody being told of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.playground import membership
from tests.playground.ids import new_id
from tests.playground.reading import Reading, id_of
from tests.playground.sockets import Sockets
from tests.playground.store import Doc


class Building(Reading):
    """What there is in a world."""

    sockets: Sockets

    def add_team(self, name: str = "eng") -> Doc:
        """A team; who is added later belongs to the first one unless told otherwise."""
        team: Doc = {"id": new_id(), "name": name, "display_name": name.title(), "delete_at": 0, "type": "O"}
        return self.store.put("team", team["id"], team)

    def add_user(self, username: str, *, team: Doc | None = None, token: str = "", **more: Any) -> Doc:
        """A person: `roles="system_admin system_user"`, `first_name="Bob"`, `notify_props={…}`."""
        return self._add_account(username, team, token, more)

    def add_bot(self, username: str = "ai", *, team: Doc | None = None, token: str = "", **more: Any) -> Doc:
        """A bot; its token is `playground.token(bot)`."""
        return self._add_account(username, team, token, more | {"is_bot": True})

    def _add_account(self, username: str, team: Doc | None, token: str, more: Doc) -> Doc:
        notify = more.pop("notify_props", {})
        with self.store.transaction():
            user = self.server.new_user(username, **more)
            user["notify_props"] |= notify
            self.store.put("user", user["id"], user)
            self.store.put("token", token or new_id(), {"user_id": user["id"], "token": token, "revoked": False})
            teams = [team] if team else self.store.every("team")[:1]
            for one in teams:
                self.store.put("team_member", f"{one['id']}:{user['id']}", {"user_id": user["id"]})
        return user

    def add_channel(
        self,
        kind: str = "O",
        name: str = "",
        *,
        team: Doc | None = None,
        members: Iterable[Doc | str] = (),
        display_name: str = "",
    ) -> Doc:
        """A public (`O`), private (`P`) or group (`G`) channel with its members; direct ones come from `direct`."""
        where = team or self.store.every("team")[0]
        name = name or f"channel-{new_id()[:6]}"
        team_id = "" if kind in "DG" else where["id"]
        channel = self.server.new_channel(team_id, kind, name, display_name or name.replace("-", " ").title())
        for member in members:
            self.join(member, channel)
        return channel

    def direct(self, user_a: Doc | str, user_b: Doc | str) -> Doc:
        """The direct channel of two people."""
        return self.server.direct_channel(self.user(user_a)["id"], self.user(user_b)["id"])

    def add_command(self, team: Doc, trigger: str, url: str, *, token: str = "", **more: Any) -> str:
        """A slash command; its token."""
        command = {
            "id": new_id(),
            "token": token or new_id(),
            "team_id": team["id"],
            "trigger": trigger,
            "method": "P",
            "url": url,
        }
        self.store.put("command", command["id"], command | {"username": ""} | more)
        return str(command["token"])

    def join(self, user: Doc | str, channel: Doc | str, *, admin: bool = False) -> Doc:
        """Make somebody a member of a channel; nobody is told. (`add_member` is what people do.)"""
        return self.server.join(id_of(channel), self.user(user)["id"], admin=admin)

    def make_channel_admin(self, user: Doc | str, channel: Doc | str) -> Doc:
        """Make a member an administrator of his channel."""
        member = self.server.member(id_of(channel), self.user(user)["id"]) or {}
        return self.server.save_member(membership.with_admin(member, admin=True))

    def make_team_admin(self, user: Doc | str, team: Doc | None = None) -> Doc:
        """Make a member an administrator of his team."""
        key = f"{(team or self.store.every('team')[0])['id']}:{self.user(user)['id']}"
        return self.store.put("team_member", key, {"user_id": self.user(user)["id"], "scheme_admin": True})

    def grant_ephemerals(self, user: Doc | str) -> None:
        """Let a bot send ephemeral posts of its own (v11, by the role that is otherwise unused)."""
        role: Doc = {"name": "system_post_all_public", "permissions": ["create_post_ephemeral"]}
        self.store.put("role", role["name"], role)
        self.change_user(user, roles=f"{self.user(user)['roles']} system_post_all_public")

    def change_user(self, user: Doc | str, **changes: Any) -> Doc:
        """Change an account: roles, `delete_at`, names."""
        changed = self.user(user) | changes
        self.store.put("user", changed["id"], changed)
        self.sockets.wake()  # who was switched off is cut off
        return changed

    def revoke(self, user: Doc | str) -> None:
        """Revoke somebody's tokens."""
        self._set_revoked(user, revoked=True)

    def restore(self, user: Doc | str) -> None:
        """Make them work again, as enabling a disabled bot does."""
        self._set_revoked(user, revoked=False)

    def _set_revoked(self, user: Doc | str, *, revoked: bool) -> None:
        user_id = self.user(user)["id"]
        for token, session in self.store.tokens(user_id):
            self.store.put("token", token, session | {"revoked": revoked})
        self.sockets.wake()  # who speaks by one of them is cut off

    def advance(self, seconds: float) -> None:
        """Let the server's time pass."""
        self.server.clock.advance(seconds)
