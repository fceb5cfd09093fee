"""Buttons, menus and dialogs: from a click to the app and back."""

from __future__ import annotations

import json

from tests.playground import posting, shapes
from tests.playground.commands import _slack
from tests.playground.errors import ApiError, bad_body, forbidden, no_post
from tests.playground.ids import new_trigger, read_trigger
from tests.playground.integrations import IntegrationError, call
from tests.playground.server import Mattermost, no_channel
from tests.playground.store import Doc


def click(mm: Mattermost, user: Doc, post_id: str, action_id: str, body: Doc) -> Doc:
    """`POST posts/{id}/actions/{action}`: who may read the channel may click, member or not (v11)."""
    post = mm.store.post(post_id)
    cookie = mm.store.get("cookie", str(body.get("cookie") or ""))
    if post is None and cookie is None:
        raise forbidden(user["id"], "read_channel")
    place = post or cookie or {}
    channel = mm.readable(user, place["channel_id"], listing=True)
    action = shapes.find_action(post, action_id) if post else (cookie or {})["action"]
    if action is None or not (action.get("integration") or {}).get("url"):
        raise ApiError(404, "api.post.do_action.action_id.app_error", "Invalid action id.")
    client, trigger = new_trigger(user["id"], mm.clock.now())
    answer = _ask(mm, action["integration"]["url"], _body(mm, user, channel, post_id, action, body, trigger))
    _apply(mm, user, place, post, answer, post_id)
    return {"status": "OK", "trigger_id": client}


def _body(mm: Mattermost, user: Doc, channel: Doc, post_id: str, action: Doc, body: Doc, trigger: str) -> Doc:
    team = mm.store.get("team", channel["team_id"]) or {"id": "", "name": ""}
    context = dict(action["integration"].get("context") or {})
    if action.get("type") == "select":
        context["selected_option"] = str(body.get("selected_option") or "")
    return {
        "user_id": user["id"], "user_name": user["username"], "channel_id": channel["id"], "channel_name": channel["name"],
        "team_id": team["id"], "team_domain": team["name"], "post_id": post_id, "trigger_id": trigger,
        "type": action.get("type", ""), "data_source": action.get("data_source", ""), "context": context,
    }  # fmt: skip


def _failed(detail: str) -> ApiError:
    return ApiError(400, "api.post.do_action.action_integration.app_error", "Action integration error.", detail)


def _ask(mm: Mattermost, url: str, body: Doc) -> Doc:
    try:
        status, _, answer = call(mm, url, json=body)
    except IntegrationError as error:
        raise _failed(f"err={error}") from None
    if status != 200:
        raise _failed(f"status={status}")
    if not answer.strip() and not mm.is_old:  # v11 takes an empty answer for {}
        return {}
    try:
        found = json.loads(answer)
    except ValueError:
        raise _failed("err=invalid character") from None
    if not isinstance(found, dict):
        raise _failed("err=json: cannot unmarshal")
    return found


def _apply(mm: Mattermost, user: Doc, place: Doc, post: Doc | None, answer: Doc, post_id: str) -> None:
    update = answer.get("update")
    if isinstance(update, dict):
        if post is None:
            raise no_post(post_id)
        changes: Doc = {"message": str(update.get("message") or "")}  # without one it is blanked
        if isinstance(update.get("props"), dict):
            changes["props"] = update["props"]
        posting.edit(mm, post, changes)
    said = answer.get("ephemeral_text")
    if isinstance(said, str) and said:
        said = said if answer.get("skip_slack_parsing") else _slack(mm, said, links=True)
        root_id = place["root_id"] or post_id
        posting.ephemeral(mm, user["id"], user["id"], place["channel_id"], said, root_id=root_id)


# Dialogs

_ELEMENT: Doc = {
    "display_name": "", "name": "", "type": "", "subtype": "", "default": "", "placeholder": "", "help_text": "",
    "optional": False, "min_length": 0, "max_length": 0, "data_source": "", "options": None,
}  # fmt: skip
_DIALOG: Doc = {
    "callback_id": "", "title": "", "introduction_text": "", "icon_url": "", "elements": None, "submit_label": "",
    "notify_on_cancel": False, "state": "",
}  # fmt: skip


