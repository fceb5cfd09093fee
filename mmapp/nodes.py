"""The parts of summaries that are kept: found again by what they were made from, and gone with it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mmapp.db import Database, clock
from mmapp.errors import WrongKey
from mmapp.models import Node, NodeSpan

BATCH = 500  # keys of one statement
KEPT = timedelta(days=14)  # since it was of use last
EVERY = 3600.0  # seconds between two looks for old ones


def find(database: Database, keys: Sequence[str]) -> dict[str, str]:
    """Those of these keys that are there, and from now on of use again."""
    found: dict[str, str] = {}
    with database.read() as session:
        for start in range(0, len(keys), BATCH):
            wanted = Node.key.in_(keys[start : start + BATCH])
            found |= _readable(session, list(session.scalars(select(Node.key).where(wanted))))
    if found:
        with database.write() as session:
            _touch(session, list(found))
    return found


def _readable(session: Session, keys: list[str]) -> dict[str, str]:
    """One that was kept under a key that is gone is written anew."""
    found = {}
    for key in keys:
        try:
            found[key] = session.scalars(select(Node.notes).where(Node.key == key)).one()
        except WrongKey:
            continue
    return found


def keep(session: Session, key: str, notes: str, spans: Mapping[str, tuple[int, int]]) -> None:
    """Keep one, with when its posts were made in each channel: the first and the last (ms)."""
    session.merge(Node(key=key, notes=notes, used_at=clock(session)))
    session.flush()
    for channel_id, (first_at, last_at) in spans.items():
        session.merge(NodeSpan(node_key=key, channel_id=channel_id, first_at=first_at, last_at=last_at))


def is_noted(session: Session, channel_id: str, at: int) -> bool:
    """Whether a node may hold a post of that channel and time (ms)."""
    over = (NodeSpan.channel_id == channel_id, NodeSpan.first_at <= at, NodeSpan.last_at >= at)
    return session.scalar(select(NodeSpan.node_key).where(*over).limit(1)) is not None


def noted_channels(session: Session) -> set[str]:
    """The channels that some node has read."""
    return set(session.scalars(select(NodeSpan.channel_id).distinct()))


def drop_around(session: Session, channel_id: str, *times: int) -> None:
    """Drop every node that may hold a post of that channel and one of these times (ms): it was deleted, or says something
    else now."""
    at = sorted(times)
    over = (NodeSpan.channel_id == channel_id, NodeSpan.first_at <= at[-1], NodeSpan.last_at >= at[0])
    spans = session.execute(select(NodeSpan.node_key, NodeSpan.first_at, NodeSpan.last_at).where(*over))
    _drop(session, [key for key, first, last in spans if bisect_left(at, first) < bisect_right(at, last)])


def drop_since(session: Session, channel_id: str, at: int) -> None:
    """Drop every node that has read something of a channel from then on (ms): a thread went with its root."""
    later = (NodeSpan.channel_id == channel_id, NodeSpan.last_at >= at)
    _drop(session, list(session.scalars(select(NodeSpan.node_key).where(*later))))


def drop_channel(session: Session, channel_id: str) -> None:
    """Drop every node that has read this channel."""
    _drop(session, list(session.scalars(select(NodeSpan.node_key).where(NodeSpan.channel_id == channel_id))))


def drop_all(session: Session) -> None:
    """Drop them all: somebody wants to be read no more, and no node tells whom it has read."""
    session.execute(delete(NodeSpan))
    session.execute(delete(Node))


def sweep(database: Database) -> None:
    """Drop those that have been of no use for long."""
    with database.write() as session:
        old = select(Node.key).where(Node.used_at < clock(session) - KEPT)
        _drop(session, list(session.scalars(old)))


def _touch(session: Session, keys: list[str]) -> None:
    for start in range(0, len(keys), BATCH):
        which = Node.key.in_(keys[start : start + BATCH])
        session.execute(update(Node).where(which).values(used_at=clock(session)))


def _drop(session: Session, keys: list[str]) -> None:
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        session.execute(delete(NodeSpan).where(NodeSpan.node_key.in_(some)))
        session.execute(delete(Node).where(Node.key.in_(some)))
