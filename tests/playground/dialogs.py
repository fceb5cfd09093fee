"""Dialogs on the page: the one that the app opened for a press, and what becomes of it. The web app's rules, roughly."""

from __future__ import annotations

import re
from typing import Any

from tests.playground import actions, private, views
from tests.playground.ids import new_id
from tests.playground.server import Mattermost
from tests.playground.store import Doc

KINDS = ("text", "textarea", "select", "radio", "bool")
"""The elements that the page can show; of others it says that it cannot."""
SOURCES = ("", "users", "channels")
"""Where a select's options come from: the app, or a person's own client."""


def opened(mm: Mattermost, user: Doc, trigger: str) -> Doc | None:
    """What the app opened for somebody's last press or command, known by the trigger that his window alone was given."""
    step = mm.store.get("step", trigger)
    if step:
        return step if step["user_id"] == user["id"] else None
    return private.dialog(mm, user, trigger) if trigger else None


def elements(mm: Mattermost, user: Doc, dialog: Doc) -> list[Doc]:
    """A dialog's elements, each with whether the page can show it and the options that this person is offered."""
    return [
        one | {"shown": one["type"] in KINDS and one["data_source"] in SOURCES, "options": _options(mm, user, one)}
        for one in dialog["elements"] or ()
    ]


def _options(mm: Mattermost, user: Doc, element: Doc) -> list[Doc]:
    if element["data_source"] == "channels":
        return _channels(mm, user)
    return _people(mm) if element["data_source"] == "users" else element["options"] or []


def _channels(mm: Mattermost, user: Doc) -> list[Doc]:
    """What `channels/autocomplete` finds (as read in the servers' source): public ones, on v11 also one's private ones."""
    kinds = "O" if mm.is_old else "OP"
    return [{"text": one["label"], "value": one["id"]} for one in views.channels(mm, user) if one["type"] in kinds]


def _people(mm: Mattermost) -> list[Doc]:
    """Everybody, bots included, as `users/autocomplete` finds them."""
    there = [one for one in mm.store.every("user") if not one["delete_at"]]
    return sorted(({"text": one["username"], "value": one["id"]} for one in there), key=lambda one: one["text"])


def submit(mm: Mattermost, user: Doc, channel_id: str, dialog: Doc, values: Doc | None) -> Doc:
    """Send what was filled in, or None where it was closed. `error` and `errors` by element: the dialog stays.

    `step` is the dialog that v11 shows next, where the app answers with one; 5.37 knows no such answer and closes.
    """
    shown, cancelled = dialog["dialog"], values is None
    asked = shown["elements"] or []
    if cancelled and not shown["notify_on_cancel"]:
        return {"error": "", "errors": {}}
    body = {key: shown[key] for key in ("callback_id", "state")}
    body |= {"url": dialog["url"], "channel_id": channel_id, "team_id": mm.store.every("team")[0]["id"]}
    body |= {"cancelled": cancelled, "submission": {} if cancelled else _submission(mm, asked, values or {})}
    answer = actions.submit_dialog(mm, user, body)
    names = {one["name"] for one in asked}
    errors = {name: what for name, what in answer.get("errors", {}).items() if name in names}
    found: Doc = {"error": answer.get("error") or "", "errors": errors}
    return found | ({"step": _next(mm, user, dialog, answer["form"])} if "form" in answer and not mm.is_old else {})


def _next(mm: Mattermost, user: Doc, dialog: Doc, form: Doc) -> Doc:
    """The next step, kept under a name of its own; as measured on 11.6, it goes by the first one's callback_id."""
    shown = form | {"callback_id": dialog["dialog"]["callback_id"]}
    step = {"trigger_id": new_id(), "url": dialog["url"], "dialog": shown, "user_id": user["id"]}
    return mm.store.put("step", step["trigger_id"], step)


def _submission(mm: Mattermost, asked: list[Doc], values: Doc) -> Doc:
    """As each age's web app was measured: 5.37 sends null for what is empty, v11 leaves it out."""
    found = {one["name"]: _value(mm, one, values) for one in asked}
    return found if mm.is_old else {name: value for name, value in found.items() if value is not None}


def _value(mm: Mattermost, element: Doc, values: Doc) -> Any:
    """A browser's form leaves a box out that is not ticked, and knows text alone; 5.37 makes numbers of numbers."""
    if element["type"] == "bool":
        return element["name"] in values
    value = str(values.get(element["name"]) or "")
    if mm.is_old and element["subtype"] == "number" and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    return value or None
