"""Deleting a question and its answer: the posts, the words in the database, and what models remember of them."""

from __future__ import annotations

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, defer

from mmapp import nodes
from mmapp.chat import audience, context
from mmapp.chat.prompts import notes_wanted
from mmapp.jobs import erase, notify, posts, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING
from mmapp.models import OPEN, Conversation, Job, Message
from mmapp.texts import delete as texts
from mmapp.wanted import Wanted

log = structlog.get_logger()

SOON = 0.5  # seconds until it is looked again whether the answer has stopped


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Delete one request. Raises a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        question = session.get_one(Message, claimed.request_id)
        conversation = session.get(Conversation, question.conversation_id) if question.conversation_id else None
        answer = session.scalar(select(Message.raw).where(Message.question_id == question.id))
    told = [question.text, context.beside_posts(question.text, question.person_name), answer or ""]
    if not _may(worker, claimed.payload, question, conversation):
        with worker.database.write() as session:
            notify.tell(session, claimed, texts.not_yours())
            queue.finish(session, claimed, "failed")
        return
    if _still_answered(worker, claimed):
        queue.retry(worker.database, claimed, SOON, excused=True)
        return
    worker.aside.clear()  # it may be of this one
    if question.text:  # else an attempt before came so far
        worker.registry.forget([text for text in (*told, *_wanted(worker, claimed)) if text.strip()])
    with worker.database.write() as session:  # first: what Mattermost does with the posts is not ours
        queue.require_ours(session, claimed)
        for channel_id in {
            source.channel_id for job in _summaries(session, claimed) for source in Payload.of(job).sources
        }:
            nodes.drop_channel(session, channel_id)
        erase.words(session, claimed.request_id)
    made = posts.every(worker, claimed.request_id)
    stay = sum(not posts.deleted(worker, row.post_id) for row in made)
    with worker.database.write() as session:
        if stay:
            notify.tell(session, claimed, _why_they_stay(worker, claimed.payload.bot))
        queue.finish(session, claimed)
    log.info("deleted", request=claimed.request_id, posts=len(made), stay=stay)


def _summaries(session: Session, claimed: Claim) -> list[Job]:
    mine = select(Job).where(Job.request_id == claimed.request_id, Job.kind == "summarize")
    return list(session.scalars(mine.options(defer(Job.payload), defer(Job.words))))


def _wanted(worker: Worker, claimed: Claim) -> list[str]:
    """What models were told at the end of each part of a summary."""
    with worker.database.read() as session:
        found = [Wanted.of(Payload.of(job).wanted) for job in _summaries(session, claimed)]
        return [notes_wanted(wanted.kind, wanted.wish) for wanted in found]


def _may(worker: Worker, payload: Payload, question: Message, conversation: Conversation | None) -> bool:
    """Who asked may; an admin of the channel where the answer stands may; nobody's wish is what is deleted already."""
    if question.deleted or payload.person_id in ("", question.person_id):
        return True
    where = conversation.channel_id if conversation else ""
    return bool(where) and audience.may_manage(worker.client, where, payload.person_id)


def _why_they_stay(worker: Worker, bot: str) -> str:
    """Only who made a post can delete it."""
    return texts.posts_stay(worker.bot) if bot in ("", worker.bot) else texts.posts_of_gone_stay(bot)


def _still_answered(worker: Worker, claimed: Claim) -> bool:
    """Stop it, and mark it as deleted: from then on nothing of it is posted, and its asker told nothing of it.

    Also where its asker is being told something just now: that may be the answer.
    """
    with worker.database.write() as session:
        question = session.get_one(Message, claimed.request_id)
        question.deleted = True
        queue.stop(session, question.id, keep=False)
        queue.withhold(session, question.id, question.person_id)
        telling = (Job.kind == "notify") & (Job.person_id == question.person_id)
        mine = (Job.request_id == question.id, Job.kind.in_(ANSWERING) | telling, Job.state.in_(OPEN))
        return bool(session.scalar(select(exists().where(*mine))))
