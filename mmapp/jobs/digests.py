"""What becomes of each time that a digest was due, and what the next one goes on from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Exists, exists, func, select
from sqlalchemy.orm import Session, aliased

from mmapp import items, nodes
from mmapp.chat.summary import Summary
from mmapp.db import clock
from mmapp.errors import NoModel, Nothing, Refused, Silence, Unposted
from mmapp.jobs import owners, troubles
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.owners import Trouble
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING, WRITING
from mmapp.models import OPEN, Conversation, Digest, DigestRun, Job, Message
from mmapp.schedule import Schedule
from mmapp.texts import digest_obstacles as obstacle_texts
from mmapp.texts import digest_post as post_texts
from mmapp.texts import digest_run as texts

log = structlog.get_logger()

LATE = timedelta(minutes=5)
SHARED = nodes.KEPT  # of what has ended earlier nothing is noted any more
WINDOWS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}  # by the clock on its person's wall


# Its window


def open_window(session: Session, claimed: Claim, until: int, ahead: timedelta) -> tuple[int, int] | None:
    """From and until when it reads (ms, by Mattermost's clock, which is so much `ahead` of the database's): to the newest
    message that there is now, `until`. None while another one of the same digest is still being made: what that one tells is
    not known yet. In the caller's transaction."""
    run = session.get_one(DigestRun, claimed.request_id)
    digest = session.get_one(Digest, run.digest_id, with_for_update=True)
    if waits(session, run):
        return None
    run.since, run.until = _since(session, digest, run, ahead), until
    return run.since, run.until


def _since(session: Session, digest: Digest, run: DigestRun, ahead: timedelta) -> int:
    """From where the one before has ended; a day or a week back from the time of this one, and where it makes up for others
    from the first of them, but not to what was told. What was said while one that was due in there was made is told too: that
    was told by none."""
    if digest.window not in WINDOWS:
        return digest.read_until + 1
    first = _begin(digest, run.first_at)
    begin, missed = (_milliseconds(each + ahead) for each in (_begin(digest, run.due_at), first))
    others = (DigestRun.digest_id == digest.id, DigestRun.request_id != run.request_id, ~DigestRun.preview)
    # What was typed for since begins later, and what was taken back was told by none.
    before = (*others, DigestRun.state == "posted", DigestRun.since <= missed)
    since = min(begin, max(missed, (session.scalar(select(func.max(DigestRun.until)).where(*before)) or 0) + 1))
    lately = (*others, DigestRun.until > 0, DigestRun.due_at >= first)
    if session.scalar(select(exists().where(*lately, DigestRun.state == "posted"))):
        since = min(since, digest.read_until + 1)
    one_before = (*lately, DigestRun.due_at < run.first_at, ~DigestRun.typed)
    last = session.scalar(select(func.max(DigestRun.until)).where(*one_before))
    return since if last is None else min(since, last + 1)


def _begin(digest: Digest, due_at: datetime) -> datetime:
    """Of the day or the week that ends then, by its own time of day also where spring has left that out, and the wall shows
    another."""
    zone, due = ZoneInfo(digest.zone), Schedule(digest.line, digest.zone).at(due_at)
    wall = due.wall.replace(tzinfo=zone) if due else due_at.astimezone(zone)
    return (wall - WINDOWS[digest.window]).astimezone(UTC)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def waits(session: Session, run: DigestRun) -> bool:
    """Whether another one of the same digest is still being made, which a preview does not wait for."""
    return not run.preview and bool(session.scalar(select(_is_being_made(run))))


