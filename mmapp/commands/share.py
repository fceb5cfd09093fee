"""Sharing a private answer: it is posted where others read, if all of them may read what was read for it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.errors import Faults
from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import WRITING
from mmapp.mattermost.channel_names import is_direct
from mmapp.models import Job
from mmapp.texts import more as texts


def enqueue(session: Session, request_id: str, channel_id: str, from_channel: str) -> None:
    """Have it shared in a channel, or where it was asked; `from_channel` is where its person is. Raises Faults.

    The worker looks whether it may be.
    """
    answered = select(Job).where(Job.request_id == request_id, Job.kind.in_(WRITING)).order_by(Job.id.desc())
    before = Payload.of(session.scalars(answered.limit(1)).one())
    to_channel, to_root = _place(before, channel_id)
    payload = before.but(
        to_channel=to_channel,
        to_root=to_root,
        channel_id=from_channel,
        root_id="",
        response_url="",
        post_id="",
        direct=False,
        verb="",
        rewrite="",
        digest=0,
        asked_at=round(clock(session).timestamp() * 1000),
    )
    queue.enqueue(session, "share", "admit", payload, request_id=request_id)


def _place(before: Payload, wanted: str) -> tuple[str, str]:
    """In its thread, where the answer has read one of that channel; else in the channel."""
    read = before.thread_read
    if read and wanted in ("", read.channel_id):
        return read.channel_id, read.root_id
    if not wanted and is_direct(before.channel_name):
        raise Faults(channel=texts.nowhere())
    return wanted or before.channel_id, ""
