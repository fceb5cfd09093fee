"""A person's recent threads in a channel, for the dialog of summaries: one call, within the time that a trigger lives."""

from __future__ import annotations

import time

import structlog

from mmapp.chat.privacy import Privacy
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import MattermostError
from mmapp.mattermost.payloads import Post
from mmapp.texts import summarize_dialog as texts

log = structlog.get_logger()

WITHIN = 1.0  # seconds: a trigger lives 3 on 5.37, and without threads the dialog is worth opening too
MOST = 10
LONGEST = 70  # characters of a root's words


def recent(client: Client, channel_id: str, person_id: str, privacy: Privacy) -> list[tuple[str, str]]:
    """The newest threads among the channel's last 200 posts, the person's own first: root ids, and how to know them.

    None where the bot may not look, Mattermost does not answer in time, or the channel's admins do not want it read.
    """
    if channel_id in privacy.channels:
        return []
    try:
        posts = client.channel_posts_before(channel_id, within=WITHIN)
    except MattermostError as error:
        log.info("a dialog opens without threads", why=str(error))
        return []
    replies: dict[str, list[Post]] = {}
    for post in posts:
        if post.root_id and not post.type:
            replies.setdefault(post.root_id, []).append(post)
    roots = [post for post in posts if post.id in replies]
    mine = [root for root in roots if person_id in {root.user_id, *(post.user_id for post in replies[root.id])}]
    chosen = [*mine, *(root for root in roots if root not in mine)][:MOST]
    return [(root.id, _label(root, len(replies[root.id]), shown=root.user_id not in privacy.people)) for root in chosen]


def _label(root: Post, replies: int, *, shown: bool) -> str:
    words = " ".join(root.message.split() if shown else ()) or "…"
    short = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return texts.thread_choice(short, replies, time.time() - root.create_at / 1000)
