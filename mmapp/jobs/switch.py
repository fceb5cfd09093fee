"""`/ai on` and `/ai off`, done: Mattermost is asked who may, then it holds, and who typed it reads what is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import structlog
from sqlalchemy.orm import Session

from mmapp import access
from mmapp.chat import audience
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound
from mmapp.models import ChannelSettings
from mmapp.texts import access as texts

log = structlog.get_logger()

PATIENCE = timedelta(minutes=10)  # for an admin to switch it on where the bot is, and nobody has yet


class Bot(Enum):
    """Where the bot is, seen from a channel: in it, in it since just now, or outside of a private one."""

    INSIDE = auto()
    JOINED = auto()
    OUTSIDE = auto()


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Do what the verb says. Raises Refused where this person may not, a MattermostError or LeaseLost."""
    payload = claimed.payload
    bot = _come_in(worker, claimed)
    may = audience.may_manage(worker.client, payload.channel_id, payload.person_id)
    if bot is Bot.JOINED and not (may and payload.verb == "on"):
        go(worker, payload.channel_id)
        _no_more_to_leave(worker, payload.channel_id)
    if not may and bot is not Bot.OUTSIDE:
        raise Refused(texts.no_admin())
    with worker.database.write() as session:
        if may:
            sentence = hold(session, worker, payload)
            beside = texts.please_invite(worker.bot) if bot is Bot.OUTSIDE and payload.verb == "on" else ""
            queue.tell(session, claimed.request_id, " ".join(filter(None, (sentence, beside))))
            queue.finish(session, claimed)
        else:
            _wish(session, worker, claimed)
    if not may and audience.is_inside(worker.client, payload.channel_id, worker.bot_id):
        _look_again(worker, claimed)


def hold(session: Session, worker: Worker, payload: Payload) -> str:
    """Let it be so from when it was typed, unless something was typed later; the sentence that says what is in force."""
    at = datetime.fromtimestamp(payload.asked_at / 1000, UTC)
    known = session.get(ChannelSettings, payload.channel_id)
    found = known or ChannelSettings(channel_id=payload.channel_id, public=access.EVERYONE)
    if known is None or known.set_at <= at:
        found.on, found.public = payload.verb == "on", payload.public or found.public
        found.set_by, found.set_at = payload.person_id, at
        session.add(found)
        log.info("switched", verb=payload.verb, channel=payload.channel_id, public=found.public)
    if found.on:
        queue.settle(session, "leave", payload.channel_id)
    return texts.on(found.public, worker.bot) if found.on else texts.off(worker.bot)


def go(worker: Worker, channel_id: str) -> None:
    """Leave a channel. One that nobody can leave, or that the bot is not in any more, is none to be left."""
    try:
        worker.client.leave(channel_id, worker.bot_id)
    except (BadRequest, Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.info("a channel could not be left", channel=channel_id, why=str(error))


def leave_later(session: Session, worker: Worker, claimed: Claim) -> None:
    """Have the bot leave a channel when its time is over, unless it is switched on by then. The last such wish holds."""
    channel_id = claimed.payload.channel_id
    queue.settle(session, "leave", channel_id, bot=worker.bot)
    run_at = clock(session) + PATIENCE
    queue.enqueue(session, "leave", "admit", claimed.payload, request_id=claimed.request_id, run_at=run_at)


def _come_in(worker: Worker, claimed: Claim) -> Bot:
    """Who is an admin of a channel is told to its members alone. A public one can be joined.

    That it is to be left again is written down first: whoever goes on after an outage or a death finds the bot inside,
    and cannot know that it has just come.
    """
    channel_id = claimed.payload.channel_id
    if audience.is_inside(worker.client, channel_id, worker.bot_id):
        return Bot.INSIDE
    with worker.database.write() as session:
        leave_later(session, worker, claimed)
    try:
        worker.client.join(channel_id, worker.bot_id)
    except Forbidden as error:
        if not error.own:
            raise
        _no_more_to_leave(worker, channel_id)
        return Bot.OUTSIDE
    return Bot.JOINED


def _no_more_to_leave(worker: Worker, channel_id: str) -> None:
    with worker.database.write() as session:
        queue.settle(session, "leave", channel_id, bot=worker.bot)


def _wish(session: Session, worker: Worker, claimed: Claim) -> None:
    """Keep the wish of whoever may be an admin, or let go of one; each person of a channel can have one."""
    payload = claimed.payload
    had_one = queue.settle(session, "on", payload.channel_id, of=queue.KEPT, person_id=payload.person_id)
    if payload.verb == "on":
        sentence = texts.wish_kept(worker.bot)
    else:
        sentence = texts.wish_withdrawn() if had_one else texts.unseen(worker.bot)
    queue.tell(session, claimed.request_id, sentence)
    queue.finish(session, claimed, queue.KEPT if payload.verb == "on" else "done")


def _look_again(worker: Worker, claimed: Claim) -> None:
    """The bot was invited while we looked, and whoever handled that may not have seen the wish."""
    payload = claimed.payload
    with worker.database.write() as session:
        if queue.settle(session, "on", payload.channel_id, of=queue.KEPT, person_id=payload.person_id):
            queue.enqueue(session, "on", "admit", payload, request_id=claimed.request_id)
