"""Slash commands: from what somebody types to the app and back, and the `response_url` afterwards."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from tests.playground import membership, posting, shapes
from tests.playground.errors import ApiError, forbidden
from tests.playground.ids import is_id, new_id, new_trigger
from tests.playground.integrations import IntegrationError, call, status_line
from tests.playground.server import Mattermost
from tests.playground.store import Doc

HOOK_USES, HOOK_MS = 5, 30 * 60 * 1000
_ANSWER: Doc = {
    "response_type": "", "text": "", "username": "", "channel_id": "", "icon_url": "", "type": "", "props": None,
    "goto_location": "", "trigger_id": "", "skip_slack_parsing": False, "attachments": None, "extra_responses": None,
}  # fmt: skip


def execute(mm: Mattermost, user: Doc, body: Doc) -> Doc:
    """`POST commands/execute`: the answer that the client gets."""
    channel = mm.membered(user, str(body.get("channel_id") or ""), "create_post")
    team_id = channel["team_id"] or str(body.get("team_id") or "")
    if not mm.in_team(user["id"], team_id) and not mm.is_admin(user):
        raise forbidden(user["id"], "use_slash_commands")
    found = re.match(r"/(\S*)(?:\s([\s\S]*))?$", str(body.get("command") or ""))
    trigger, text = (found[1].lower(), found[2] or "") if found else ("", "")
    root_id = str(body.get("root_id") or "")
    if trigger == "invite":
        return _invite(mm, user, channel, text)
    command = mm.store.find("command", team_id=team_id, trigger=trigger)
    if command is None:
        what = f"Command with a trigger of '{trigger}' not found."
        raise ApiError(404, "api.command.execute_command.not_found.app_error", what)
    if root_id and not is_id(root_id) and not mm.is_old:
        raise _failed(trigger, "")
    client_trigger, form = _form(mm, user, channel, command, text, root_id)
    answer = _ask(mm, command, form)
    _deliver_all(mm, user, channel, command, root_id, answer)
    return answer | {"trigger_id": client_trigger}


def _form(
    mm: Mattermost, user: Doc, channel: Doc, command: Doc, text: str, root_id: str
) -> tuple[str, list[tuple[str, str]]]:
    """The form in the server's own order, which is alphabetical."""
    client, trigger = new_trigger(user["id"], mm.clock.now())
    team = mm.store.get("team", command["team_id"]) or {}
    hook: Doc = {"id": new_id(), "user_id": user["id"], "channel_id": channel["id"], "root_id": root_id, "uses": 0}
    mm.store.put("hook", hook["id"], hook | {"create_at": mm.clock.now(), "command_id": command["id"]})
    form = [
        ("channel_id", channel["id"]), ("channel_name", channel["name"]), ("command", f"/{command['trigger']}"),
        ("response_url", f"{mm.settings['SiteURL']}/hooks/commands/{hook['id']}"), ("team_domain", team["name"]),
        ("team_id", team["id"]), ("text", text), ("token", command["token"]), ("trigger_id", trigger),
        ("user_id", user["id"]), ("user_name", user["username"]),
    ]  # fmt: skip
    form += [] if mm.is_old else [("root_id", root_id)]
    return client, sorted(form + _mentions(mm, text, team["id"]), key=lambda field: field[0])


