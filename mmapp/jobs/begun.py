"""Posts that were begun for an answer, a summary's headline above all, and whose answer never came or may not be told: they go,
or where people have replied, what stands in them.

By what there is, and not at each end that a request can have: it is refused, stopped, deleted, or its worker dies over it.
"""

from __future__ import annotations

import structlog
from sqlalchemy import ColumnElement, exists, select

from mmapp.jobs import compose, posts
from mmapp.jobs.base import Worker
from mmapp.jobs.waiting import ANSWERING
from mmapp.mattermost.errors import MattermostError, Unreachable
from mmapp.models import OPEN, AnswerPost, Job, Message
from mmapp.texts import ask as texts

log = structlog.get_logger()

EVERY = 1.0  # seconds
MOST = 20  # at a time


def take_away(worker: Worker) -> None:
    """Wherever nothing is left to be done for their requests; each bot its own, and the main one what it has told for those that
    are gone."""
    for bot in worker.bots.accepted():
        _take_away(worker.as_bot(bot.name))


def _take_away(worker: Worker) -> None:
    busy = exists().where(Job.request_id == Message.id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    mine = (AnswerPost.state == posts.BEGUN, _whose(worker), ~busy)
    rows = select(AnswerPost).join(Message, Message.id == AnswerPost.request_id).where(*mine)
    with worker.database.read() as session:
        # From the last part on: what is left of an answer may hang below its first post, and is no reply of anybody's.
        left = list(session.scalars(rows.order_by(AnswerPost.request_id, AnswerPost.part.desc()).limit(MOST)))
    for row in left:
        try:
            gone = _end(worker, row)
        except MattermostError as error:
            log.info("a post of no answer could not be taken away", why=str(error))
            if error.is_general:
                return  # later
            if not error.own or isinstance(error, Unreachable):
                continue  # this one later: it must not keep the others
            gone = False
        posts.settle(worker, row.post_id, gone=gone)


def _whose(worker: Worker) -> ColumnElement[bool]:
    """What a bot that is gone has made itself is refused to the main one, and stays."""
    gone = Message.bot.not_in(worker.bots.names)
    return (Message.bot == worker.bot) | gone if worker.me is worker.bots.main else Message.bot == worker.bot


def _end(worker: Worker, row: AnswerPost) -> bool:
    """Whether the post is gone."""
    if not posts.has_replies(worker, row.post_id):
        return posts.deleted(worker, row.post_id)
    props = compose.props_bare(worker, row.request_id, row.part)
    worker.client.patch_post(row.post_id, message=texts.taken_back(), props=props)
    return False
