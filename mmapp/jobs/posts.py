"""The posts that carry an answer: made once each, remembered, and found again after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mmapp.chat import history
from mmapp.errors import LeaseLost
from mmapp.jobs import queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound
from mmapp.mattermost.payloads import Post
from mmapp.models import AnswerPost, Conversation, Job, Message

log = structlog.get_logger()

SPARE = 0.5  # seconds of lease that are left when a create is given up: nobody else can have begun by then
BACK = timedelta(minutes=10)  # two clocks: Mattermost's may be behind the database's
PAGES = 20  # of 200 posts that are searched for one of our own after a crash
# The states of posts that do not carry the answer, or not yet all that belongs there (AnswerPost).
BEGUN, GROWS, GOES, STAYS, TOLD = "begun", "grows", "goes", "stays", "told"
CARRYING = ("", GROWS)


def carrying(worker: Worker, request_id: str) -> dict[int, str]:
    """The posts that carry the answer to this request, or the beginning of it, as they were remembered, by part."""
    return {row.part: row.post_id for row in every(worker, request_id) if row.state in CARRYING}


def whole(worker: Worker, request_id: str) -> set[int]:
    """The parts of this answer that were posted to their last word."""
    return {row.part for row in every(worker, request_id) if not row.state}


def every(worker: Worker, request_id: str) -> list[AnswerPost]:
    """All posts of this request that are remembered, also those that do not carry its answer, in the order of its parts."""
    mine = select(AnswerPost).where(AnswerPost.request_id == request_id)
    with worker.database.read() as session:
        return list(session.scalars(mine.order_by(AnswerPost.part)))


def found(worker: Worker, claimed: Claim) -> dict[int, str]:
    """Posts of ours that a worker made before it could say so, by the request in their props."""
    with worker.database.read() as session:
        since = session.get_one(Job, claimed.id).created_at - BACK
    remembered = {row.post_id for row in every(worker, claimed.request_id)}
    return {
        int(post.props.get("chorus_part", 0)): post.id
        for post in _recent(worker, claimed, since.timestamp() * 1000)
        if post.user_id == worker.bot_id and post.props.get("chorus_request") == claimed.request_id
        if post.id not in remembered
    }


def recall(worker: Worker, claimed: Claim) -> None:
    """Remember those that are found. Raises LeaseLost."""
    made = found(worker, claimed)
    if not made:
        return
    with worker.database.write() as session:
        queue.require_ours(session, claimed)
        for part, post_id in made.items():
            mark(session, claimed, part, post_id, BEGUN)


def recall_if_seen(worker: Worker, claimed: Claim) -> None:
    """The same for what is to go: where the bot may not look any more, it leaves what is there. Raises LeaseLost."""
    try:
        recall(worker, claimed)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.info("what was made of an answer cannot be looked for", why=str(error))


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


def remember(session: Session, claimed: Claim, posts: Mapping[int, str], state: str = "") -> None:
    """Keep what was posted, to its last word unless its `state` says otherwise. In a channel, the conversation starts at the
    first of them, also where that took another's place."""
    for part, post_id in posts.items():
        mark(session, claimed, part, post_id, state)
    asked_in = select(Conversation).join(Message, Message.conversation_id == Conversation.id)
    conversation = session.scalars(asked_in.where(Message.id == claimed.request_id)).one()
    begun = session.get(AnswerPost, conversation.root_id)
    if not conversation.person_id and (not conversation.root_id or (begun and begun.state == GOES)):
        _begin_thread(session, conversation, claimed.payload.to_root or posts[0])


def mark(session: Session, claimed: Claim, part: int, post_id: str, state: str) -> None:
    """Remember a post that does not carry the answer, not yet, not all or no more.

    One that has BEGUN as soon as it is made: where no answer comes it is taken away (begun.py). One that GROWS with its first
    words (stream.py): to show the rest is to show words for the first time. One that GOES before another is made and it is
    deleted: whoever comes after a death goes on from here, and a deletion that the listener hears of is
    known to be ours.
    """
    session.merge(AnswerPost(post_id=post_id, request_id=claimed.request_id, part=part, state=state))


def has_replies(worker: Worker, post_id: str) -> bool:
    """Whether it is a root with replies: Mattermost would delete them with it."""
    return any(post.root_id == post_id for post in _thread(worker, post_id))


def deleted(worker: Worker, post_id: str) -> bool:
    """Delete one of our posts. False where it is still there: its channel is archived (400), or the bot not in it (403)."""
    try:
        worker.client.delete_post(post_id)
    except (BadRequest, Forbidden, NotFound) as error:
        if not error.own:
            raise
        return _is_gone(worker, post_id)
    return True


def forget(worker: Worker, post_id: str) -> None:
    """One that is gone, after another has taken its place."""
    with worker.database.write() as session:
        session.execute(delete(AnswerPost).where(AnswerPost.post_id == post_id))


def doubt(session: Session, request_id: str) -> None:
    """What its posts carry is no answer any more, also of those that another was to take the place of, and in which its person
    was told it alone: another takes its place in them, or they are taken away."""
    session.execute(update(AnswerPost).where(AnswerPost.request_id == request_id).values(state=BEGUN))


def no_answer(session: Session, request_id: str) -> None:
    """None comes into its posts any more, and its conversation starts at none of them: else their deletion (begun.py) would be
    heard as that of a thread, with all that was asked in it."""
    doubt(session, request_id)
    made = select(AnswerPost.post_id).where(AnswerPost.request_id == request_id)
    asked_in = select(Message.conversation_id).where(Message.id == request_id)
    starts_there = (Conversation.id.in_(asked_in), Conversation.root_id.in_(made))
    session.execute(update(Conversation).where(*starts_there).values(root_id=""))


def settle(worker: Worker, post_id: str, *, gone: bool) -> None:
    """The end of one that had begun for nothing, and that no answer has come into meanwhile."""
    mine = (AnswerPost.post_id == post_id, AnswerPost.state == BEGUN)
    with worker.database.write() as session:
        session.execute(
            delete(AnswerPost).where(*mine) if gone else update(AnswerPost).where(*mine).values(state=STAYS)
        )


def _begin_thread(session: Session, conversation: Conversation, root_id: str) -> None:
    """The conversation starts at this post. Who asked under it before we could say so began one there: that takes ours in."""
    begun = history.find(session, conversation.bot, conversation.channel_id, root_id)
    if begun is None:
        conversation.root_id = root_id
    else:
        session.execute(
            update(Message).where(Message.conversation_id == conversation.id).values(conversation_id=begun.id)
        )


def _is_gone(worker: Worker, post_id: str) -> bool:
    try:
        worker.client.post(post_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return isinstance(error, NotFound)
    return False


def _thread(worker: Worker, root_id: str) -> list[Post]:
    """A deleted one holds nothing; creating a post in it says so to the asker."""
    try:
        return worker.client.thread(root_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return []


def _recent(worker: Worker, claimed: Claim, since: float) -> list[Post]:
    payload = claimed.payload
    if payload.to_root:
        return _thread(worker, payload.to_root)
    seen: list[Post] = []
    before = ""
    for _ in range(PAGES):
        page = worker.client.channel_posts_before(payload.to_channel, before)
        seen += page
        if not page or page[-1].create_at < since:
            break
        before = page[-1].id
    return seen
