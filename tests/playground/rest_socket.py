"""`GET /api/v4/websocket`: from the HTTP request to a WebSocket on the same connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, current_app, request

from tests.playground.errors import ApiError
from tests.playground.rest import answer, mm
from tests.playground.sockets import Sockets

api = Blueprint("socket", __name__, url_prefix="/api/v4")
BLOCKED = "api.web_socket.connect.upgrade.app_error"


class Spoken(Response):
    """What is returned once a WebSocket has ended: its connection takes no HTTP answer any more."""

    def __call__(self, *_: Any) -> Iterable[bytes]:
        """The way in which werkzeug's server is told that a connection is gone."""
        raise ConnectionAbortedError


@api.get("/websocket")
def no_upgrade() -> Response:
    """NOT RECORDED."""
    raise ApiError(400, BLOCKED, "Failed to upgrade websocket connection.")


@api.get("/websocket", websocket=True)
def connect() -> Response:
    """The token comes with the upgrade or in an `authentication_challenge`; one that is wrong is as if there was none."""
    origin = request.headers.get("Origin", "")
    if origin and origin != mm().settings["SiteURL"]:
        return _blocked(origin)
    sockets: Sockets = current_app.extensions["sockets"]
    token = request.headers.get("Authorization", "").partition(" ")[2]
    number = request.args.get("sequence_number", "")
    wanted = (request.args.get("connection_id", ""), int(number) if number.isdigit() else 0)
    sockets.serve(request.environ["werkzeug.socket"], _upgrade(), token, wanted)
    return Spoken()


def _blocked(origin: str) -> Response:
    """403 whose body says 400, as recorded."""
    error = ApiError(400, BLOCKED, f"URL Blocked because of CORS. Url: {origin}")
    return answer(error.body(developer=False), 403)


def _upgrade() -> bytes:
    """The request as it came, for the library that answers it."""
    lines = [f"GET {request.full_path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
