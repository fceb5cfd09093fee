"""The playground as tests use it: build a world, act in it as people do, and read what happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.playground import posting, shapes
from tests.playground.app import create_app
from tests.playground.faults import Faults
from tests.playground.ids import new_id
from tests.playground.reading import Reading, id_of
from tests.playground.rest_server import OnItsClock
from tests.playground.server import Mattermost
from tests.playground.store import Doc, Store


@dataclass(frozen=True)
class Answer:
    """What the web app gets from the server."""

    status: int
    json: Any

    @property
    def text(self) -> str:
        """The text of a slash command's answer, or the message of an error."""
        return str(self.json.get("text") or self.json.get("message") or "")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own signature
        """Requests of tests are nobody's news."""


class _Mattermosts(OnItsClock, _Quiet):
    """How the playground answers."""


class Playground(Reading):
    """A Mattermost with `SiteURL` on a loopback port. Names stand for users, ids for everything else."""

    def __init__(self, age: str = "11", *, db: str = ":memory:", port: int = 0, **settings: Any) -> None:
        self.store = Store(db)
        self.server = Mattermost(self.store, age, settings)
        self.faults = Faults()
        self.app = create_app(self.server, self.faults)
        self._port = port
        self._http: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    # Coming and going

    def start(self) -> Self:
        """Serve in a thread."""
        self.bind()
        self._thread = threading.Thread(target=self.serve, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def bind(self, host: str = "127.0.0.1") -> None:
        """Take the port, and be known by it unless `SiteURL` was set."""
        self._http = make_server(host, self._port, self.app, threaded=True, request_handler=_Mattermosts)
        self.server.settings["SiteURL"] = (
            self.server.settings["SiteURL"] or f"http://127.0.0.1:{self._http.server_port}"
        )

    def serve(self, notice: float = 0.2) -> None:
        """Answer requests until `stop` or `shut`, which are noticed after so many seconds."""
        if self._http:
            self._http.serve_forever(poll_interval=notice)

    def shut(self) -> None:
        """Let `serve` return, from another thread."""
        if self._http:
            self._http.shutdown()

    def stop(self) -> None:
        """Give port and file back."""
        if self._http:
            if self._thread:
                self._http.shutdown()
            self._http.server_close()
        if self._thread:
            self._thread.join()
        self._http = self._thread = None
        self.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def age(self) -> str:
        """Which Mattermost is played."""
        return self.server.age

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._http.server_port if self._http else self._port}"

    def link(self, post: Doc | str) -> str:
        """What "Copy Link" in a message's menu gives."""
        return f"{self.url}/{self.store.every('team')[0]['name']}/pl/{id_of(post)}"

    # Building

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
        """Make somebody a member of a channel."""
        return self.server.join(id_of(channel), self.user(user)["id"], admin=admin)

    def remove_member(self, user: Doc | str, channel: Doc | str) -> None:
        """Take somebody out of a channel."""
        self.store.drop("member", f"{id_of(channel)}:{self.user(user)['id']}")

    def archive(self, channel: Doc | str) -> None:
        """Close a channel."""
        found = self.server.channel(id_of(channel)) or {}
        self.store.put("channel", found["id"], found | {"delete_at": self.server.clock.now()})

    def grant_ephemerals(self, user: Doc | str) -> None:
        """Let a bot send ephemeral posts of its own (v11, by the role that is otherwise unused)."""
        role: Doc = {"name": "system_post_all_public", "permissions": ["create_post_ephemeral"]}
        self.store.put("role", role["name"], role)
        self.change_user(user, roles=f"{self.user(user)['roles']} system_post_all_public")

    def change_user(self, user: Doc | str, **changes: Any) -> Doc:
        """Change an account: roles, `delete_at`, names."""
        found = self.user(user)
        return self.store.put("user", found["id"], found | changes)

    def revoke(self, user: Doc | str) -> None:
        """Revoke somebody's tokens."""
        self._set_revoked(user, revoked=True)

    def restore(self, user: Doc | str) -> None:
        """Make them work again, as enabling a disabled bot does."""
        self._set_revoked(user, revoked=False)

    def _set_revoked(self, user: Doc | str, *, revoked: bool) -> None:
        user_id = self.user(user)["id"]
        for token, session in self._tokens(user_id):
            self.store.put("token", token, session | {"revoked": revoked})

    def advance(self, seconds: float) -> None:
        """Let the server's time pass."""
        self.server.clock.advance(seconds)

    # Acting

    def token(self, user: Doc | str) -> str:
        """Somebody's token."""
        return self._tokens(self.user(user)["id"])[0][0]

    def _tokens(self, user_id: str) -> list[tuple[str, Doc]]:
        return self.store.tokens(user_id)

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
        if (self.server.channel(id_of(channel)) or {}).get("last_post_at") == self.server.clock.now():
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
