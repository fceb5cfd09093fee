"""What becomes of each time that a digest was due, and what the next one goes on from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Exists, exists, func, select
from sqlalchemy.orm import Session, aliased

from mmapp import items, nodes
from mmapp.db import clock
from mmapp.errors import NoModel, Nothing, Refused
from mmapp.jobs import owners, queue, troubles
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.owners import Trouble
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING, OPEN, WRITING
from mmapp.models import Conversation, Digest, DigestRun, Job, Message
from mmapp.texts import digest_post as post_texts
from mmapp.texts import digest_run as texts

log = structlog.get_logger()

LATE = timedelta(minutes=5)
SHARED = nodes.KEPT  # of what has ended earlier nothing is noted any more


# Its window


def open_window(session: Session, claimed: Claim, until: int, length: int) -> tuple[int, int] | None:
    """From and until when it reads (ms): to the newest message, `until`, and from where the one before has ended, or where it
    is not 0, as long as `length`. None while another one of the same digest is still being made: what that one tells is not
    known yet. In the caller's transaction."""
    run = session.get_one(DigestRun, claimed.request_id)
    digest = session.get_one(Digest, run.digest_id, with_for_update=True)
    if not run.preview and session.scalar(select(_is_being_made(run))):
        return None
    run.since, run.until = max(until - length, 0) if length else digest.read_until + 1, until
    return run.since, run.until


def waits(session: Session, run: DigestRun) -> bool:
    """Whether another one of the same digest is still being made, which a preview does not wait for."""
    return not run.preview and bool(session.scalar(select(_is_being_made(run))))


