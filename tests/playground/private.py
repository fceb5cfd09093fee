"""What one person alone is shown: ephemeral posts and dialogs, each event read once however long the log grows."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from weakref import WeakKeyDictionary

from tests.playground.server import Mattermost
from tests.playground.store import Doc

_KINDS = {"ephemeral_message": "post", "open_dialog": "dialog"}
_LOGS: WeakKeyDictionary[Mattermost, _Log] = WeakKeyDictionary()
_LOCK = threading.Lock()


class _Log:
    def __init__(self) -> None:
        self.read_to = 0
        self.shown: dict[tuple[str, str], list[Doc]] = defaultdict(list)

    def read(self, mm: Mattermost) -> None:
        for event in mm.store.events(self.read_to):
            self.read_to = event["seq"]
            if event["event"] in _KINDS:
                shown = json.loads(event["data"][_KINDS[event["event"]]])
                for user_id in event["receivers"]:
                    self.shown[event["event"], user_id].append(shown)


def _shown(mm: Mattermost, kind: str, user: Doc) -> list[Doc]:
    with _LOCK:
        log = _LOGS.setdefault(mm, _Log())
        log.read(mm)
        return list(log.shown[kind, user["id"]])


def ephemerals(mm: Mattermost, user: Doc) -> list[Doc]:
    """What somebody alone was told, in order. (Mattermost forgets these at the next reload.)"""
    return _shown(mm, "ephemeral_message", user)


def dialog(mm: Mattermost, user: Doc, trigger: str) -> Doc | None:
    """What the app opened for a press of somebody's, by the trigger that his window alone was given."""
    return next((one for one in reversed(_shown(mm, "open_dialog", user)) if one["trigger_id"] == trigger), None)
