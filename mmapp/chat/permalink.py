"""Permalinks: `<site>/<team>/pl/<post id>`, also with `_redirect` for the team, or a post id alone.

People paste them with a sentence's full stop, in brackets, or with what a browser put behind them.
"""

from __future__ import annotations

import re

from mmapp.errors import Refused
from mmapp.texts import ask as texts

POST_ID = re.compile(r"[a-z0-9]{26}")
PERMALINK = re.compile(r"(https?://.+)/[^/]+/pl/([a-z0-9]{26})(?![a-z0-9]).*", re.IGNORECASE)
AROUND = "<>()[]{}.,;:!?*_`'\""


def link(site_url: str, team_name: str, post_id: str) -> str:
    """A post's permalink. Without a team's name, which no event of a post holds, Mattermost finds the team itself."""
    return f"{site_url}/{team_name or '_redirect'}/pl/{post_id}"


def post_id_of(wanted: str, site_url: str) -> str:
    """The post that a person names. Raises Refused where it is no link of this server."""
    wanted = wanted.strip().strip(AROUND)
    if POST_ID.fullmatch(wanted):
        return wanted
    match = PERMALINK.fullmatch(wanted)
    if match is None:
        raise Refused(texts.no_such_thread())
    if match[1].rstrip("/").casefold() != site_url.casefold():
        raise Refused(texts.other_server())
    return match[2]
