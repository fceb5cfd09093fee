"""The posts that carry an answer: made once each, remembered, and found again after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mmapp.chat import history
from mmapp.errors import LeaseLost
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Post
from mmapp.models import AnswerPost, Conversation, Job, Message

SPARE = 0.5  # seconds of lease that are left when a create is given up: nobody else can have begun by then
BACK = timedelta(minutes=10)  # two clocks: Mattermost's may be behind the database's
PAGES = 20  # of 200 posts that are searched for one of our own after a crash


def known(worker: Worker, request_id: str) -> dict[int, str]:
    """The posts of this request that were remembered, by part."""
    with worker.database.read() as session:
        rows = session.execute(select(AnswerPost.part, AnswerPost.post_id).where(AnswerPost.request_id == request_id))
        return {row.part: row.post_id for row in rows}


def found(worker: Worker, claimed: Claim) -> dict[int, str]:
    """Posts of ours that a worker made before it could say so, by the request in their props."""
    with worker.database.read() as session:
        since = session.get_one(Job, claimed.id).created_at - BACK
    return {
        int(post.props.get("chorus_part", 0)): post.id
        for post in _recent(worker, claimed, since.timestamp() * 1000)
        if post.user_id == worker.bot_id and post.props.get("chorus_request") == claimed.request_id
    }


def create(
    worker: Worker,
    claimed: Claim,
    lease: Lease,
    part: int,
    message: str,
    props: Mapping[str, Any],
    *,
    key: str = "",
    within: float = 60.0,
) -> str:
    """One post; its id. The lease must outlive the request: then nobody else can be posting the same.

    `key` tells a post from another of the same part, which the server remembers for a while.
    """
    lease.check()
    if lease.left < SPARE + 1:
        raise LeaseLost
    post = worker.client.create_post(
        claimed.payload.to_channel,
        message,
        claimed.payload.to_root,
        props=props,
        pending_post_id=f"{worker.bot_id}:{claimed.request_id}:{part}{key}",
        repeat=False,  # whether a lost answer means a post is looked up, by the next attempt
        within=min(within, lease.left - SPARE),
    )
    return post.id


def remember(session: Session, claimed: Claim, posts: Mapping[int, str]) -> None:
    """Keep what was posted. In a channel, the conversation starts at the first of them."""
    for part, post_id in posts.items():
        session.merge(AnswerPost(post_id=post_id, request_id=claimed.request_id, part=part))
    asked_in = select(Conversation).join(Message, Message.conversation_id == Conversation.id)
    conversation = session.scalars(asked_in.where(Message.id == claimed.request_id)).one()
    if not conversation.root_id and not conversation.person_id:
        _begin_thread(session, conversation, claimed.payload.to_root or posts[0])


def forget(worker: Worker, post_id: str) -> None:
    """A post of ours that another has taken the place of."""
    with worker.database.write() as session:
        session.execute(delete(AnswerPost).where(AnswerPost.post_id == post_id))


def _begin_thread(session: Session, conversation: Conversation, root_id: str) -> None:
    """The conversation starts at this post. Who asked under it before we could say so began one there: that takes ours in."""
    begun = history.find(session, conversation.bot, conversation.channel_id, root_id)
    if begun is None:
        conversation.root_id = root_id
    else:
        session.execute(
            update(Message).where(Message.conversation_id == conversation.id).values(conversation_id=begun.id)
        )


def _recent(worker: Worker, claimed: Claim, since: float) -> list[Post]:
    payload = claimed.payload
    if payload.to_root:
        try:
            return worker.client.thread(payload.to_root)
        except (Forbidden, NotFound) as error:
            if not error.own:
                raise
            return []  # a deleted thread holds nothing of ours; creating says so to the asker
    seen: list[Post] = []
    before = ""
    for _ in range(PAGES):
        page = worker.client.channel_posts_before(payload.to_channel, before)
        seen += page
        if not page or page[-1].create_at < since:
            break
        before = page[-1].id
    return seen
