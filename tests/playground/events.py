"""Events as each age of Mattermost sends them to one of their receivers."""

from __future__ import annotations

import json

from tests.playground.server import VERSIONS, Mattermost
from tests.playground.store import Doc


def data_for(mm: Mattermost, event: Doc, user_id: str) -> Doc:
    """An event's data: 5.37 names everybody who is mentioned, v11 each only to himself; nobody is left out, not empty."""
    notified = event["own"].get("mentions", [])
    if not mm.is_old:
        notified = [user_id] if user_id in notified else []
    return event["data"] | ({"mentions": json.dumps(notified)} if notified else {})


def message(mm: Mattermost, event: Doc, user_id: str, seq: int) -> Doc:
    """What goes over the wire to somebody's connection."""
    data = data_for(mm, event, user_id)
    return {"event": event["event"], "data": data, "broadcast": event["broadcast"], "seq": seq}


def hello(mm: Mattermost, user_id: str, connection_id: str) -> Doc:
    """The first message of a connection. Of 5.37 it is NOT RECORDED; its connections cannot be resumed and have no id."""
    data: Doc = {"server_version": VERSIONS[mm.age]}
    broadcast: Doc = {"omit_users": None, "user_id": user_id, "channel_id": "", "team_id": ""}
    if not mm.is_old:
        data |= {"connection_id": connection_id, "server_hostname": "mattermost.example"}
        broadcast |= {"connection_id": "", "omit_connection_id": ""}
    return {"event": "hello", "data": data, "broadcast": broadcast, "seq": 0}
