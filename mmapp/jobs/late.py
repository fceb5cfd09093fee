"""The note to who has gone on to other things: an answer that took long is there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.jobs import queue
from mmapp.jobs.claim import Claim
from mmapp.models import PersonSettings
from mmapp.texts import ask as texts
from mmapp.texts import more as more_texts

LATE = timedelta(seconds=60)


def note(session: Session, claimed: Claim, link: str) -> None:
    """One direct message with the answer's link, where a command in a channel was answered late and its asker wants it;
    and the link to who had an answer shared.

    In the caller's transaction, which ends the delivery: it is said once.
    """
    payload = claimed.payload
    if payload.shared:
        queue.tell(session, claimed.request_id, more_texts.shared(link), directly=True)
        return
    waited = timedelta(milliseconds=clock(session).timestamp() * 1000 - payload.asked_at)
    by_command_in_a_channel = payload.response_url and payload.to_channel == payload.channel_id
    if not by_command_in_a_channel or payload.direct or waited < LATE:
        return
    if PersonSettings.of(session, payload.person_id).note_when_late:
        queue.tell(session, claimed.request_id, texts.ready_now(link), directly=True)