def _is_being_made(run: DigestRun) -> Exists:
    """Whether another run of the same digest has begun, and has something left to be done."""
    other = aliased(DigestRun)
    working = exists().where(Job.request_id == other.request_id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    same = (other.digest_id == run.digest_id, other.request_id != run.request_id, ~other.preview)
    return exists().where(*same, other.state == "planned", other.until > 0, working)


def cut_back(session: Session, claimed: Claim, summary: Summary) -> None:
    """Where it was broken off, what is told ends before the first message that was not read, so that the next one reads that.
    What comes later, and is told all the same since it was known, that one tells again."""
    run = session.get_one(DigestRun, claimed.request_id)
    run.until = summary.told_until(run.until)


def uncut(session: Session, claimed: Claim) -> None:
    """It is made again, and of its whole window: what was left to the next one is its own again."""
    run = session.get_one(DigestRun, claimed.request_id)
    run.until = max(source.until for source in claimed.payload.sources)


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
    """Say in its receipt, the second line, that it is late, or that others were which it makes up for; before anything of it is
    posted."""
    run, answer = session.get_one(DigestRun, claimed.request_id), session.get_one(Message, claimed.payload.answer_id)
    now, zone = clock(session), ZoneInfo(session.get_one(Digest, run.digest_id).zone)
    due_at, first_at = (at.astimezone(zone) for at in (run.due_at, run.first_at))
    late = not run.typed and now - run.due_at > LATE
    delay = post_texts.delay(due_at, now.astimezone(zone), late=late, folds=run.folds, first=first_at)
    said = answer.provenance.get("delay", "")  # by an attempt before this one: by now it is later
    if delay != said and not answer.deleted:
        verdict, receipt, rest = answer.text.split("\n", 2)
        answer.text = "\n".join([verdict, post_texts.with_delay(receipt, delay, said), rest])
        answer.provenance = answer.provenance | {"delay": delay}


def is_called_off(session: Session, claimed: Claim) -> bool:
    """Whether it was paused or removed since it was planned: nothing of it is posted then. What somebody has typed for is
    made of a paused one too."""
    digest, run = session.get_one(Digest, claimed.payload.digest), session.get_one(DigestRun, claimed.request_id)
    return digest.state == "removed" or (not run.typed and digest.state != "active")


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
    if _was_late(run, run.ended_at):
        digest.late += 1


def _was_late(run: DigestRun, ended_at: datetime) -> bool:
    """Whether it has ended late, however it did, for its own time or the first that it makes up for: that is logged. What
    somebody has typed for has no time of its own."""
    behind = ended_at - run.first_at
    if run.typed or behind <= LATE:
        return False
    seconds = round(behind.total_seconds())
    log.warning("a digest was late", digest=run.digest_id, ended=run.state, seconds=seconds, folds=run.folds)
    return True


# Its other ends


def ended(session: Session, request_id: str, state: str) -> None:
    """Nothing more comes of this run."""
    run = session.get_one(DigestRun, request_id)
    if run.state == "planned":
        run.state, run.ended_at = state, clock(session)
        if state != "stopped":  # what nobody wants any more is awaited by nobody
            _was_late(run, run.ended_at)


def refused(worker: Worker, claimed: Claim, error: Refused, end: Callable[[Session, Claim], None]) -> None:
    """The `end` of a job that was refused: where somebody has to mend something first, the digest is paused; else the next one
    tells what this one would have. Raises a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        digest = session.get_one(Digest, claimed.payload.digest)
        preview = session.get_one(DigestRun, claimed.request_id).preview
    # That a preview does not reach its person says nothing of where the others are posted.
    passes = isinstance(error, Nothing | NoModel) or (preview and isinstance(error, Unposted))
    trouble = None if passes else troubles.of(worker, digest, error)
    with worker.database.write() as session:
        digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
        run = session.get_one(DigestRun, claimed.request_id)
        if run.state != "planned":
            log.info("what was taken back meanwhile was refused", digest=digest.id)
        elif trouble:
            _pause(session, digest, claimed, trouble)
        elif isinstance(error, Nothing):
            _nothing(session, digest, claimed, error)
        else:
            owners.missed(session, digest, claimed, *_why(worker, error), typed=run.typed)
        ended(session, claimed.request_id, "failed")
        end(session, claimed)


def _why(worker: Worker, error: Refused) -> tuple[str, str]:
    """Of a kind, and in words: why it is not made this time."""
    if isinstance(error, NoModel):
        return "no model", texts.no_model()
    if isinstance(error, Unposted):
        return "unsent", texts.preview_unsent(worker.bot)
    return "refused", error.sentence.rstrip(".")


def _pause(session: Session, digest: Digest, claimed: Claim, trouble: Trouble) -> None:
    told = owners.pause(session, digest, claimed.request_id, trouble)
    if session.get_one(DigestRun, claimed.request_id).typed:
        owners.turned_down(session, digest, claimed, trouble, told=told)


def _nothing(session: Session, digest: Digest, claimed: Claim, error: Nothing) -> None:
    """Too little was said: that is no news to anybody but to who has typed for it. Where nobody has said anything since the last
    one, the next one goes on from here: what bots write would be looked through each time anew, and be too much at last."""
    run = session.get_one(DigestRun, claimed.request_id)
    if isinstance(error, Silence) and run.state == "planned" and run.since <= digest.read_until + 1:
        digest.read_until = max(digest.read_until, run.until)
    ended(session, claimed.request_id, "quiet")
    if run.typed:
        owners.nothing_new(session, digest, claimed)


def without_its_bot(session: Session, claimed: Claim) -> None:
    """The bot that made it is none of ours any more."""
    digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
    _pause(session, digest, claimed, Trouble("bot", obstacle_texts.bot_gone(digest.id, digest.bot)))
    ended(session, claimed.request_id, "failed")


def failed(session: Session, claimed: Claim, why: str) -> None:
    """Something went wrong that the next one may not meet; `why` in a few words, for its person."""
    run = session.get_one(DigestRun, claimed.request_id)
    if run.state != "planned":  # it was taken back meanwhile
        return
    digest = session.get_one(Digest, claimed.payload.digest, with_for_update=True)
    owners.missed(session, digest, claimed, "failed", why, typed=run.typed)
    ended(session, claimed.request_id, "failed")
