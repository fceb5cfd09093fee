"""The bot is added to a channel, or removed from one."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from mmapp import choice, items, nodes
from mmapp.db import clock
from mmapp.jobs import queue, refusal, tick, waiting
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import STOPPABLE
from mmapp.listen.ear import Ear
from mmapp.mattermost.event_kinds import Left
from mmapp.mattermost.payloads import Post
from mmapp.models import Digest, Job, Message, new_id
from mmapp.texts import access as texts

log = structlog.get_logger()

ADDED = "system_add_to_channel"  # a type that nobody can give a post of his own


def is_invitation(ear: Ear, post: Post) -> bool:
    """Whether the server says by this post that somebody has added the bot to a channel."""
    return post.type == ADDED and post.props.get("addedUserId") == ear.bot_id and post.user_id != ear.bot_id


def invited(ear: Ear, post: Post) -> None:
    """The worker looks what is wished for there. Heard twice, by two listeners or after a gap, it is done once."""
    key = f"invited:{ear.bot}:{post.id}"
    inviter = ear.user(post.user_id).username
    with ear.database.write() as session:
        if waiting.is_known(session, key):
            return
        now = clock(session)
        request = Message(
            id=new_id(),
            role="question",
            bot=ear.bot,
            person_id=post.user_id,
            person_name=inviter,
            text="",
            created_at=now,
        )
        session.add(request)
        session.flush()
        payload = Payload(bot=ear.bot, person_id=post.user_id, person_name=inviter, channel_id=post.channel_id)
        queue.enqueue(session, "invited", "admit", payload, request_id=request.id, dedupe_key=key)
    log.info("added to a channel", channel=post.channel_id)


def left(ear: Ear, event: Left) -> None:
    """What waits for a channel that the bot is no longer in ends, and its askers are told. What runs is delivered. Digests that
    were posted there for who has gone, or by the bot, are looked at."""
    _look_at_digests(ear, event)
    if event.user_id != ear.bot_id:
        return
    is_heard = ear.is_another_inside(event.channel_id)
    with ear.database.write() as session:
        for request_id, payload in _waiting(session, ear.bot, event.channel_id):
            sentence = refusal.with_words(session, request_id, payload, texts.removed(ear.bot))
            if queue.stop(session, request_id, keep=False):
                queue.tell(session, request_id, sentence, directly=True)
        for request_id, payload in _queued(session, ear.bot, event.channel_id, "choose"):
            sentence = refusal.with_words(session, request_id, payload, texts.not_chosen(ear.bot))
            queue.tell(session, request_id, sentence, directly=True)
        queue.settle(session, "choose", event.channel_id, bot=ear.bot)
        if not is_heard:  # what is deleted there: what is kept of it is no single bot's
            _drop(session, event.channel_id)
        queue.settle(session, "leave", event.channel_id, bot=ear.bot)
        queue.settle(session, "on", event.channel_id, of=queue.KEPT, bot=ear.bot)
    log.info("removed from a channel", channel=event.channel_id)


def missed(ear: Ear) -> None:
    """What is kept of channels that our last bot was removed from while nobody listened goes. One that is back reads what was
    deleted meanwhile."""
    with ear.database.read() as session:
        kept = nodes.noted_channels(session) | items.channels(session) | choice.of_threads(session)
    if not kept:
        return
    for channel_id in sorted(kept - {channel.id for channel in ear.client.channels()}):
        if ear.is_inside(channel_id) or ear.is_another_inside(channel_id):  # archived channels are not listed
            continue
        with ear.database.write() as session:
            _drop(session, channel_id)
        log.info("removed from a channel while nobody listened", channel=channel_id)


def _drop(session: Session, channel_id: str) -> None:
    """All that is kept of a channel goes."""
    nodes.drop_channel(session, channel_id)
    items.drop_channel(session, channel_id)
    choice.drop_channel(session, channel_id)


def _look_at_digests(ear: Ear, event: Left) -> None:
    """By a worker, who asks whether they may still be made. Heard by two listeners they are looked at twice, and paused once."""
    whose = Digest.bot == ear.bot if event.user_id == ear.bot_id else Digest.person_id == event.user_id
    here = select(Digest).where(Digest.to_channel == event.channel_id, Digest.state == "active", whose)
    with ear.database.read() as session:
        if session.scalar(here.limit(1)) is None:
            return
    with ear.database.write() as session:
        for digest in session.scalars(here):
            tick.examine(session, digest)


def _waiting(session: Session, bot: str, channel_id: str) -> list[tuple[str, Payload]]:
    """Requests that wait and read this channel, or are to be answered in it; a private one can do without. No digest: what
    becomes of it is told when it is looked at."""
    return [
        (request_id, payload)
        for request_id, payload in _queued(session, bot, channel_id, *STOPPABLE)
        if not payload.digest
        if channel_id in _touched(payload) or not (payload.private or payload.to_channel)
    ]


def _queued(session: Session, bot: str, channel_id: str, *kinds: str) -> list[tuple[str, Payload]]:
    """What waits there for this bot, of these kinds, and has no words yet."""
    jobs = select(Job).options(defer(Job.payload), defer(Job.words))
    here = (Job.channel_id == channel_id, Job.kind.in_(kinds), Job.state == "queued", Job.words.is_(None))
    mine = jobs.join(Message, Message.id == Job.request_id).where(*here, Message.bot == bot)
    return [(job.request_id, Payload.of(job)) for job in session.scalars(mine.order_by(Job.id))]


def _touched(payload: Payload) -> set[str]:
    """The channels that it reads, and the one in which it is answered."""
    return {payload.to_channel, *(source.channel_id for source in payload.sources)}
