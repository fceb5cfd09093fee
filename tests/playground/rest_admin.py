"""The REST interface for administrators: sessions, settings, teams, bots and their tokens.

Recorded of it are the answers to `POST /bots` and `POST /users/{id}/tokens`, the values of `GET /config`, and the refusals
of a bad token and of bots while they are switched off. What is marked NOT RECORDED answers as Mattermost's published API
reference says.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from tests.playground.errors import ApiError, forbidden
from tests.playground.ids import new_id
from tests.playground.recorded import recorded
from tests.playground.rest import OK, answer, body, me, mm
from tests.playground.store import Doc, Store

api = Blueprint("admin", __name__, url_prefix="/api/v4")
PICTURE = b"\x89PNG"
SECTION = "ServiceSettings."


def admin() -> Doc:
    """The administrator whose request this is, or 403."""
    user = me()
    if not mm().is_admin(user):
        raise forbidden(user["id"], "manage_system")
    return user


# Sessions: NOT RECORDED


def give_password(store: Store, user: Doc, password: str, code: str = "") -> None:
    """Let somebody sign in; with a `code`, by an authenticator app's as well."""
    store.put("credentials", user["id"], {"password": password, "code": code, "failed": 0})


@api.post("/users/login")
def login() -> Response:
    """By name or email and password; a wrong code counts like a wrong password, none does not. Bots cannot."""
    sent = body(dict, "login")
    name = str(sent.get("login_id") or "").lower()
    user = mm().store.find("user", username=name) or mm().store.find("user", email=name)
    known = mm().store.get("credentials", user["id"]) if user else None
    if user is None or known is None:
        raise _not_signed_in("api.user.login.invalid_credentials_email_username")
    if known["failed"] >= mm().settings.get("MaximumLoginAttempts", 10):
        raise _not_signed_in("api.user.check_user_login_attempts.too_many.app_error")
    code = str(sent.get("token") or "")
    right = sent.get("password") == known["password"]
    if right and known["code"] and not code:
        raise _not_signed_in("mfa.validate_token.authenticate.app_error")
    right = right and known["code"] in ("", code)
    mm().store.put("credentials", user["id"], known | {"failed": 0 if right else known["failed"] + 1})
    if not right:
        raise _not_signed_in("api.user.login.invalid_credentials_email_username")
    token = new_id()
    mm().store.put("token", token, {"user_id": user["id"], "token": token, "revoked": False, "session": True})
    response = answer(user)
    response.headers["Token"] = token
    return response


def _not_signed_in(error_id: str) -> ApiError:
    return ApiError(401, error_id, "Enter a valid email or username and/or password.")


@api.post("/users/logout")
def logout() -> Response:
    """End the session."""
    me()
    mm().store.drop("token", request.headers["Authorization"].partition(" ")[2])
    return answer(OK)


# The server


@api.get("/config")
def get_config() -> Response:
    """The recorded server's settings, and over them those that this playground was started with."""
    admin()
    known = recorded("v11_f_config_settings")["settings"]
    values = {key.removeprefix(SECTION): one["now"] for key, one in known.items() if key.startswith(SECTION)}
    values |= {key: value for key, value in mm().settings.items() if key in values}
    allowed = values["AllowedUntrustedInternalConnections"]
    if isinstance(allowed, bool):
        values["AllowedUntrustedInternalConnections"] = "127.0.0.1 localhost" if allowed else ""
    return answer({"ServiceSettings": values})


@api.get("/license/client")
def get_license() -> Response:
    """NOT RECORDED."""
    return answer({"IsLicensed": str(bool(mm().settings.get("Licensed"))).lower()})


@api.get("/teams")
def get_all_teams() -> Response:
    """NOT RECORDED."""
    admin()
    page, size = int(request.args.get("page", 0)), int(request.args.get("per_page", 60))
    teams = sorted(mm().store.every("team"), key=lambda team: str(team["display_name"]))
    return answer(teams[page * size : (page + 1) * size])


@api.get("/teams/<team_id>/members/<user_id>")
def get_team_member(team_id: str, user_id: str) -> Response:
    """NOT RECORDED."""
    me()
    if not mm().in_team(user_id, team_id):
        raise ApiError(
            404, "app.team.get_member.missing.app_error", "No team member found for that user ID and team ID."
        )
    return answer(_team_member(team_id, user_id))


