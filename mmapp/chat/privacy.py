"""Whose posts are not read, and which channels are not: asked of the database for each request, applied by read.py alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.models import ClosedChannel, PersonSettings

PEOPLE, CHANNEL = "people", "channel"  # what does not want to be read, as an answer's provenance names it


@dataclass(frozen=True)
class Privacy:
    """People who do not want to be read, and channels whose admins do not want them to be."""

    people: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    @classmethod
    def of(cls, session: Session) -> Self:
        people = session.scalars(select(PersonSettings.person_id).where(PersonSettings.unread))
        channels = session.scalars(select(ClosedChannel.channel_id))
        return cls(frozenset(people), frozenset(channels))
