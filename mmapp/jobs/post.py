"""Delivery: an answer becomes posts, each exactly once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mmapp.chat import history
from mmapp.errors import LeaseLost, Refused
from mmapp.jobs import compose, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.lease import Lease
from mmapp.jobs.queue import Claim
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound, TooLarge, Unreachable
from mmapp.mattermost.payloads import Post
from mmapp.models import AnswerPost, Conversation, Job, Message
from mmapp.texts import ask as texts

log = structlog.get_logger()

SPARE = 0.5  # seconds of lease that are left when a create is given up: nobody else can have begun by then
BACK = timedelta(minutes=10)  # two clocks: Mattermost's may be behind the database's
PAGES = 20  # of 200 posts that are searched for one of our own after a crash


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Post what is missing of an answer. Raises Refused, a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        answer = session.get_one(Message, claimed.payload.answer_id)
        question = session.get_one(Message, claimed.request_id)
        done = _done(worker, answer.id)
        since = session.get_one(Job, claimed.id).created_at
    wanted = compose.pieces(worker, answer)
    if claimed.attempts > 1:
        done |= _found(worker, claimed, since.timestamp() * 1000)
    for part, message in enumerate(wanted):
        if part not in done:
            done[part] = _create(worker, claimed, lease, answer, question.person_name, part, message)
    _read_back(worker, claimed, done)
    _finish(worker, claimed, answer, done)


def _done(worker: Worker, answer_id: str) -> dict[int, str]:
    with worker.database.read() as session:
        rows = session.execute(select(AnswerPost.part, AnswerPost.post_id).where(AnswerPost.message_id == answer_id))
        return {row.part: row.post_id for row in rows}


def _create(worker: Worker, claimed: Claim, lease: Lease, answer: Message, asker: str, part: int, message: str) -> str:
    """One post; its card is left out where the server takes it so alone (props and bodies have limits of their own)."""
    for carded in (True, False):
        try:
            props = compose.props(worker, answer, asker, part, carded=carded)
            return _request(worker, claimed, lease, f"{worker.bot_id}:{answer.id}:{part}", message, props)
        except (BadRequest, TooLarge, Forbidden, NotFound) as error:
            if not error.own:
                raise
            log.warning("a post was refused", request=claimed.request_id, why=str(error), carded=carded)
    raise Refused(texts.delivered_here(answer.text), words="")


def _request(worker: Worker, claimed: Claim, lease: Lease, pending: str, message: str, props: Mapping[str, Any]) -> str:
    """The lease must outlive the request: then nobody else can be posting the same."""
    lease.check()
    if lease.left < SPARE + 1:
        raise LeaseLost
    post = worker.client.create_post(
        claimed.payload.to_channel,
        message,
        claimed.payload.to_root,
        props=props,
        pending_post_id=pending,
        repeat=False,  # whether a lost answer means a post is looked up, by the next attempt
        within=lease.left - SPARE,
    )
    return post.id


def _found(worker: Worker, claimed: Claim, since: float) -> dict[int, str]:
    """Posts of ours that a worker made before it could say so, by the request in their props."""
    return {
        int(post.props.get("chorus_part", 0)): post.id
        for post in _recent(worker, claimed, since - BACK.total_seconds() * 1000)
        if post.user_id == worker.bot_id and post.props.get("chorus_request") == claimed.request_id
    }


def _recent(worker: Worker, claimed: Claim, since: float) -> list[Post]:
    payload = claimed.payload
    if payload.to_root:
        try:
            return worker.client.thread(payload.to_root)
        except (Forbidden, NotFound) as error:
            if not error.own:
                raise
            return []  # a deleted thread holds nothing of ours; creating says so to the asker
    found: list[Post] = []
    before = ""
    for _ in range(PAGES):
        page = worker.client.channel_posts_before(payload.to_channel, before)
        found += page
        if not page or page[-1].create_at < since:
            break
        before = page[-1].id
    return found


def _read_back(worker: Worker, claimed: Claim, done: dict[int, str]) -> None:
    """A post that cannot be read was lost, whatever the answer to its creation said: the next attempt makes it again.

    Once: what is gone again was deleted, by a person or a filter.
    """
    try:
        for post_id in done.values():
            worker.client.post(post_id)
    except NotFound as error:
        log.warning("a post is gone right after it was made", request=claimed.request_id)
        if claimed.attempts == 1 or not error.own:
            raise Unreachable(error.what, path=error.path) from None


def _finish(worker: Worker, claimed: Claim, answer: Message, done: dict[int, str]) -> None:
    """Remember the posts. In a channel, the conversation starts at the first of them."""
    with worker.database.write() as session:
        for part, post_id in done.items():
            session.merge(AnswerPost(post_id=post_id, message_id=answer.id, part=part))
        conversation = session.get_one(Conversation, answer.conversation_id)
        if not conversation.root_id and not conversation.person_id:
            _begin_thread(session, conversation, claimed.payload.to_root or done[0])
        queue.finish(session, claimed)
    log.info("posted", request=claimed.request_id, job=claimed.id, posts=len(done))


def _begin_thread(session: Session, conversation: Conversation, root_id: str) -> None:
    """The conversation starts at this post. Who asked under it before we could say so began one there: that takes ours in."""
    begun = history.find(session, conversation.bot, conversation.channel_id, root_id)
    if begun is None:
        conversation.root_id = root_id
    else:
        session.execute(
            update(Message).where(Message.conversation_id == conversation.id).values(conversation_id=begun.id)
        )