def _mentions(mm: Mattermost, text: str, team_id: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in dict.fromkeys(re.findall(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*)", text)):
        user = mm.store.find("user", username=name.rstrip("."))
        found += [("user_mentions", user["username"]), ("user_mentions_ids", user["id"])] if user else []
    for name in dict.fromkeys(re.findall(r"(?<![\w~])~([a-z0-9][a-z0-9_-]*)", text)):
        channel = mm.store.find("channel", name=name, team_id=team_id)
        found += [("channel_mentions", name), ("channel_mentions_ids", channel["id"])] if channel else []
    return found


def _failed(trigger: str, detail: str) -> ApiError:
    what = f"Command with a trigger of '{trigger}' failed."
    return ApiError(500, "api.command.execute_command.failed.app_error", what, detail)


def _ask(mm: Mattermost, command: Doc, form: list[tuple[str, str]]) -> Doc:
    headers = {"Authorization": f"Token {command['token']}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        status, kind, body = call(mm, command["url"], data=urlencode(form), headers=headers)
    except IntegrationError as error:
        raise _failed(command["trigger"], str(error)) from None
    if status != 200:
        what = f"Command with a trigger of '{command['trigger']}' returned response {status_line(status)}."
        detail = body.decode("utf-8", "replace")
        raise ApiError(500, "api.command.execute_command.failed_resp.app_error", what, detail)
    return read_answer(kind, body, command["trigger"])


def read_answer(kind: str, body: bytes, trigger: str) -> Doc:
    """An app's answer: JSON by its content type, else the text itself."""
    if kind.split(";")[0].strip() != "application/json":
        return _ANSWER | {"text": body.decode("utf-8", "replace").strip()}
    try:
        found = json.loads(body)
    except ValueError:
        raise _failed(trigger, "parsing error at line 1: unexpected end of JSON input") from None
    if not isinstance(found, dict) or not _well_typed(found):
        raise _failed(trigger, "parsing error at line 1: json: cannot unmarshal")
    answer = _ANSWER | {key: value for key, value in found.items() if key in _ANSWER and value is not None}
    props = shapes.read_attachments({"attachments": answer["attachments"]} if answer["attachments"] else {})
    answer["attachments"] = props.get("attachments")
    return answer | {"extra_responses": [_ANSWER | one for one in answer["extra_responses"] or ()] or None}


def _well_typed(answer: Doc) -> bool:
    return all(
        isinstance(answer.get(key, default) or default, type(default))
        for key, default in _ANSWER.items()
        if default is not None
    )


def _deliver_all(mm: Mattermost, user: Doc, channel: Doc, command: Doc, root_id: str, answer: Doc) -> None:
    for one in [answer, *(answer["extra_responses"] or ())]:
        deliver(mm, user, channel, command, root_id, one)


def deliver(mm: Mattermost, user: Doc, channel: Doc, command: Doc, root_id: str, answer: Doc) -> None:
    """Show an answer: to the invoker alone, or as a post of the invoker's. An unknown type shows nothing."""
    if not answer["skip_slack_parsing"]:
        answer["text"] = _slack(mm, answer["text"], links=False)
    text = answer["text"] if answer["skip_slack_parsing"] else _slack(mm, answer["text"], links=True)
    if not text and not answer["attachments"]:
        return
    props = dict(answer["props"] or {}) | {"from_webhook": "true"}
    if mm.settings["EnablePostUsernameOverride"]:
        for shown, own in (("override_username", "username"), ("override_icon_url", "icon_url")):
            props[shown] = command.get(own) or answer[own]  # the command's own go before the answer's
    props |= {"attachments": answer["attachments"]} if answer["attachments"] else {}
    if answer["response_type"] in ("", "ephemeral"):
        post = posting.ephemeral(mm, user["id"], user["id"], channel["id"], text, root_id=root_id, props=props)
        answer["attachments"] = post["props"].get("attachments")  # an in_channel answer leaks its integrations instead
    elif answer["response_type"] == "in_channel":
        _post_in_channel(mm, user, channel, command, root_id, answer, text, props)


def _post_in_channel(
    mm: Mattermost, user: Doc, channel: Doc, command: Doc, root_id: str, answer: Doc, text: str, props: Doc
) -> None:
    kind = answer["type"] or ("slack_attachment" if not text else "")
    body = {"channel_id": answer["channel_id"] or channel["id"], "message": text, "root_id": root_id, "props": props}
    failure = f"Command '{command['trigger']}' failed to post response. Please contact your System Administrator."
    error = ApiError(500, "api.command.execute_command.create_post_failed.app_error", failure)
    if kind.startswith("system_"):
        raise error
    try:
        posting.create(mm, user, body, type=kind)
    except ApiError:
        raise error from None


def _slack(mm: Mattermost, text: str, *, links: bool) -> str:
    """What the server makes of Slack's notation, unless `skip_slack_parsing` is set."""
    text = re.sub(r"<!(channel|here|all)>", r"@\1", text)

    def name(found: re.Match[str]) -> str:
        user = mm.store.get("user", found[1])
        return f"@{user['username']}" if user else found[0]

    text = re.sub(r"<@([a-z0-9]{26})>", name, text)
    return re.sub(r"<([^<>|\s]+)\|([^<>]+)>", r"[\2](\1)", text) if links else text


def _invite(mm: Mattermost, user: Doc, channel: Doc, text: str) -> Doc:
    """Mattermost's own `/invite @name`."""
    invited = mm.store.find("user", username=text.strip().lstrip("@"))
    if invited is None:
        said = "We couldn't find the user. They may have been deactivated by the System Administrator."
    elif mm.member(channel["id"], invited["id"]):
        said = f"{invited['username']} is already in the channel."
    else:
        membership.add(mm, channel, invited["id"], user)
        said = f"{invited['username']} added to {channel['name']} channel."
    posting.ephemeral(mm, user["id"], user["id"], channel["id"], said)
    return _ANSWER | {"response_type": "ephemeral", "text": said, "trigger_id": new_id()}


def hook(mm: Mattermost, hook_id: str, kind: str, body: bytes) -> None:
    """`POST hooks/commands/{id}`: without authentication, 5 times, for 30 minutes."""
    found: Any = mm.store.get("hook", hook_id)
    if found is None or mm.clock.now() > found["create_at"] + HOOK_MS:
        detail = f"resource: CommandWebhook id: {hook_id}"
        raise ApiError(404, "app.command_webhook.get.missing", "Unable to find the webhook.", detail)
    try:
        answer = read_answer(kind, body, "")
    except ApiError:
        raise ApiError(400, "web.command_webhook.parse.app_error", "Unable to parse incoming data.") from None
    with mm.store.transaction():
        used = mm.store.get("hook", hook_id) or {}
        if used["uses"] >= HOOK_USES:
            raise _used_up(mm, hook_id)
        mm.store.put("hook", hook_id, used | {"uses": used["uses"] + 1})
    user = mm.store.get("user", found["user_id"]) or {}
    channel = mm.channel(found["channel_id"]) or {}
    command = mm.store.get("command", found["command_id"]) or {}
    _deliver_all(mm, user, channel, command, found["root_id"], answer)


def _used_up(mm: Mattermost, hook_id: str) -> ApiError:
    if mm.is_old:
        return ApiError(400, "app.command_webhook.try_use.invalid", "Invalid webhook.")
    what = f"Failed to handle command webhook {hook_id}."
    return ApiError(400, "web.command_webhook.general.app_error", what)