def open_dialog(mm: Mattermost, body: object) -> None:
    """`POST actions/dialogs/open`: without authentication, by the trigger alone."""
    if not isinstance(body, dict) or not _well_typed(body):
        raise bad_body("dialog")
    if not body.get("url"):
        raise bad_body("url")
    found = read_trigger(str(body.get("trigger_id") or ""))
    if isinstance(found, str):
        raise _bad_trigger(found)
    client, user_id, at = found
    lifetime = mm.settings["TriggerSeconds" if mm.is_old else "IntegrationTimeout"]
    if mm.clock.now() > at + lifetime * 1000:
        raise _bad_trigger("expired", f" Trigger IDs live for a maximum of {lifetime:.0f} seconds.")
    data = {"trigger_id": client, "url": body["url"], "dialog": as_shown(mm, body.get("dialog") or {})}
    mm.emit("open_dialog", {"dialog": json.dumps(data, ensure_ascii=False)}, user_id=user_id)


def _bad_trigger(why: str, more: str = "") -> ApiError:
    words = {
        "base64_decode_failed": "Failed to decode base64 for trigger ID for interactive dialog.",
        "missing_data": "Trigger ID missing required data for interactive dialog.",
        "expired": "Trigger ID for interactive dialog is expired." + more,
    }
    what = words.get(why, "Signature verification failed of trigger ID for interactive dialog.")
    return ApiError(400, f"interactive_message.decode_trigger_id.{why}", what)


def _well_typed(body: Doc) -> bool:
    dialog = body.get("dialog")
    elements = dialog.get("elements") or [] if isinstance(dialog, dict) else []
    lengths = (one.get(key, 0) for one in elements if isinstance(one, dict) for key in ("min_length", "max_length"))
    defaults = (one.get("default", "") for one in elements if isinstance(one, dict))
    typed = all(isinstance(one, int) for one in lengths) and all(isinstance(one, str) for one in defaults)
    return isinstance(dialog, dict) and typed


def as_shown(mm: Mattermost, dialog: Doc) -> Doc:
    """A dialog with every key, as clients get it."""
    more = {} if mm.is_old else {"multiselect": False}
    elements = [_ELEMENT | more | one for one in dialog.get("elements") or ()] or None
    keys = set(_DIALOG) if mm.is_old else {*_DIALOG, "source_url"}
    return _DIALOG | {key: value for key, value in dialog.items() if key in keys} | {"elements": elements}


def submit_dialog(mm: Mattermost, user: Doc, body: Doc) -> Doc:
    """`POST actions/dialogs/submit`: any values to any URL; only the user is the session's."""
    if not body.get("url"):
        raise bad_body("url")
    channel_id = str(body.get("channel_id") or "")
    if not mm.is_old and mm.channel(channel_id) is None:
        raise no_channel(channel_id)
    mm.readable(user, channel_id, listing=True)
    if not mm.in_team(user["id"], str(body.get("team_id") or "")):
        raise forbidden(user["id"], "view_team")
    keys = ("callback_id", "state", "channel_id", "team_id")
    sent: Doc = {"type": body.get("type") or "dialog_submission"} | {key: str(body.get(key) or "") for key in keys}
    sent |= {"user_id": user["id"], "submission": body.get("submission"), "cancelled": bool(body.get("cancelled"))}
    try:
        status, _, answer = call(mm, str(body["url"]), json=sent)
    except IntegrationError as error:
        raise _failed(f"err={error}") from None
    if status != 200:
        raise _failed(f"status={status}")
    return _dialog_answer(mm, answer)


def _dialog_answer(mm: Mattermost, answer: bytes) -> Doc:
    if not answer.strip():
        return {}
    try:
        found = json.loads(answer)
    except ValueError:
        found = None
    errors = found.get("errors") or {} if isinstance(found, dict) else None
    if not isinstance(errors, dict) or not all(isinstance(one, str) for one in errors.values()):
        if mm.is_old:
            return {}
        what = "Encountered an error decoding JSON response from interactive dialog submission."
        raise ApiError(500, "app.submit_interactive_dialog.decode_json_error", what)
    kind = found.get("type") or ""
    if not mm.is_old and (kind not in ("", "ok", "form", "navigate") or (kind == "form" and not found.get("form"))):
        what = "Encountered an invalid response from interactive dialog submission."
        raise ApiError(400, "app.submit_interactive_dialog.invalid_response", what)
    shown = {key: found[key] for key in ("error", "errors", "type", "goto_location") if found.get(key)}
    return shown | ({"form": as_shown(mm, found["form"])} if kind == "form" else {})
