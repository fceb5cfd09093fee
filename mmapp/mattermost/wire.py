"""One HTTP exchange with Mattermost: the system's trust store, no cookies, no redirects, bounded in time and size."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from mmapp.mattermost import deadline
from mmapp.mattermost.deadline import Deadline
from mmapp.mattermost.errors import Garbled, Refused, Unreachable

USER_AGENT = "Chorus/0.1"
MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer that are read at most. A thread page of 200 posts of 65,535 bytes is 13 MB."""
MAX_SECONDS = 30.0
"""A whole exchange takes no longer."""

# urllib3 writes every path at DEBUG, and the path of a response_url holds its secret.
logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and whole body of one answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(Unreachable):
    """The connection never came about, so nothing was done and everything may be repeated."""


def trusting(ca_file: str | None = None) -> ssl.SSLContext:
    """Verifies with the operating system's certificates, plus one file of the administrator's."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # missing, unreadable, or no certificates in it
            raise Refused("the file of certificates cannot be read") from error
    return context


class TooMuch(Garbled):
    """The answer is larger than its reader wants: the rest was not read."""


class TrustAdapter(HTTPAdapter):
    """Verifies with these certificates alone."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._context = trusting(ca_file)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Every connection gets the context above."""
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        deadline.watched(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Connections by way of a proxy get it too."""
        found = super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context, proxy_ssl_context=self._context)
        deadline.watched(found)
        return found

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:  # noqa: ARG002 - requests' own signature
        """Leave out certifi's bundle, which requests would add to the system's trust store."""
        if verify is not True:
            raise ValueError("certificates are always verified")
        conn.cert_reqs, conn.ca_certs, conn.ca_cert_dir = "CERT_REQUIRED", None, None


def new_session(ca_file: str | None, proxy: str | None) -> requests.Session:
    """A session that reads nothing from its environment and keeps no cookie."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    session.headers["Accept"] = "application/json"
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    adapter = TrustAdapter(ca_file)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeout: tuple[float, float],
    path: str,
    within: float = MAX_SECONDS,
    most: int | None = None,
    **kwargs: Any,
) -> Answer:
    """Send one request and read its whole answer, in `within` seconds; `path` is the template that errors may show.

    Of more than `most` bytes (MAX_ANSWER) nothing is kept: TooMuch, whatever length was announced.
    The search for the server's address alone knows no time-out; where it takes too long, nothing is sent.
    """
    if within <= 0:
        raise NotSent("no time is left", path=path)
    connect, read = (min(seconds, within) for seconds in timeout)
    with deadline.within(within) as watch:
        try:
            answer = _answer(session, method, url, timeout=(connect, read), path=path, most=most, **kwargs)
            if not watch.over:  # else it may be cut off, and look whole where no length announced it
                return answer
            failure: Unreachable | Garbled = Unreachable("no answer in time", path=path)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _failure(error, watch, path)
    # Raised outside of the handler: requests' own message holds the URL, and a chained traceback would print it.
    raise failure


def _answer(session: requests.Session, method: str, url: str, *, path: str, most: int | None, **kwargs: Any) -> Answer:
    with session.request(method, url, stream=True, allow_redirects=False, **kwargs) as response:
        return Answer(
            response.status_code, response.headers, _read(response, path, MAX_ANSWER if most is None else most)
        )


def _read(response: requests.Response, path: str, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > most:
            raise TooMuch(f"the answer is larger than {most:,} bytes", status=response.status_code, path=path)
    return b"".join(parts)


def _failure(error: Exception, watch: Deadline, path: str) -> Unreachable | Garbled:
    if watch.over:
        kind = Unreachable if watch.begun else NotSent
        return kind("no answer in time", path=path)
    if not watch.begun:  # an error of TLS after that is no word about the certificate, and the request is out
        certificate = isinstance(error, requests.exceptions.SSLError)
        return NotSent("its certificate is not trusted" if certificate else "no connection", path=path)
    if isinstance(error, requests.Timeout):
        return Unreachable("no answer in time", path=path)
    if isinstance(error, requests.exceptions.ContentDecodingError | requests.exceptions.InvalidHeader):
        return Garbled("the answer cannot be decoded", path=path)
    return Unreachable("the connection broke off", path=path)
