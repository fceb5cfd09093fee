"""The server as a client of apps: what it sends, how long it waits, what it makes of the answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import requests

from tests.playground.server import Mattermost

MAX_ANSWER = 1024 * 1024


class IntegrationError(Exception):
    """The app could not be asked; the words are the server's own."""


def call(mm: Mattermost, url: str, **kwargs: Any) -> tuple[int, str, bytes]:
    """POST to an app; its status, content type and body."""
    if not mm.settings["AllowedUntrustedInternalConnections"]:
        raise IntegrationError(
            f'Post "{url}": address forbidden, you may need to set AllowedUntrustedInternalConnections'
        )
    headers = {"User-Agent": "Mattermost-Bot/1.1", "Accept": "application/json", **kwargs.pop("headers", {})}
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(url, headers=headers, timeout=mm.settings["IntegrationTimeout"], **kwargs)
        except requests.Timeout:
            raise IntegrationError(f'Post "{url}": context deadline exceeded') from None
        except requests.RequestException:
            raise IntegrationError(f'Post "{url}": dial tcp: connect: connection refused') from None
        return answer.status_code, answer.headers.get("Content-Type", ""), answer.content[:MAX_ANSWER]


def status_line(status: int) -> str:
    """As Go writes it: `204 No Content`."""
    return f"{status} {HTTPStatus(status).phrase}"
