"""What is due becomes jobs: each time of each digest exactly once, however many schedulers look."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from mmapp.jobs import queue
from mmapp.jobs.payload import Payload
from mmapp.models import Digest, DigestRun, Message, new_id
from mmapp.wanted import Wanted


def enqueue(
    session: Session,
    digest: Digest,
    key: str,
    due_at: datetime,
    *,
    now: datetime,
    run_at: datetime | None = None,
    folds: int = 0,
    preview: bool = False,
    class_: int = queue.BACKGROUND,
) -> str:
    """Have a digest made for that time, in the caller's transaction, which holds the digest's row. The id of its request."""
    request_id = new_id()
    session.add(_request(digest, request_id, now))
    session.flush()
    session.add(
        DigestRun(
            request_id=request_id,
            digest_id=digest.id,
            key=key,
            due_at=due_at,
            folds=folds,
            preview=preview,
            state="planned",
        )
    )
    queue.enqueue(
        session,
        "prepare",
        "admit",
        _payload(digest, now, private=preview or not digest.to_channel),
        request_id=request_id,
        dedupe_key=f"digest:{digest.id}:{key}",
        now=now,
        run_at=run_at,
        class_=class_,
    )
    return request_id


def _request(digest: Digest, request_id: str, now: datetime) -> Message:
    """It is its person's, as if they had typed it."""
    return Message(
        id=request_id,
        role="question",
        bot=digest.bot,
        person_id=digest.person_id,
        person_name=digest.person_name,
        text=f"digest {digest.id}",
        created_at=now,
    )


def _payload(digest: Digest, now: datetime, *, private: bool) -> Payload:
    return Payload(
        bot=digest.bot,
        person_id=digest.person_id,
        person_name=digest.person_name,
        team_id=digest.team_id,
        team_name=digest.team_name,
        channel_id="" if private else digest.to_channel,
        asked_at=round(now.timestamp() * 1000),
        private=private,
        model=digest.model,
        once=digest.model,
        verb="digest",
        digest=digest.id,
        wanted=Wanted(
            scope="channel", kind=digest.kind, length=digest.length, language=digest.language, zone=digest.zone
        ).to_json(),
    )
