"""From the bytes of an answer to what it says, or to the error that its status means."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mmapp.mattermost.errors import Garbled, RateLimited, Redirected, by_status
from mmapp.mattermost.values import JsonObject
from mmapp.mattermost.wire import Answer

_REQUEST_ID = re.compile(r"[a-z0-9]{26}")


def checked(answer: Answer, path: str) -> Answer:
    """The answer itself if its status is 2xx, else the error that it stands for."""
    if 200 <= answer.status < 300:
        return answer
    error = _error(answer)
    said: dict[str, Any] = {"path": path, "request_id": _request_id(answer, error), "own": _is_own(answer, error)}
    if 300 <= answer.status < 400:
        what = "the address redirects elsewhere: is its scheme, host or sub-path wrong?"
        raise Redirected(what, status=answer.status, **said)
    if answer.status == 429:
        raise RateLimited("too many requests", wait=_wait(answer), **said)
    # Neither `message` nor `detailed_error` is repeated: they can hold tokens, ids of hooks and people's words.
    raise by_status(answer.status)("Mattermost refused", status=answer.status, **said)


def clock_ahead(headers: Mapping[str, str]) -> float | None:
    """How many seconds the server's clock is before ours, by the `Date` of an answer, which has whole ones; None where it has
    none."""
    try:
        found = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return (found - datetime.now(UTC)).total_seconds() if found.tzinfo else None


def as_ok(body: bytes, path: str) -> None:
    """Nothing but that it was done: `ok` as text (fixture a_response_url_1_ephemeral), or as JSON elsewhere."""
    if body.strip() != b"ok" and as_object(body, path).get("status") != "OK":
        raise Garbled("the answer is no OK", path=path)


def as_object(body: bytes, path: str) -> JsonObject:
    """The JSON object in a body."""
    found = _decoded(body, path)
    if not isinstance(found, dict):
        raise Garbled("the answer is no JSON object", path=path)
    return found


def as_list(body: bytes, path: str) -> list[JsonObject]:
    """The JSON list of objects in a body; `null` is an empty one (v11 says so of reactions)."""
    found = _decoded(body, path)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Garbled("the answer is no JSON list", path=path)
    return found


def _decoded(body: bytes, path: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    kind = "HTML" if body.lstrip()[:1] == b"<" else "nothing" if not body.strip() else "no or half a JSON"
    raise Garbled(f"the answer is {kind}: is this address a Mattermost?", path=path)


def _error(answer: Answer) -> JsonObject:
    """Mattermost's description of an error, empty where the body holds none. v11 sends some as text/plain."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _is_own(answer: Answer, error: JsonObject) -> bool:
    """Whether Mattermost itself describes the error: all that were recorded name their id and repeat the status."""
    return isinstance(error.get("id"), str) and error["id"] != "" and error.get("status_code") == answer.status


def _request_id(answer: Answer, error: JsonObject) -> str:
    found = answer.headers.get("X-Request-Id", "") or str(error.get("request_id", ""))
    return found if _REQUEST_ID.fullmatch(found) else ""


def _wait(answer: Answer) -> float:
    """Seconds until the server takes requests again. `Retry-After` may come twice ("21, 21"), or as a proxy's date."""
    for name in ("Retry-After", "X-Ratelimit-Reset"):
        seconds = [int(part) for part in re.findall(r"(?<![\w:.-])\d{1,6}(?![\w:.-])", answer.headers.get(name, ""))]
        if seconds and "GMT" not in answer.headers.get(name, ""):
            return float(max(seconds))
    return 1.0
