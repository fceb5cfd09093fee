"""From the bytes of an answer to what it says, or to the error that its status means."""

from __future__ import annotations

import json
import re
from typing import Any

from mmapp.mattermost.errors import Garbled, RateLimited, Redirected, by_status
from mmapp.mattermost.values import JsonObject
from mmapp.mattermost.wire import Answer

_REQUEST_ID = re.compile(r"[a-z0-9]{26}")


def checked(answer: Answer, path: str) -> Answer:
    """The answer itself if its status is 2xx, else the error that it stands for."""
    if 200 <= answer.status < 300:
        return answer
    request_id = _request_id(answer)
    if 300 <= answer.status < 400:
        what = "the address redirects elsewhere: is its scheme, host or sub-path wrong?"
        raise Redirected(what, status=answer.status, path=path, request_id=request_id)
    if answer.status == 429:
        raise RateLimited("too many requests", wait=_wait(answer), path=path, request_id=request_id)
    # Neither `message` nor `detailed_error` is repeated: they can hold tokens, ids of hooks and people's words.
    raise by_status(answer.status)("Mattermost refused", status=answer.status, path=path, request_id=request_id)


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


def _request_id(answer: Answer) -> str:
    found = answer.headers.get("X-Request-Id", "")
    if not found and answer.headers.get("Content-Type", "").startswith("application/json"):
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            return ""
        found = str(body.get("request_id", "")) if isinstance(body, dict) else ""
    return found if _REQUEST_ID.fullmatch(found) else ""


def _wait(answer: Answer) -> float:
    """Seconds until the server takes requests again. `Retry-After` may come twice ("21, 21"), or as a proxy's date."""
    for name in ("Retry-After", "X-Ratelimit-Reset"):
        seconds = [int(part) for part in re.findall(r"(?<![\w:.-])\d{1,6}(?![\w:.-])", answer.headers.get(name, ""))]
        if seconds and "GMT" not in answer.headers.get(name, ""):
            return float(max(seconds))
    return 1.0
