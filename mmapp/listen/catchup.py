"""Catching up over REST with what was said while nobody listened.

`since=` selects by the time of the last change and answers at most 1,000 posts, the newest of them missing (measured):
so a channel with that many is read page by page as well. What is read twice is done once.
"""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from mmapp.listen.ear import Ear
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Channel, Post

log = structlog.get_logger()

OVERLAP = 60_000  # ms: two servers of one cluster may differ by so much
INCOMPLETE = 1_000  # posts, with which an answer to `since=` is not all
PAGES = 500  # of 200 posts


def missed(ear: Ear, heard_until: int) -> Iterator[Post]:
    """Every post since then that the bot may read, changed and deleted ones too, oldest first in each channel."""
    since = heard_until - OVERLAP
    for channel in ear.client.channels():
        if channel.last_post_at >= since and not channel.delete_at:
            yield from _in_channel(ear, channel, since)


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
