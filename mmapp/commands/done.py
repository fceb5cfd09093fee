"""What digests tell again is done: ticked off in the dialog of Done…, or by a ✅ under the message that says it. The posts that
told it show so."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import items
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.models import Message


def close(session: Session, ids: Collection[str], person_id: str, *, emoji: str = "", under: str = "") -> set[str]:
    """They are done, says this person; those that were open until now. `under`: the digest in which it was said."""
    closed = items.close(session, ids, person_id, emoji)
    _show(session, closed, person_id, under)
    return closed


def reopen(session: Session, ids: Collection[str], person_id: str) -> None:
    """They are not done after all."""
    items.reopen(session, ids)
    _show(session, ids, person_id)


def _show(session: Session, ids: Collection[str], person_id: str, under: str = "") -> None:
    """In the newest digest, and where it was said."""
    requests = items.newest_told(session, ids) | ({under} if under and ids else set())
    for request_id in sorted(requests):
        bot = session.scalars(select(Message.bot).where(Message.id == request_id)).one()
        payload = Payload(bot=bot, person_id=person_id)
        queue.enqueue(session, "done", "admit", payload, request_id=request_id)
