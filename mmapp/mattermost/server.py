"""What a server says of itself to the bot, and the round trip by way of it: for those who look for what is wrong.

Unlike the client's, these answers keep what an administrator needs: the server's clock, where it redirects to, and why
it could not reach an app.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from mmapp.mattermost import retry
from mmapp.mattermost.answers import as_list, as_object, checked, clock_ahead
from mmapp.mattermost.errors import Garbled, Redirected
from mmapp.mattermost.ids import route
from mmapp.mattermost.payloads import Channel, User
from mmapp.mattermost.values import JsonObject, dump, text
from mmapp.mattermost.wire import Answer, exchange, new_session

OLDEST = (5, 37, 0)
"""The first version of Mattermost that Chorus works with."""
TIMEOUT = (3.05, 8.0)
CARRY = 35.0
"""Seconds for a round trip: the server itself waits 30 s for an app."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first contact: the bot's account, the server's version, and by how many seconds its clock is ahead of ours.

    None where something in between strips the header.
    """

    me: User
    version: tuple[int, int, int] | None
    ahead: float | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What came back from an app: its `error`, or why it was not reached (`detail`: with `EnableDeveloper` alone)."""

    status: int
    error: str
    detail: str


class Server:
    """One Mattermost, asked as the bot. Methods raise a MattermostError."""

    def __init__(self, url: str, token: str, *, ca_file: str | None = None, proxy: str | None = None) -> None:
        self._url, self._token = url.rstrip("/"), token
        self._session = new_session(ca_file, proxy)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def greet(self) -> Greeting:
        """`GET users/me`. Raises Unauthorized, `Redirected` naming where to, and `Garbled` where it is no Mattermost."""
        path = "/users/me"
        answer = self._get(path)
        return Greeting(
            User.from_json(as_object(answer.body, path)), _version(answer.headers), clock_ahead(answer.headers)
        )

    def config(self) -> dict[str, str]:
        """The settings that every client is told; which ones differs by version."""
        path = "/config/client"
        found = as_object(self._get(path, params={"format": "old"}).body, path)
        return {key: text(value) for key, value in found.items()}

    def teams(self) -> dict[str, str]:
        """The bot's teams: names by id."""
        return {text(team.get("id")): text(team.get("name")) for team in self._list("/users/me/teams")}

    def channels(self, team_id: str) -> list[Channel]:
        """The bot's channels in a team, its direct ones too."""
        return [Channel.from_json(one) for one in self._list("/users/me/teams/{team_id}/channels", team_id=team_id)]

    def triggers(self, team_id: str) -> set[str]:
        """The slash commands that a team's autocomplete offers."""
        found = self._list("/teams/{team_id}/commands/autocomplete", team_id=team_id)
        return {text(command.get("trigger")) for command in found}

    def carry(self, url: str, callback_id: str, state: str, team_id: str, channel_id: str) -> Carried:
        """Submit a dialog that was never opened: the server carries it to the app at `url`, and the answer back."""
        path = "/actions/dialogs/submit"
        body = {"url": url, "callback_id": callback_id, "state": state, "team_id": team_id, "channel_id": channel_id}
        body_json = dump({**body, "submission": {}, "cancelled": False})
        headers = {"Content-Type": "application/json"}
        answer = self._ask("POST", path, {}, timeout=(TIMEOUT[0], CARRY), within=CARRY, data=body_json, headers=headers)
        if answer.status not in (200, 400, 500):
            checked(answer, path)
        found = as_object(answer.body, path)
        if answer.status != 200 and found.get("status_code") != answer.status:
            checked(answer, path)  # not the server's own words
        return Carried(answer.status, text(found.get("error")), text(found.get("detailed_error")))

    def _list(self, path: str, **ids: str) -> list[JsonObject]:
        return as_list(self._get(path, **ids).body, path)

    def _get(self, path: str, params: Any = None, **ids: str) -> Answer:
        once = partial(self._checked, path, ids, params)
        return retry.patiently(once, repeat=True)

    def _checked(self, path: str, ids: dict[str, str], params: Any) -> Answer:
        answer = self._ask("GET", path, ids, params=params)
        if 300 <= answer.status < 400 and (origin := self._origin(answer)):
            raise Redirected(origin, status=answer.status, path=path)
        if answer.status == 200 and answer.body.lstrip()[:1] == b"<":
            raise Garbled("the answer is HTML", status=answer.status, path=path)
        return checked(answer, path)

    def _ask(
        self, method: str, path: str, ids: dict[str, str], headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> Answer:
        kwargs = {"timeout": TIMEOUT, "path": path, **kwargs}
        headers = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        return exchange(self._session, method, f"{self._url}/api/v4{route(path, ids)}", headers=headers, **kwargs)

    def _origin(self, answer: Answer) -> str:
        """Scheme and host of a redirect, empty where it names none."""
        parts = urlsplit(urljoin(self._url, answer.headers.get("Location", "")))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""


def _version(headers: Mapping[str, str]) -> tuple[int, int, int] | None:
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", headers.get("X-Version-Id", ""))
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
