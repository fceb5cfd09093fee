"""Mattermost's REST interface with an administrator's rights: what it takes to make a bot and its commands.

Nothing of the administrator's outlives the object: neither password nor token is kept anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from mmapp.mattermost.characters import plain
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Garbled, NotFound
from mmapp.mattermost.ids import is_id, route
from mmapp.mattermost.payloads import User
from mmapp.mattermost.values import JsonObject, json_object, number, text

PAGE = 200
MAX_PAGES = 100
"""Pages of teams: 20,000, where a server that never says "no more" is left."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team: `name` stands in its address."""

    id: str
    name: str
    display_name: str

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `teams`."""
        return cls(_id(source, "id"), _line(source.get("name")), _line(source.get("display_name")))


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot account; `owner_id` is a person's id, or a plugin's name."""

    id: str
    username: str
    description: str
    owner_id: str
    is_enabled: bool

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `bots/…`, where the account's id is `user_id`."""
        return cls(
            id=_id(source, "user_id"),
            username=_line(source.get("username")),
            description=_line(source.get("description")),
            owner_id=_line(source.get("owner_id")),
            is_enabled=not number(source.get("delete_at")),
        )


@dataclass(frozen=True, slots=True)
class Command:
    """A team's own slash command; `method` is `P` for POST, `whole` all that the server says of it."""

    id: str
    team_id: str
    trigger: str
    url: str
    method: str
    username: str
    creator_id: str
    token: str = field(repr=False)
    whole: JsonObject = field(repr=False)

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `commands`."""
        ids = {key: _id(source, key) for key in ("id", "team_id", "token")}
        said = {key: _line(source.get(key)) for key in ("trigger", "url", "method", "username", "creator_id")}
        return cls(**ids, **said, whole=dict(source))


def _id(source: Mapping[str, Any], key: str) -> str:
    """An id or a token: they become parts of `.env`, so nothing else passes for one."""
    found = text(source.get(key))
    if not is_id(found):
        raise Garbled(f"{key} is not what Mattermost makes")
    return found


def _line(value: object) -> str:
    """A name or a description, to be shown in one line of a terminal."""
    return " ".join(plain(text(value)).split())


class Admin(Client):
    """An administrator's hands on one Mattermost."""

    # Coming and going

    def sign_in(self, login: str, password: str, code: str = "") -> None:
        """Begin a session; `code` is an authenticator app's. `Unauthorized` says not which of the three is wrong."""
        path = "/users/login"
        body = {"login_id": login, "password": password, "token": code}
        answer = self._exchange("POST", f"{self._url}/api/v4{path}", path, {}, data=body)
        self._token = _id(answer.headers, "Token")

    def use(self, token: str) -> None:
        """Go by a personal access token."""
        self._token = token

    def sign_out(self) -> None:
        """End the session."""
        self._call("POST", "/users/logout", repeat=True)
        self._token = ""

    # The server

    def service_settings(self) -> JsonObject:
        """The section `ServiceSettings` of the server's configuration."""
        return json_object(self._object("GET", "/config").get("ServiceSettings"))

    def is_licensed(self) -> bool:
        """Whether the server runs with a licence."""
        found = self._object("GET", "/license/client", params={"format": "old"})
        return text(found.get("IsLicensed")) == "true"

    def teams(self) -> list[Team]:
        """All teams that are not archived."""
        found: list[Team] = []
        for page in range(MAX_PAGES):
            listed = self._list("GET", "/teams", params={"page": page, "per_page": PAGE})
            found += [Team.from_json(one) for one in listed if not number(one.get("delete_at"))]
            if len(listed) < PAGE:
                break
        return found

    # The bot

    def find_user(self, username: str) -> User | None:
        """An account by its name, also a deactivated one; None where there is none."""
        try:
            return self.user_by_name(username)
        except NotFound as error:
            if not error.own:  # a proxy's "no such page" says nothing about an account
                raise
            return None

    def bot(self, user_id: str) -> Bot:
        """One bot, also a disabled one."""
        params = {"include_deleted": "true"}
        return Bot.from_json(self._object("GET", "/bots/{user_id}", params=params, user_id=user_id))

    def create_bot(self, username: str, display_name: str, description: str) -> Bot:
        """Make a bot. `Forbidden` where bot accounts are switched off."""
        body = {"username": username, "display_name": display_name, "description": description}
        return Bot.from_json(self._object("POST", "/bots", json=body))

    def enable_bot(self, user_id: str) -> Bot:
        """Enable a disabled bot: its old tokens work again."""
        return Bot.from_json(self._object("POST", "/bots/{user_id}/enable", repeat=True, user_id=user_id))

    def has_picture(self, user_id: str) -> bool:
        """Whether an account was ever given a picture."""
        found = self._object("GET", "/users/{user_id}", user_id=user_id)
        return number(found.get("last_picture_update")) > 0

    def set_picture(self, user_id: str, png: bytes) -> None:
        """Give an account a picture."""
        path = "/users/{user_id}/image"
        url = f"{self._url}/api/v4{route(path, {'user_id': user_id})}"
        headers = {"Authorization": f"Bearer {self._token}"}
        self._exchange("POST", url, path, headers, files={"image": ("icon.png", png, "image/png")})

    def tokens(self, user_id: str) -> dict[str, str]:
        """Descriptions of an account's access tokens by id; the tokens themselves are never shown again."""
        listed = self._list("GET", "/users/{user_id}/tokens", params={"per_page": PAGE}, user_id=user_id)
        return {text(one.get("id")): text(one.get("description")) for one in listed}

    def create_token(self, user_id: str, description: str) -> str:
        """Make an access token: a bot's needs no `EnableUserAccessTokens`."""
        path = "/users/{user_id}/tokens"
        return _id(self._object("POST", path, json={"description": description}, user_id=user_id), "token")

    def revoke_token(self, token_id: str) -> None:
        """End an access token for good."""
        self._call("POST", "/users/tokens/revoke", json={"token_id": token_id})

    def in_team(self, team_id: str, user_id: str) -> bool:
        """Whether somebody is a member of a team; who was removed is one with a `delete_at`."""
        try:
            found = self._object("GET", "/teams/{team_id}/members/{user_id}", team_id=team_id, user_id=user_id)
        except NotFound as error:
            if not error.own:
                raise
            return False
        return not number(found.get("delete_at"))

    def add_to_team(self, team_id: str, user_id: str) -> None:
        """Make somebody a member of a team."""
        body = {"team_id": team_id, "user_id": user_id}
        self._object("POST", "/teams/{team_id}/members", json=body, repeat=True, team_id=team_id)

    # Slash commands

    def commands(self, team_id: str) -> list[Command]:
        """A team's own slash commands, everybody's, with their tokens."""
        params = {"team_id": team_id, "custom_only": "true"}
        return [Command.from_json(one) for one in self._list("GET", "/commands", params=params)]

    def create_command(self, fields: Mapping[str, Any]) -> Command:
        """Make a slash command. `BadRequest` where its trigger is taken."""
        return Command.from_json(self._object("POST", "/commands", json=dict(fields)))

    def update_command(self, command: Command, changes: Mapping[str, Any]) -> Command:
        """Change a slash command; its token stays."""
        body = {**command.whole, **changes}
        path = "/commands/{command_id}"
        return Command.from_json(self._object("PUT", path, json=body, repeat=True, command_id=command.id))

    def renew_command_token(self, command: Command) -> None:
        """Give a command another token: the old one is gone at once."""
        self._object("PUT", "/commands/{command_id}/regen_token", command_id=command.id)

    # Roles

    def role(self, name: str) -> tuple[str, frozenset[str]]:
        """Id and permissions of a role."""
        found = self._object("GET", "/roles/name/{role_name}", role_name=name)
        return text(found.get("id")), frozenset(map(text, found.get("permissions") or ()))

    def set_permissions(self, role_id: str, permissions: Iterable[str]) -> None:
        """Give a role exactly these permissions."""
        body = {"permissions": sorted(permissions)}
        self._object("PUT", "/roles/{role_id}/patch", json=body, repeat=True, role_id=role_id)

    def set_roles(self, user_id: str, roles: Iterable[str]) -> None:
        """Give somebody exactly these roles."""
        body = {"roles": " ".join(sorted(roles))}
        self._call("PUT", "/users/{user_id}/roles", json=body, repeat=True, user_id=user_id)
