"""What was done since is ticked in a digest that told it: one edit a post, and none where the server takes none."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select

from mmapp.jobs import compose, posts, queue, waiting
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound
from mmapp.mattermost.values import JsonObject
from mmapp.models import Message

log = structlog.get_logger()

SOON = 5.0  # seconds until it is looked again whether a digest is still being written anew


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Bring its posts to where they are. The next digest tells it no more in any case. Raises a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        question = session.get_one(Message, claimed.request_id)
        answer = session.scalar(select(Message).where(Message.question_id == question.id))
        underway = waiting.is_underway(session, question.id)
    if underway or (answer and answer.rewriting):  # its words may not be told yet, or Stop stands there
        queue.retry(worker.database, claimed, SOON, excused=True)
        return
    if answer and not question.deleted and worker.edits.allowed(worker.client):
        wanted = compose.pieces(worker, answer)
        for part, post_id in posts.carrying(worker, question.id).items():
            if part < len(wanted):
                main = part == compose.main_part(answer, len(wanted) - 1)
                props = compose.props(worker, answer, question.person_name, part, main=main)
                _edit(worker, post_id, wanted[part], props)
    with worker.database.write() as session:
        queue.finish(session, claimed)


def _edit(worker: Worker, post_id: str, message: str, props: dict[str, Any]) -> None:
    try:
        post = worker.client.post(post_id)
        if post.message.rstrip() != message.rstrip() or _buttons(post.props) != _buttons(props):
            worker.client.patch_post(post_id, message=message, props=props)
    except (BadRequest, Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.info("what is done could not be ticked in its post", why=str(error))


def _buttons(props: JsonObject) -> list[str]:
    """Their names; what else there is of them the server does not give back."""
    rows = props.get("attachments") or []
    return [str(one.get("name")) for row in rows for one in row.get("actions") or []]
