"""What a request reads, fetched for it: rights are asked for again each time, since meanwhile they may be lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.chat import audience, read
from mmapp.chat.privacy import CHANNEL, PEOPLE, Privacy
from mmapp.chat.source import Source
from mmapp.errors import Gone, Refused, TooMuch
from mmapp.jobs import allowed, readers
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import Forbidden, NotFound, TooMany
from mmapp.mattermost.payloads import Member, Post
from mmapp.models import Message
from mmapp.texts import ask as texts
from mmapp.texts import summarize as summary_texts


@dataclass(frozen=True)
class Sought:
    """The posts of all sources, one after the other; how many there are that their people do not want read; and how many
    sources are `closed`, as their channels' admins want it."""

    posts: list[Post]
    withheld: int = 0
    closed: int = 0

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of it does not want to be read, as an answer's provenance names it."""
        return (*([PEOPLE] if self.withheld else []), *([CHANNEL] if self.closed else []))


def afresh(worker: Worker, payload: Payload) -> Sought:
    """Everything that the request reads, once it was looked whether it may still be asked for at its place. Nothing is joined for
    it: that was done when it was asked for, and who took the bot out since wants it out.

    Raises as `posts` does.
    """
    member = allowed.require_place(worker, payload)
    with worker.database.read() as session:
        privacy = Privacy.of(session)
    return posts(worker, payload, member, privacy)


def posts(worker: Worker, payload: Payload, member: Member | None, privacy: Privacy) -> Sought:
    """Everything that the request reads; `member` is the asker's membership of the channel that it was asked in.

    Raises Refused where the asker may not read it any more, TooMuch and Gone.
    """
    readers.require_others(worker, payload, {source.channel_id for source in payload.sources})
    found: dict[str, Post] = {}
    withheld = closed = 0
    for source in payload.reads:
        got = _one(worker, payload, source, member, privacy)
        found |= {post.id: post for post in got.posts}
        withheld, closed = withheld + got.withheld, closed + got.closed
    return Sought(list(found.values()), withheld, closed)


def goes_on(worker: Worker, payload: Payload, asked_by: str) -> bool:
    """Whether anything to be read has come since the last message that it reads, but for the post that it was `asked_by`. Its
    rights were looked at."""
    with worker.database.read() as session:
        privacy = Privacy.of(session)
    last = payload.until
    newer = [replace(one, since=max(one.since, last + 1)) for one in payload.sources if one.until > last]
    try:
        found = [post.id for one in newer for post in read.source(worker.client, one, worker.bot_id, privacy).posts]
    except TooMany:
        return True
    return any(post_id != asked_by for post_id in found)


def read_until(session: Session, claimed: Claim) -> float:
    """The newest post that is read (ms): what an old answer had not read, a new one does not read either. So a model has read
    everything already, and later questions keep their places."""
    answer = session.scalar(select(Message).where(Message.question_id == claimed.request_id))
    return answer.read_until if claimed.payload.rewrite and answer else math.inf


def _one(worker: Worker, payload: Payload, source: Source, member: Member | None, privacy: Privacy) -> read.Found:
    is_reader = member is not None and member.channel_id == source.channel_id
    reads = is_reader or audience.reads(worker.client, source.channel_id, payload.person_id)
    if reads is False:
        raise Refused(texts.not_a_member(goes_on=payload.goes_on))
    if reads is None:
        raise Gone(_why_gone(worker, payload, inside=False))
    try:
        return read.source(worker.client, source, worker.bot_id, privacy, payload.post_id)
    except TooMany:
        raise TooMuch(_too_many(payload)) from None
    except (NotFound, Forbidden) as error:
        if not error.own:
            raise
        # On 5.37 who is no member of a public channel reads single threads of it, and no more.
        inside = isinstance(error, NotFound) or audience.is_inside(worker.client, source.channel_id, worker.bot_id)
        raise Gone(_why_gone(worker, payload, inside=inside)) from None


def _why_gone(worker: Worker, payload: Payload, *, inside: bool) -> str:
    if inside:
        return texts.thread_gone(goes_on=payload.goes_on)
    return texts.cannot_see(worker.bot, goes_on=payload.goes_on)


def _too_many(payload: Payload) -> str:
    """A question below a summary cannot choose what it reads."""
    if payload.is_summary:
        return summary_texts.too_many(read.MOST_POSTS)
    return texts.too_far_back(goes_on=payload.goes_on)
