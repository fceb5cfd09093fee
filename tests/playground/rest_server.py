"""What the server says of itself: its clock in every answer, and the slash commands that it offers."""

from __future__ import annotations

from email.utils import formatdate

from flask import Blueprint, Flask, Response
from werkzeug.serving import WSGIRequestHandler

from tests.playground.rest import answer, me, mm

api = Blueprint("server", __name__, url_prefix="/api/v4")
HIDDEN = dict.fromkeys(("token", "url", "creator_id", "method", "username", "icon_url"), "")
SHOWN = dict.fromkeys(("display_name", "description", "auto_complete_desc", "auto_complete_hint", "plugin_id"), "")
NEVER = dict.fromkeys(("create_at", "update_at", "delete_at"), 0)


@api.get("/teams/<team_id>/commands/autocomplete")
def autocomplete(team_id: str) -> Response:
    """A team's own slash commands, as ordinary clients see them: without tokens and addresses."""
    me()
    every = (SHOWN | NEVER | {"auto_complete": True} | one for one in mm().store.every("command"))
    return answer([one | HIDDEN for one in every if one["team_id"] == team_id and one["auto_complete"]])


class OnItsClock(WSGIRequestHandler):
    """Answers carry the server's own time, which tests can set wrong."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` of an answer."""
        app: Flask = self.server.app  # type: ignore[assignment]
        now = app.extensions["mattermost"].clock.now() / 1000 if timestamp is None else timestamp
        return formatdate(now, usegmt=True)
