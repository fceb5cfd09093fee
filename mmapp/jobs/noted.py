"""What was noted of parts of summaries, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from mmapp import nodes
from mmapp.chat.notes import Notes
from mmapp.chat.privacy import Privacy
from mmapp.chat.read import Said
from mmapp.chat.summary import Node
from mmapp.db import Database


class Noted:
    """What a summary asks for its nodes (chat/summary.py)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, keys: Sequence[str]) -> Mapping[str, Notes]:
        """Notes by key."""
        readable = ((key, _readable(text)) for key, text in nodes.find(self._database, keys).items())
        return {key: found for key, found in readable if found is not None}


def _readable(text: str) -> Notes | None:
    """None for what another version has noted in another form: it is noted anew."""
    try:
        return Notes.from_json(text)
    except (ValueError, KeyError, TypeError):
        return None


def keep(session: Session, node: Node, posts: Sequence[Said]) -> None:
    """Keep a node, made from these posts; not where meanwhile one of their people does not want to be read any more."""
    privacy = Privacy.of(session)
    if any(post.person_id in privacy.people or post.channel_id in privacy.channels for post in posts):
        return
    times: dict[str, list[int]] = {}
    for post in posts:
        times.setdefault(post.channel_id, []).append(post.at)
    spans = {channel_id: (min(found), max(found)) for channel_id, found in times.items()}
    nodes.keep(session, node.key, node.notes.to_json(), spans)