def _is_being_made(run: DigestRun) -> Exists:
    """Whether another run of the same digest has begun, and has something left to be done."""
    other = aliased(DigestRun)
    working = exists().where(Job.request_id == other.request_id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    same = (other.digest_id == run.digest_id, other.request_id != run.request_id, ~other.preview)
    return exists().where(*same, other.state == "planned", other.until > 0, working)


def cut_back(session: Session, claimed: Claim, unread_at: int | None) -> None:
    """It was broken off: what is told ends before the first message that was not read (ms), so that the next one reads that.

    Of several channels the one may be read to its end and the next not at all: then the first is told twice, since it is
    known already and costs nothing, and nothing of the other is left out.
    """
    if unread_at is not None:
        run = session.get_one(DigestRun, claimed.request_id)
        run.until = min(run.until, unread_at - 1)


def breaks(worker: Worker, payload: Payload) -> list[int]:
    """When earlier digests of these channels ended (ms, in order): what they have summed up is not read again.

    The last of each day on its person's wall, so that hourly ones do not cut a week to pieces; and of those alone that were
    made in the same manner, since no note is shared between others.
    """
    channels = {source.channel_id for source in payload.sources}
    with worker.database.read() as session:
        mine = session.get_one(Digest, payload.digest)
        manner = (
            getattr(Digest, name) == getattr(mine, name) for name in ("kind", "length", "language", "model", "zone")
        )
        ended = select(DigestRun.until, Digest.channels).join(Digest, Digest.id == DigestRun.digest_id)
        lately = (DigestRun.state == "posted", DigestRun.ended_at > clock(session) - SHARED, ~DigestRun.preview)
        found = session.execute(ended.where(*lately, *manner)).all()
    zone = ZoneInfo(mine.zone)
    ends = sorted(until for until, read in found if channels & set(read))
    return list({datetime.fromtimestamp(until / 1000, zone).date(): until for until in ends}.values())


# Its post


def due(session: Session, request_id: str) -> datetime:
    """When it is to be posted: not before its time."""
    return session.get_one(DigestRun, request_id).due_at


def mark(session: Session, claimed: Claim) -> None:
    """Say in its receipt, the second line, that it is late or makes up for others; before anything of it is posted."""
    run, answer = session.get_one(DigestRun, claimed.request_id), session.get_one(Message, claimed.payload.answer_id)
    now, zone = clock(session), ZoneInfo(session.get_one(Digest, run.digest_id).zone)
    late = claimed.class_ != queue.PERSON and now - run.due_at > LATE
    delay = post_texts.delay(run.due_at.astimezone(zone), now.astimezone(zone), late=late, folds=run.folds)
    if delay and not answer.deleted and delay not in answer.text:
        verdict, receipt, rest = answer.text.split("\n", 2)
        answer.text = "\n".join([verdict, post_texts.with_delay(receipt, delay), rest])


def is_called_off(session: Session, claimed: Claim) -> bool:
    """Whether it was paused or removed since it was planned: nothing of it is posted then. What somebody has typed for is
    made of a paused one too."""
    digest = session.get_one(Digest, claimed.payload.digest)
    return digest.state == "removed" or (claimed.class_ != queue.PERSON and digest.state != "active")


def posted(session: Session, claimed: Claim) -> None:
    """It stands there; the next one begins where this one has ended. In the transaction that ends its delivery."""
    run = session.get_one(DigestRun, claimed.request_id)
    if run.state == "posted":  # it was written anew, or made shorter
        return
    run.state, run.ended_at = "posted", clock(session)
    question = session.get_one(Message, claimed.request_id)
    conversation = session.get_one(Conversation, question.conversation_id)
    conversation.created_at = run.ended_at  # in a direct message, what is asked next is asked about the newest
    items.sweep(session, run.digest_id)
    digest = session.get_one(Digest, run.digest_id, with_for_update=True)
    if run.preview:
        return
    digest.read_until, digest.made = max(digest.read_until, run.until), digest.made + 1
    mine = (Job.request_id == claimed.request_id, Job.kind.in_(WRITING))
    digest.seconds = max(1.0, session.scalar(select(func.sum(Job.model_seconds)).where(*mine)) or 0.0)
    owners.worked(session, digest, claimed)
    behind = run.ended_at - run.due_at
    if claimed.class_ != queue.PERSON and behind > LATE:
        digest.late += 1
        log.warning("a digest was late", digest=digest.id, seconds=round(behind.total_seconds()), folds=run.folds)


# Its other ends


def ended(session: Session, request_id: str, state: str) -> None:
    """Nothing more comes of this run."""
    run = session.get_one(DigestRun, request_id)
    if run.state == "planned":
        run.state, run.ended_at = state, clock(session)


def refused(worker: Worker, claimed: Claim, error: Refused, end: Callable[[Session, Claim], None]) -> None:
    """The `end` of a job that was refused: where somebody has to mend something first, the digest is paused; else the next one
    tells what this one would have. Raises a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        digest = session.get_one(Digest, claimed.payload.digest)
    passes = isinstance(error, Nothing | NoModel)
    trouble = None if passes else troubles.of(worker, digest, error)
    with worker.database.write() as session:
        digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
        if session.get_one(DigestRun, claimed.request_id).state != "planned":
            log.info("what was taken back meanwhile was refused", digest=digest.id)
        elif trouble:
            owners.pause(session, digest, claimed.request_id, trouble)
        elif isinstance(error, Nothing):
            _nothing(session, digest, claimed)
        else:
            why = ("no model", texts.no_model()) if isinstance(error, NoModel) else ("unsettled", texts.unsettled())
            owners.missed(session, digest, claimed, *why)
        ended(session, claimed.request_id, "failed")
        end(session, claimed)


def _nothing(session: Session, digest: Digest, claimed: Claim) -> None:
    """Too little was said: that is no news to anybody but to who has typed for it."""
    ended(session, claimed.request_id, "quiet")
    if claimed.class_ == queue.PERSON:
        owners.nothing_new(session, digest, claimed)


def without_its_bot(session: Session, claimed: Claim) -> None:
    """The bot that made it is none of ours any more."""
    digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
    owners.pause(session, digest, claimed.request_id, Trouble("bot", texts.bot_gone(digest.id, digest.bot)))
    ended(session, claimed.request_id, "failed")


def failed(session: Session, claimed: Claim, why: str) -> None:
    """Something went wrong that the next one may not meet; `why` in a few words, for its person."""
    if session.get_one(DigestRun, claimed.request_id).state != "planned":  # it was taken back meanwhile
        return
    digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
    owners.missed(session, digest, claimed, "failed", why)
    ended(session, claimed.request_id, "failed")
