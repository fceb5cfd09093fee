"""Telling the asker something, alone: by the command's response_url while it lives, else by direct message."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.errors import WrongKey
from mmapp.jobs import queue
from mmapp.jobs.base import Worker
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.queue import Claim
from mmapp.mattermost import messages, render
from mmapp.mattermost.errors import BadRequest, NotFound, Refused
from mmapp.models import Message
from mmapp.texts import ask as texts
from mmapp.texts.plain import begun_by

RESPONSE_URL_LIVES = timedelta(minutes=29)  # 30 on the server; measured: 29 accepted, 30 refused
THREAD_IS_LATE = timedelta(seconds=60)  # an ephemeral in a thread is seen in its pane alone, and nothing hints at it
LONGEST = 15_000  # characters of an ephemeral; longer ones are split into posts
REPEATED = 8_000  # characters of a question that are given back


def refuse(session: Session, claimed: Claim, sentence: str) -> None:
    """Tell the asker why there is no answer, and give the command back to copy: the input box was cleared."""
    try:
        question = session.get_one(Message, claimed.request_id).text
    except WrongKey:  # why a question cannot be answered must be told even where it cannot be read any more
        queue.tell(session, claimed.request_id, sentence)
        return
    words = question if len(question) <= REPEATED else question[:REPEATED] + "…"
    block = render.code_block(texts.command(claimed.payload.flags, words))
    queue.tell(session, claimed.request_id, f"{sentence}\n{block}")


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Tell it. Raises a MattermostError or LeaseLost."""
    payload = claimed.payload
    if not (_still_answerable(worker, payload) and _respond(worker, payload)):
        _direct_message(worker, claimed)
    with worker.database.write() as session:
        queue.finish(session, claimed)


def _still_answerable(worker: Worker, payload: Payload) -> bool:
    if not payload.response_url or len(payload.sentence) > LONGEST:
        return False
    with worker.database.read() as session:
        age = timedelta(milliseconds=clock(session).timestamp() * 1000 - payload.asked_at)
    return age < (THREAD_IS_LATE if payload.root_id else RESPONSE_URL_LIVES)


def _respond(worker: Worker, payload: Payload) -> bool:
    """False where the server does not take it any more: used five times, or forgotten over a restart."""
    text = begun_by(worker.bot, payload.sentence)
    try:
        worker.client.respond(payload.response_url, messages.ephemeral(text))
    except Refused:
        return False
    except (BadRequest, NotFound) as error:
        if not error.own:
            raise
        return False
    return True


def _direct_message(worker: Worker, claimed: Claim) -> None:
    channel = worker.client.direct_channel(worker.bot_id, claimed.payload.person_id)
    for part, message in enumerate(render.split(claimed.payload.sentence)):
        worker.client.create_post(channel.id, message, pending_post_id=f"{worker.bot_id}:notify:{claimed.id}:{part}")
