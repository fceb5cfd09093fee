"""The note to who has gone on to other things: an answer that took long is there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.jobs import queue
from mmapp.jobs.queue import Claim
from mmapp.models import PersonSettings
from mmapp.texts import ask as texts

LATE = timedelta(seconds=60)


def note(session: Session, claimed: Claim, link: str) -> None:
    """One direct message with the answer's link, where a command in a channel was answered late and its asker wants it.

    In the caller's transaction, which ends the delivery: it is said once.
    """
    payload = claimed.payload
    waited = timedelta(milliseconds=clock(session).timestamp() * 1000 - payload.asked_at)
    by_command_in_a_channel = payload.response_url and payload.to_channel == payload.channel_id
    if not by_command_in_a_channel or payload.direct or waited < LATE:
        return
    settings = session.get(PersonSettings, payload.person_id)
    if settings is None or settings.note_when_late:
        queue.tell(session, claimed.request_id, texts.ready_now(link), directly=True)