def _team_member(team_id: str, user_id: str) -> Doc:
    """Guests, members and administrators of a team, by their roles and in so many words."""
    user, member = mm().store.get("user", user_id) or {}, mm().store.get("team_member", f"{team_id}:{user_id}") or {}
    guest, admin = "system_guest" in user["roles"].split(), bool(member.get("scheme_admin"))
    roles = "team_guest" if guest else "team_user team_admin" if admin else "team_user"
    found = {"team_id": team_id, "user_id": user_id, "roles": roles, "delete_at": 0, "explicit_roles": ""}
    return found | {"scheme_guest": guest, "scheme_user": not guest, "scheme_admin": admin}


@api.post("/teams/<team_id>/members")
def add_team_member(team_id: str) -> Response:
    """Who joins a team joins its first channel. NOT RECORDED."""
    admin()
    user_id = str(body().get("user_id"))
    mm().store.put("team_member", f"{team_id}:{user_id}", {"user_id": user_id})
    first = mm().store.find("channel", team_id=team_id, name="town-square")
    if first:
        mm().join(first["id"], user_id)
    return answer(_team_member(team_id, user_id), 201)


# Bots


@api.post("/bots")
def create_bot() -> Response:
    """Refused while bot accounts are switched off."""
    owner, sent = admin(), body(dict, "bot")
    if not mm().settings.get("EnableBotAccountCreation", True):
        raise ApiError(403, "api.bot.create_disabled", "Bot creation has been disabled.")
    if mm().store.find("user", username=sent["username"]):  # NOT RECORDED
        raise ApiError(400, "app.user.save.username_exists.app_error", "An account with that username already exists.")
    names = {"first_name": sent.get("display_name", ""), "bot_description": sent.get("description", "")}
    user = mm().new_user(sent["username"], is_bot=True, owner_id=owner["id"], **names)
    return answer(_bot_shown(user), 201)


def _bot(user_id: str) -> Doc:
    user = mm().store.get("user", user_id)
    if user is None or not user.get("is_bot") or not mm().is_admin(me()):
        raise ApiError(404, "store.sql_bot.get.missing.app_error", "Bot does not exist.")
    return user


def _bot_shown(user: Doc) -> Doc:
    times = {key: user[key] for key in ("create_at", "update_at", "delete_at")}
    said = {"display_name": user["first_name"], "description": user.get("bot_description", "")}
    return {"user_id": user["id"], "username": user["username"], **said, "owner_id": user.get("owner_id", ""), **times}


@api.get("/bots/<user_id>")
def get_bot(user_id: str) -> Response:
    """NOT RECORDED for administrators; a bot that asks for itself is told that it does not exist."""
    return answer(_bot_shown(_bot(user_id)))


@api.post("/bots/<user_id>/enable")
def enable_bot(user_id: str) -> Response:
    """The old token works again. The shape of the answer is NOT RECORDED."""
    user = _bot(user_id)
    return answer(_bot_shown(mm().store.put("user", user_id, user | {"delete_at": 0})))


@api.post("/users/<user_id>/image")
def set_picture(user_id: str) -> Response:
    """NOT RECORDED."""
    admin()
    user, sent = mm().store.get("user", user_id) or {}, request.files.get("image")
    if sent is None or not sent.read().startswith(PICTURE):
        raise ApiError(400, "api.user.upload_profile_user.no_file.app_error", "No file under 'image' in request.")
    mm().store.put("user", user_id, user | {"last_picture_update": mm().clock.now()})
    return answer(OK)


@api.get("/users/<user_id>/tokens")
def get_tokens(user_id: str) -> Response:
    """NOT RECORDED. The tokens themselves are not shown."""
    admin()
    found = [token for _, token in mm().store.tokens(user_id) if "description" in token and not token["revoked"]]
    return answer([_token_shown(token) for token in found])


def _token_shown(token: Doc) -> Doc:
    return {key: token[key] for key in ("id", "user_id", "description")} | {"is_active": True}


@api.post("/users/<user_id>/tokens")
def create_token(user_id: str) -> Response:
    """The only time that the token is shown."""
    admin()
    token: Doc = {"id": new_id(), "token": new_id(), "user_id": user_id, "revoked": False}
    token["description"] = str(body()["description"])
    mm().store.put("token", token["token"], token)
    return answer(_token_shown(token) | {"token": token["token"]})


@api.post("/users/tokens/revoke")
def revoke_token() -> Response:
    """NOT RECORDED."""
    admin()
    found = mm().store.find("token", id=str(body()["token_id"])) or {}
    mm().store.drop("token", found["token"])
    return answer(OK)
