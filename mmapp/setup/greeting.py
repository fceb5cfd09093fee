"""The first contact, before a password is typed: is there a Mattermost at this address at all?"""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

from mmapp import config
from mmapp.errors import AppError
from mmapp.mattermost.errors import Garbled, MattermostError, RateLimited, Redirected, Refused, Unreachable
from mmapp.mattermost.server import Server
from mmapp.mattermost.wire import NotSent
from mmapp.texts import setup_trouble as trouble


def greet(url: str) -> str:
    """The version that Mattermost names to everybody, empty where it names none. Raises AppError where it is not there."""
    known = config.given()
    ca_file, proxy = known.get("CHORUS_CA_FILE"), known.get("CHORUS_PROXY")
    try:
        with closing(Server(url, "", ca_file=ca_file, proxy=proxy)) as server:
            return server.config().get("Version", "")
    except MattermostError as error:
        raise AppError(_sentence(error, url, by_proxy=bool(proxy))) from None


def _sentence(error: MattermostError, url: str, *, by_proxy: bool) -> str:
    host = urlsplit(url).hostname or ""
    why = error.what if isinstance(error, Garbled) or not error.status else f"{error.status} for /api/v4{error.path}"
    match error:
        case NotSent() if "certificate" in error.what:
            return trouble.certificate(url)
        case NotSent() if not by_proxy and not _is_known(host):
            return trouble.unknown_host(host)
        case NotSent():
            return trouble.no_connection(url)
        case Redirected():
            return trouble.redirected(url, error.what)
        case Refused():
            return trouble.own_refusal(error.what)
        case RateLimited() | Unreachable():
            return trouble.not_now(url, why)
    return trouble.no_mattermost(url, why)


def _is_known(host: str) -> bool:
    """Whether this machine finds an address of that name."""
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return True
