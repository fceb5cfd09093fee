"""Permalinks: `<site>/<team>/pl/<post id>`, also with `_redirect` for the team, or a post id alone."""

from __future__ import annotations

import re

from mmapp.errors import Refused
from mmapp.texts import ask as texts

POST_ID = re.compile(r"[a-z0-9]{26}")


def post_id_of(wanted: str, site_url: str) -> str:
    """The post that a person names. Raises Refused where it is no link of this server."""
    wanted = wanted.strip().strip("<>")
    if POST_ID.fullmatch(wanted):
        return wanted
    match = re.fullmatch(r"(https?://.+)/[^/]+/pl/([a-z0-9]{26})/?(?:[?#].*)?", wanted, re.IGNORECASE)
    if match is None:
        raise Refused(texts.no_such_thread())
    if match[1].rstrip("/").casefold() != site_url.casefold():
        raise Refused(texts.other_server())
    return match[2]
