"""One bot's connection to one Mattermost: the one way out, with its sessions, its patience and its deadlines."""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests

from mmapp.mattermost import retry
from mmapp.mattermost.answers import as_list, as_object, as_ok, checked, clock_ahead
from mmapp.mattermost.ids import hook_of, route
from mmapp.mattermost.values import JsonObject, dump
from mmapp.mattermost.wire import MAX_SECONDS, Answer, exchange, new_session


class Connection:
    """May be used by several threads, each of which gets a session of its own."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        proxy: str | None = None,
        timeout: tuple[float, float] = (3.05, 8.0),
        site_url: str | None = None,
    ) -> None:
        """`url` is where Chorus reaches the server; `site_url` its own `SiteURL`, where that differs."""
        self._url = url.rstrip("/")
        self._site_url = (site_url or url).rstrip("/")
        self._token = token
        self._ca_file, self._proxy, self._timeout = ca_file, proxy, timeout
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._version: tuple[int, int, int] | None = None
        self._ahead = 0.0

    def __repr__(self) -> str:
        return f"<Client of {urlsplit(self._url).hostname}>"

    def close(self) -> None:
        """Close the connections of every thread; a later call opens them anew."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def now(self) -> datetime:
        """What the server's own clock shows, by which posts are made, as its answers say (whole seconds); ours before the first
        of them. No call."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def respond(self, response_url: str, payload: Mapping[str, Any]) -> None:
        """Answer a slash command or a click later, without authentication: 5 times within 30 minutes.

        `Garbled` where the answer is no OK of Mattermost's: a proxy's page of maintenance has told nobody anything.
        """
        path = "/hooks/commands/{hook_id}"
        url = f"{self._url}/hooks/commands/{hook_of(response_url, self._site_url)}"
        request = partial(self._exchange, "POST", url, path, {}, data=payload)
        as_ok(retry.patiently(request, repeat=False).body, path)

    def fetch(self, path: str, most: int, within: float, **ids: Any) -> bytes:
        """What stands at a path, JSON or not. Raises TooMuch where it has more than `most` bytes."""
        return self._call("GET", path, most=most, within=within, **ids)

    def _object(self, method: str, path: str, **kwargs: Any) -> JsonObject:
        return as_object(self._call(method, path, **kwargs), path)

    def _list(self, method: str, path: str, **kwargs: Any) -> list[JsonObject]:
        return as_list(self._call(method, path, **kwargs), path)

    def _call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Any = None,
        repeat: bool = False,
        once: bool = False,
        within: float = MAX_SECONDS,
        most: int | None = None,
        **ids: str,
    ) -> bytes:
        url = f"{self._url}/api/v4{route(path, ids)}"
        headers = {"Authorization": f"Bearer {self._token}"}
        bounds = {"within": within, "most": most}
        request = partial(self._exchange, method, url, path, headers, data=json, params=params, **bounds)
        if once:
            return request().body
        return retry.patiently(request, repeat=repeat or method == "GET").body

    def _exchange(
        self, method: str, url: str, path: str, headers: Mapping[str, str], *, data: Any = None, **kwargs: Any
    ) -> Answer:
        """One request; `data` is sent as JSON."""
        if data is not None:
            headers = {**headers, "Content-Type": "application/json"}
            kwargs["data"] = dump(data)
        answer = exchange(self._session(), method, url, timeout=self._timeout, path=path, headers=headers, **kwargs)
        self._notice(answer)
        return checked(answer, path)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = new_session(self._ca_file, self._proxy)
            self._local.session = session
            with self._lock:
                self._sessions.add(session)
        return session

    def _notice(self, answer: Answer) -> None:
        """What each answer says of the server besides."""
        ahead = clock_ahead(answer.headers)
        self._ahead = self._ahead if ahead is None else ahead
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", answer.headers.get("X-Version-Id", ""))
        if found:
            self._version = (int(found[1]), int(found[2]), int(found[3]))
