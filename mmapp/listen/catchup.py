"""Catching up over REST with what was said while nobody listened.

`since=` selects by the time of the last change and answers at most 1,000 posts, the newest of them missing (measured):
so a channel with that many is read page by page as well. What is read twice is done once.

A channel's `last_post_at` tells of new posts alone: not of edits, deletions and reactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from mmapp import choice, items, nodes
from mmapp.db import clock
from mmapp.jobs.waiting import STOPPABLE
from mmapp.listen.ear import Ear
from mmapp.listen.mention import ADDED_LATER
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Channel, Post
from mmapp.models import OPEN, Conversation, Job, Message

log = structlog.get_logger()

OVERLAP = 60_000  # ms: two servers of one cluster may differ by so much
INCOMPLETE = 1_000  # posts, with which an answer to `since=` is not all
PAGES = 500  # of 200 posts
LATELY = timedelta(days=7)  # what was asked since may be deleted or rated where nobody says anything; a call a channel


@dataclass(frozen=True)
class Asked:
    """Where the bot was asked lately, has noted something, or tells something again: in these channels, and of these people
    something that is answered to them alone."""

    channels: frozenset[str]
    people: frozenset[str]

    def concerns(self, channel: Channel) -> bool:
        return channel.id in self.channels or not self.people.isdisjoint(channel.direct_members())


def missed(ear: Ear, heard_until: int) -> Iterator[Post]:
    """Every post since then that the bot may read, changed and deleted ones too, oldest first in each channel."""
    since = heard_until - OVERLAP
    asked = _asked_lately(ear)
    for channel in ear.client.channels():
        spoken = channel.last_post_at >= since - ADDED_LATER
        if (spoken or asked.concerns(channel)) and not channel.delete_at:
            yield from _in_channel(ear, channel, since)


def _asked_lately(ear: Ear) -> Asked:
    """By conversations, and by the posts whose questions wait and have none yet."""
    begun = select(Conversation.channel_id, Conversation.person_id)
    begun = begun.join(Message, Message.conversation_id == Conversation.id).where(Conversation.bot == ear.bot)
    waiting = select(Job.channel_id).join(Message, Message.id == Job.request_id)
    waiting = waiting.where(Message.bot == ear.bot, Job.kind.in_(STOPPABLE), Job.state.in_(OPEN))
    with ear.database.read() as session:
        since = clock(session) - LATELY
        rows = session.execute(begun.where(Message.created_at > since, ~Message.deleted).distinct()).all()
        channels = {channel_id for channel_id, _ in rows} | set(session.scalars(waiting.distinct()))
        channels |= nodes.noted_channels(session) | items.channels(session) | choice.of_threads(session)
    return Asked(frozenset(channels), frozenset(person_id for _, person_id in rows if person_id))


def _in_channel(ear: Ear, channel: Channel, since: int) -> list[Post]:
    try:
        found = {post.id: post for post in ear.client.channel_posts_since(channel.id, since)}
        if len(found) >= INCOMPLETE:
            log.info("much was said meanwhile", channel=channel.id, posts=len(found))
            found |= _page_by_page(ear, channel, since)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.info("a channel cannot be read any more", channel=channel.id)
        return []
    return sorted(found.values(), key=lambda post: (post.create_at, post.id))


def _page_by_page(ear: Ear, channel: Channel, since: int) -> dict[str, Post]:
    found: dict[str, Post] = {}
    before = ""
    for _ in range(PAGES):
        page = ear.client.channel_posts_before(channel.id, before)
        found |= {post.id: post for post in page}
        if not page or page[-1].create_at < since:
            break
        before = page[-1].id
    return found
