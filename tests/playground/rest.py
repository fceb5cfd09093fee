"""The REST interface: accounts, channels and what hangs on them. Routes translate; the rules are elsewhere."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

from tests.playground import actions, commands, membership, shapes
from tests.playground.errors import ApiError, bad_body, forbidden, no_page, too_large, unauthorized
from tests.playground.ids import is_id
from tests.playground.server import VERSIONS, Mattermost, no_channel
from tests.playground.store import Doc

api = Blueprint("api", __name__, url_prefix="/api/v4")
hooks = Blueprint("hooks", __name__)
MAX_BODY = 300_000 + 512
OK = {"status": "OK"}


def mm() -> Mattermost:
    """The server of this request."""
    server: Mattermost = current_app.extensions["mattermost"]
    return server


def me() -> Doc:
    """Whose request this is, or 401."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    user = mm().user_of_token(token) if token else None
    if user is None:
        raise unauthorized()
    g.user = user
    return user


def body(kind: type = dict, name: str = "post") -> Any:
    """The request's JSON, or 400; on v11 413 where it is too large."""
    data = request.get_data()
    if len(data) > MAX_BODY and not mm().is_old:
        raise too_large()
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        raise bad_body(name) from None
    if not isinstance(found, kind):
        raise bad_body(name)
    return found


def answer(value: Any, status: int = 200) -> Response:
    """JSON, whatever it is; `null` too."""
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


def on_error(error: ApiError) -> Response:
    """An error as Mattermost writes it."""
    found = error.body(developer=mm().settings["EnableDeveloper"])
    response = answer(found, error.status)
    response.headers["X-Request-Id"] = found["request_id"]
    return response


def stamp(response: Response) -> Response:
    """Every answer of the interface names the server's version; a rate limiter in front of it does not."""
    if request.path.startswith("/api/") and response.status_code != 429:
        response.headers["X-Version-Id"] = VERSIONS[mm().age]
    return response


def own_id(user_id: str) -> str:
    """`me` or an id."""
    return str(me()["id"]) if user_id == "me" else user_id


# Accounts


@api.get("/users/<user_id>")
def get_user(user_id: str) -> Response:
    """Also `users/me`."""
    asker = me()
    user = mm().store.get("user", own_id(user_id))
    if user is None:
        raise ApiError(404, "app.user.missing_account.const", "Unable to find the user.")
    return answer(shapes.user_shown(user, own=user["id"] == asker["id"]))


@api.get("/users/username/<username>")
def get_user_by_name(username: str) -> Response:
    """One account by its name."""
    me()
    user = mm().store.find("user", username=username)
    if user is None:
        raise ApiError(404, "app.user.get_by_username.app_error", "Unable to find an existing account.")
    return answer(shapes.user_shown(user))


@api.post("/users/ids")
def get_users() -> Response:
    """Several accounts; unknown ids are left out."""
    me()
    users = (mm().store.get("user", str(user_id)) for user_id in body(list, "user_ids"))
    return answer([shapes.user_shown(user) for user in users if user])


@api.post("/users/<user_id>/typing")
def typing(user_id: str) -> Response:
    """Says to the others of a channel that somebody is typing."""
    user, sent = me(), body()
    if own_id(user_id) != user["id"]:
        raise forbidden(user["id"], "edit_other_users")
    channel = mm().membered(user, str(sent.get("channel_id") or ""), "create_post")
    data = {"parent_id": str(sent.get("parent_id") or ""), "user_id": user["id"]}
    mm().emit("typing", data, channel_id=channel["id"], omit=user["id"])
    return answer(OK)


@api.get("/users/<user_id>/teams")
def get_teams(user_id: str) -> Response:
    """Somebody's teams."""
    one = own_id(user_id)
    me()
    return answer([team for team in mm().store.every("team") if mm().in_team(one, team["id"])])


@api.get("/users/<user_id>/teams/<team_id>/channels")
@api.get("/users/<user_id>/channels")
def get_channels(user_id: str, team_id: str = "") -> Response:
    """Somebody's channels, direct ones too."""
    one = own_id(user_id)
    me()
    mine = [channel for channel in mm().store.every("channel") if mm().member(channel["id"], one)]
    return answer([channel for channel in mine if not team_id or channel["team_id"] in ("", team_id)])


@api.get("/users/<user_id>/channels/<channel_id>/unread")
def get_unread(user_id: str, channel_id: str) -> Response:
    """How often somebody was mentioned."""
    member = mm().member(channel_id, own_id(user_id))
    channel = mm().membered(me(), channel_id)
    keys = ("mention_count", "mention_count_root", "notify_props")
    unread = {key: (member or {}).get(key, 0) for key in keys} | {
        "team_id": channel["team_id"],
        "channel_id": channel_id,
    }
    return answer(unread | {"msg_count": channel["total_msg_count"] - (member or {}).get("msg_count", 0)})


# Channels


@api.get("/channels/<channel_id>")
def get_channel(channel_id: str) -> Response:
    """One channel."""
    user, channel = me(), mm().channel(channel_id)
    if channel is None:
        raise no_channel(channel_id)
    return answer(mm().readable(user, channel_id))


@api.get("/channels/<channel_id>/members/<user_id>")
def get_member(channel_id: str, user_id: str) -> Response:
    """Somebody's membership, for members alone."""
    user = me()
    mm().membered(user, channel_id)
    member = mm().member(channel_id, own_id(user_id))
    if member is None:
        what = "No channel member found for that user ID and channel ID."
        raise ApiError(404, "app.channel.get_member.missing.app_error", what)
    return answer(member)


