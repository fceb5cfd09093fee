"""Ids before they become part of a path. Some are chosen by clients (`root_id`), so none is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from mmapp.mattermost.errors import Refused

BATCH = 100
"""Ids in one body: a server's own clients send as many."""
_ID = re.compile(r"[a-z0-9]{26}")
_PARTS = {
    "username": re.compile(r"(?!\.{1,2}$)[a-z0-9._:-]{1,128}"),
    "emoji_name": re.compile(r"[A-Za-z0-9_+-]{1,64}"),
    "role_name": re.compile(r"[a-z0-9_]{1,64}"),
}
_PORTS = {"http": 80, "https": 443}


def is_id(value: str) -> bool:
    """Whether this is an id as Mattermost makes them: 26 letters and digits."""
    return bool(_ID.fullmatch(value))


def checked_id(value: str, path: str = "") -> str:
    """The id itself, or `Refused` without asking the server."""
    if not is_id(value):
        raise Refused("not an id", path=path)
    return value


def route(path: str, parts: dict[str, str]) -> str:
    """A path's template with its parts filled in, none of which can leave its place."""
    for name, value in parts.items():
        if not _PARTS.get(name, _ID).fullmatch(value):
            raise Refused(f"not a {name}", path=path)
    return path.format(**parts)


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Distinct ids in their order, as many a batch as a body may hold."""
    distinct = [checked_id(one) for one in dict.fromkeys(ids)]
    for start in range(0, len(distinct), BATCH):
        yield distinct[start : start + BATCH]


def hook_of(response_url: str, site_url: str) -> str:
    """The hook's id in a `response_url`, which must be exactly `<site_url>/hooks/commands/<id>`.

    Whoever reaches the app's port can send any URL, so all but the id is taken from the settings.
    """
    path = "/hooks/commands/{hook_id}"
    try:
        given, site = urlsplit(response_url), urlsplit(site_url)
        same = _origin(given) == _origin(site) and not (given.query or given.fragment or "@" in given.netloc)
    except ValueError:
        same = False
    prefix = urlsplit(site_url).path.rstrip("/") + "/hooks/commands/"
    if not same or response_url != response_url.strip() or not given.path.startswith(prefix):
        raise Refused("the response_url is not of this Mattermost", path=path)
    return checked_id(given.path.removeprefix(prefix), path)


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    return url.scheme, url.hostname or "", url.port or _PORTS.get(url.scheme)
