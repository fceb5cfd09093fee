"""Dialogs on the page: the one that the app opened for a press, and what becomes of it. The web app's rules, roughly."""

from __future__ import annotations

import json
import re

from tests.playground import actions
from tests.playground.server import Mattermost
from tests.playground.store import Doc

KINDS = ("text", "textarea", "select", "radio", "bool")
"""The elements that the page can show; of others it says that it cannot."""


def opened(mm: Mattermost, user: Doc, trigger: str) -> Doc | None:
    """What the app opened for somebody's last press or command, known by the trigger that his window alone was given."""
    for event in reversed(mm.store.events() if trigger else []):
        if event["event"] == "open_dialog" and user["id"] in event["receivers"]:
            found: Doc = json.loads(event["data"]["dialog"])
            if found["trigger_id"] == trigger:
                return found
    return None


def elements(dialog: Doc) -> list[Doc]:
    """A dialog's elements, each with whether the page can show it."""
    return [
        one | {"shown": one["type"] in KINDS and not (one["type"] == "select" and one["data_source"])}
        for one in dialog["elements"] or ()
    ]


def submit(mm: Mattermost, user: Doc, channel_id: str, dialog: Doc, values: Doc | None) -> Doc:
    """Send what was filled in, or None where it was closed. `error` and `errors` by element: the dialog stays."""
    shown, cancelled = dialog["dialog"], values is None
    if cancelled and not shown["notify_on_cancel"]:
        return {"error": "", "errors": {}}
    body = {key: shown[key] for key in ("callback_id", "state")}
    body |= {"url": dialog["url"], "channel_id": channel_id, "team_id": mm.store.every("team")[0]["id"]}
    body |= {"cancelled": cancelled, "submission": {one["name"]: _value(one, values or {}) for one in elements(shown)}}
    answer = actions.submit_dialog(mm, user, body | ({"submission": {}} if cancelled else {}))
    names = {one["name"] for one in elements(shown)}
    errors = {name: what for name, what in answer.get("errors", {}).items() if name in names}
    more = "The app answered with another dialog, which this page cannot show." if "form" in answer else ""
    return {"error": answer.get("error") or more, "errors": errors}


def _value(element: Doc, values: Doc) -> str | int | bool:
    """As the web app sends it: a browser's form leaves a box out that is not ticked, and knows text alone."""
    if element["type"] == "bool":
        return element["name"] in values
    value = str(values.get(element["name"], ""))
    return int(value) if element["subtype"] == "number" and re.fullmatch(r"-?\d{1,15}", value) else value