@api.get("/channels/<channel_id>/members")
def list_members(channel_id: str) -> Response:
    """NOT RECORDED: a page of the memberships, as each by itself is (fixture e_channel_member_check2), for members alone."""
    mm().membered(me(), channel_id)
    page, size = int(request.args.get("page", 0)), min(int(request.args.get("per_page", 60)), 200)
    return answer(mm().members(channel_id)[page * size : (page + 1) * size])


@api.post("/channels/<channel_id>/members/ids")
def get_members(channel_id: str) -> Response:
    """Memberships among several people, for members alone."""
    mm().membered(me(), channel_id)
    members = (mm().member(channel_id, str(user_id)) for user_id in body(list, "user_ids"))
    return answer([member for member in members if member])


@api.post("/channels/<channel_id>/members")
def join(channel_id: str) -> Response:
    """Join a public channel, or add somebody to one's own."""
    user, joining = me(), str(body().get("user_id") or "")
    channel = mm().channel(channel_id)
    if channel is None:
        raise no_channel(channel_id)
    member = mm().member(channel_id, user["id"]) is not None
    itself = channel["type"] == "O" and joining == user["id"] and mm().may_read(user, channel)
    if not (member or itself or mm().is_admin(user)):
        kind = "private" if channel["type"] == "P" else "public"
        raise forbidden(user["id"], f"manage_{kind}_channel_members")
    return answer(membership.add(mm(), channel, joining, user), 201)


@api.delete("/channels/<channel_id>/members/<user_id>")
def leave(channel_id: str, user_id: str) -> Response:
    """Leave a channel, or remove somebody from one's own."""
    user = me()
    channel = mm().membered(user, channel_id, "manage_public_channel_members")
    if channel["name"] == "town-square":  # NOT RECORDED
        what = "Unable to remove user from the default channel town-square."
        raise ApiError(400, "api.channel.remove.default.app_error", what)
    membership.remove(mm(), channel, own_id(user_id), user)
    return answer(OK)


@api.delete("/channels/<channel_id>")
def archive(channel_id: str) -> Response:
    """NOT RECORDED."""
    user = me()
    membership.archive(mm(), mm().membered(user, channel_id, "delete_public_channel"), user)
    return answer(OK)


@api.put("/channels/<channel_id>/members/<user_id>/schemeRoles")
def set_channel_roles(channel_id: str, user_id: str) -> Response:
    """Make somebody an administrator of a channel, by another one. NOT RECORDED."""
    user, member = me(), mm().member(channel_id, user_id)
    own = mm().member(channel_id, user["id"])
    if member is None or not (mm().is_admin(user) or (own and own["scheme_admin"])):
        raise forbidden(user["id"], "manage_channel_roles")
    mm().save_member(membership.with_admin(member, admin=body().get("scheme_admin") is True))
    return answer(OK)


@api.post("/channels/direct")
def direct() -> Response:
    """The direct channel of two people."""
    user, ids = me(), body(list, "user_ids")
    if len(ids) != 2 or not all(is_id(one) and mm().store.get("user", one) for one in ids):
        raise bad_body("user_ids")
    if user["id"] not in ids and not mm().is_admin(user):
        raise forbidden(user["id"], "manage_system")
    return answer(mm().direct_channel(ids[0], ids[1]), 201)


# Commands, actions, dialogs, settings


@api.post("/commands/execute")
def execute() -> Response:
    """A slash command."""
    return answer(commands.execute(mm(), me(), body(dict, "command_args")))


@hooks.post("/hooks/commands/<hook_id>")
def command_hook(hook_id: str) -> Response:
    """A `response_url`."""
    commands.hook(mm(), hook_id, request.content_type or "", request.get_data())
    return Response("ok", content_type="text/plain")


@api.post("/posts/<post_id>/actions/<action_id>")
def click(post_id: str, action_id: str) -> Response:
    """A press of a button."""
    user = me()
    if not action_id.isalnum() or not action_id.isascii():
        raise no_page()
    return answer(actions.click(mm(), user, post_id, action_id, body()))


@api.post("/actions/dialogs/open")
def open_dialog() -> Response:
    """A dialog for the trigger's owner."""
    actions.open_dialog(mm(), body(object, "dialog"))
    return answer(OK)


@api.post("/actions/dialogs/submit")
def submit_dialog() -> Response:
    """What somebody filled in."""
    return answer(actions.submit_dialog(mm(), me(), body(dict, "dialog")))


@api.get("/config/client")
def config() -> Response:
    """What an app may know of the server's settings."""
    settings = mm().settings
    return jsonify(
        Version=VERSIONS[mm().age].partition("..")[0].removesuffix(".dev"),
        SiteURL=settings["SiteURL"],
        SiteName="Mattermost",
        MaxPostSize="16383",
        PostEditTimeLimit=str(settings["PostEditTimeLimit"]),
        EnablePostUsernameOverride=str(settings["EnablePostUsernameOverride"]).lower(),
        EnableBotAccountCreation="true",
        EnableCommands=str(settings.get("EnableCommands", True)).lower(),
        EnableLinkPreviews="true",
        CollapsedThreads="disabled" if mm().is_old else "always_on",
    )
