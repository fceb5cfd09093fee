"""The REST interface for administrators: slash commands and roles.

Recorded of it are the answers to `POST /commands`, `PUT …/regen_token`, `PUT /roles/{id}/patch` and
`PUT /users/{id}/roles`. What is marked NOT RECORDED answers as Mattermost's published API reference says.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from tests.playground.errors import ApiError
from tests.playground.ids import new_id
from tests.playground.recorded import recorded
from tests.playground.rest import OK, answer, body, me, mm
from tests.playground.rest_admin import admin, api
from tests.playground.store import Doc

ROLE_ALL_PUBLIC = "system_post_all_public"

# Slash commands

_COMMAND: Doc = {
    "username": "", "icon_url": "", "auto_complete": False, "auto_complete_desc": "", "auto_complete_hint": "",
    "display_name": "", "description": "", "plugin_id": "", "delete_at": 0, "method": "P",
}  # fmt: skip
_FIXED = ("id", "token", "create_at", "creator_id", "team_id")


@api.get("/commands")
def get_commands() -> Response:
    """NOT RECORDED: an administrator is given the tokens too, as the page of a team's integrations shows them."""
    admin()
    team_id = request.args["team_id"]
    return answer([_COMMAND | one for one in mm().store.every("command") if one["team_id"] == team_id])


@api.post("/commands")
def create_command() -> Response:
    """A trigger belongs to one command of a team (that refusal is NOT RECORDED)."""
    user, sent = admin(), body(dict, "command")
    taken = mm().store.find("command", team_id=sent["team_id"], trigger=sent["trigger"])
    if taken or sent["trigger"] in ("invite", "away", "me"):
        what = "This trigger word is already in use. Please choose another word."
        raise ApiError(400, "api.command.duplicate_trigger.app_error", what)
    now = mm().clock.now()
    command = _COMMAND | {key: value for key, value in sent.items() if key in {*_COMMAND, "team_id", "trigger", "url"}}
    command |= {"id": new_id(), "token": new_id(), "create_at": now, "update_at": now, "creator_id": user["id"]}
    return answer(mm().store.put("command", command["id"], command), 201)


@api.put("/commands/<command_id>")
def update_command(command_id: str) -> Response:
    """NOT RECORDED: token, creator and team stay."""
    admin()
    known, sent = _command(command_id), body(dict, "command")
    changed = known | sent | {key: known[key] for key in _FIXED if key in known} | {"update_at": mm().clock.now()}
    return answer(mm().store.put("command", command_id, changed))


@api.put("/commands/<command_id>/regen_token")
def renew_command_token(command_id: str) -> Response:
    """The old token is gone at once."""
    admin()
    command = mm().store.put("command", command_id, _command(command_id) | {"token": new_id()})
    return answer({"token": command["token"]})


def _command(command_id: str) -> Doc:
    found = mm().store.get("command", command_id)
    if found is None:
        raise ApiError(404, "store.sql_command.save.get.app_error", "Sorry, we could not find the page.")
    return found


# Roles


@api.get("/roles/name/<name>")
def get_role(name: str) -> Response:
    """NOT RECORDED as an answer; its shape is that of the patch."""
    me()
    return answer(_role(name))


def _role(name: str) -> Doc:
    """A role as a new server has it, unless it was patched."""
    known = mm().store.get("role", name) or {"name": name, "permissions": ["create_post_public"]}
    shape: Doc = recorded("v11_d_grant_ephemeral_1_role")["response"]["body"]
    return shape | {"id": f"{name.replace('_', '')}{'0' * 26}"[:26]} | known


@api.put("/roles/<role_id>/patch")
def patch_role(role_id: str) -> Response:
    """Exactly these permissions."""
    admin()
    role = _role(ROLE_ALL_PUBLIC)
    if role["id"] != role_id:
        raise ApiError(404, "app.role.get.app_error", "Unable to get role.")
    role |= {"permissions": [str(one) for one in body(dict, "role")["permissions"]]}
    return answer(mm().store.put("role", ROLE_ALL_PUBLIC, role))


@api.put("/users/<user_id>/roles")
def set_roles(user_id: str) -> Response:
    """Exactly these roles."""
    admin()
    user: Any = mm().store.get("user", user_id)
    mm().store.put("user", user_id, user | {"roles": str(body()["roles"])})
    return answer(OK)
