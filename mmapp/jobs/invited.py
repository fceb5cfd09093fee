"""The bot was added to a channel: wishes that waited for it are fulfilled; where Chorus stays off, it leaves again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from mmapp import access
from mmapp.chat import audience
from mmapp.jobs import queue, switch
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.mattermost.payloads import Channel
from mmapp.models import Job, Message
from mmapp.texts import access as texts


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Look who wished for it, and may; where it stays off, tell the inviter, once. Raises a MattermostError or LeaseLost."""
    channel_id = claimed.payload.channel_id
    if not audience.is_inside(worker.client, channel_id, worker.bot_id):
        with worker.database.write() as session:
            queue.finish(session, claimed)  # taken out again meanwhile
        return
    channel = worker.client.channel(channel_id)
    with worker.database.read() as session:
        wishes = _wishes(session, channel_id)
    may = {one: audience.may_manage(worker.client, channel_id, wish.person_id) for one, wish in wishes.items()}
    with worker.database.write() as session:
        for request_id, wish in wishes.items():
            _answer(session, worker, request_id, wish, channel.display_name, may=may[request_id])
        if not access.is_on(session, worker.settings, channel_id):
            _see_off(session, worker, claimed, channel)
        queue.finish(session, claimed)


def leave(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """The time is over. Who switched it on while the bot was leaving is told. Raises a MattermostError or LeaseLost."""
    channel_id = claimed.payload.channel_id
    with worker.database.read() as session:
        on = access.is_on(session, worker.settings, channel_id)
    if not on:
        switch.go(worker, channel_id)
    inside = audience.is_inside(worker.client, channel_id, worker.bot_id)
    with worker.database.write() as session:
        if not inside and (by := access.switched_on_by(session, channel_id)):
            sentence = texts.just_left(worker.bot)
            payload = Payload(bot=worker.bot, person_id=by, channel_id=channel_id, sentence=sentence)
            queue.enqueue(session, "notify", "notify", payload, request_id=claimed.request_id)
        queue.finish(session, claimed)


def _wishes(session: Session, channel_id: str) -> dict[str, Payload]:
    """Those that are kept for a channel, by request. What was deleted is none any more, nor what cannot be read."""
    kept = select(Job).where(Job.kind == "on", Job.state == queue.KEPT, Job.channel_id == channel_id)
    kept = kept.options(defer(Job.payload), defer(Job.words))
    found = session.scalars(kept.join(Message, Message.id == Job.request_id).where(~Message.deleted).order_by(Job.id))
    payloads = {job.request_id: Payload.of(job) for job in found}
    return {request_id: wish for request_id, wish in payloads.items() if wish.verb == "on"}


def _answer(session: Session, worker: Worker, request_id: str, wish: Payload, channel: str, *, may: bool) -> None:
    """Fulfil a wish, or say why not: to who has gone on to other things."""
    if queue.settle(session, "on", wish.channel_id, of=queue.KEPT, person_id=wish.person_id):
        sentence = switch.hold(session, worker, wish) if may else texts.no_admin()
        queue.tell(session, request_id, texts.in_channel(channel, sentence), directly=True)


def _see_off(session: Session, worker: Worker, claimed: Claim, channel: Channel) -> None:
    """Mattermost lets nobody leave the channel of everybody: nothing else is said of that one than is so."""
    minutes = None if channel.is_everybody_s else round(switch.PATIENCE.total_seconds() / 60)
    sentence = texts.invited(channel.display_name, worker.bot, minutes)
    queue.tell(session, claimed.request_id, sentence, directly=True)
    if minutes:
        switch.leave_later(session, worker, claimed)
