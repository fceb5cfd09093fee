"""Telling the asker something, alone, while the asker still looks there: else by direct message.

An ephemeral comes in the bot's own name where an administrator granted it that; where not, by the command's
response_url, under the asker's.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.errors import Refused as NotToBeTold
from mmapp.jobs import digests, erase, overdue, pages, posts, queue, refusal
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING
from mmapp.mattermost import messages, render
from mmapp.mattermost.errors import BadRequest, Forbidden, MattermostError, NotFound, Refused
from mmapp.models import Message
from mmapp.texts import ask as texts
from mmapp.texts import more as more_texts
from mmapp.texts.plain import begun_by

EPHEMERAL_IS_LATE = timedelta(minutes=29)  # a response_url lives 30; who asked has gone on by then
THREAD_IS_LATE = timedelta(seconds=60)  # an ephemeral in a thread is seen in its pane alone, and nothing hints at it
DENIED = 600.0  # seconds after a 403 until Mattermost is asked again for ephemerals in the bot's own name
LONGEST = 15_000  # characters of an ephemeral; longer ones are split into posts


def refuse(session: Session, claimed: Claim, sentence: str) -> None:
    """Tell who wanted it why it was not done, and give the command back to copy. Of a digest, which nobody has just typed, its
    person hears in other words, and not each time."""
    payload, request_id = claimed.payload, claimed.request_id
    if payload.makes_digest:
        digests.failed(session, claimed, sentence)
    elif payload.rewrite:  # asked for in a dialog, perhaps long ago, perhaps somewhere else
        queue.tell(session, request_id, more_texts.stays(sentence), directly=True)
    else:
        tell(session, claimed, refusal.with_words(session, request_id, payload, sentence))


def tell(session: Session, claimed: Claim, sentence: str) -> None:
    """Tell who wanted this job something, where they wanted it.

    Of an answer that is who asked. What is done with one that is there, somebody else may want, somewhere else; nobody
    where Mattermost itself has told us.
    """
    if claimed.kind in ANSWERING:
        queue.tell(session, claimed.request_id, sentence)
    elif claimed.payload.person_id:
        payload = claimed.payload.telling(sentence)
        queue.enqueue(session, "notify", "notify", payload, request_id=claimed.request_id)


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Tell it. Raises a MattermostError or LeaseLost."""
    holds = claimed.payload.answer_id
    claimed = _with_answer(worker, claimed) if holds else claimed
    payload = claimed.payload
    seen = _in_time(worker, payload) and (_in_own_name(worker, payload) or _respond(worker, payload))
    if not seen:
        _direct_message(worker, claimed)
    with worker.database.write() as session:
        if holds and not payload.answer_id:
            erase.untold(session, claimed.request_id)
        queue.finish(session, claimed)


def _with_answer(worker: Worker, claimed: Claim) -> Claim:
    """Its sentence and the answer that it tells of, where that may be told its person now, and still stands; else without it,
    and why. Raises a MattermostError."""
    payload = claimed.payload
    with worker.database.read() as session:
        answer = session.get_one(Message, payload.answer_id)
    if why_not := _why_not_alone(worker, claimed, answer):
        return replace(claimed, payload=payload.but(sentence=texts.nor_alone(payload.sentence, why_not), answer_id=""))
    told = texts.here_it_is(payload.sentence, pages.joined(answer.text))
    return replace(claimed, payload=payload.but(sentence=told))


def _why_not_alone(worker: Worker, claimed: Claim, answer: Message) -> str:
    """Why its person may not be told it; empty where they may."""
    try:
        direct = worker.client.direct_channel(worker.bot_id, claimed.payload.person_id)
        alone = replace(claimed, payload=claimed.payload.but(to_channel=direct.id))
        return texts.changed_since() if overdue.changed(worker, alone, answer) else ""
    except NotToBeTold as error:
        return error.sentence
    except MattermostError as error:
        if error.passes:
            raise
        return texts.not_to_be_seen()


def _in_time(worker: Worker, payload: Payload) -> bool:
    """Whether an ephemeral would still be seen. Where the server tells no root, it may have been typed in a thread."""
    asked_here = payload.response_url or (payload.post_id and not payload.direct)
    if not asked_here or len(payload.sentence) > LONGEST:
        return False
    with worker.database.read() as session:
        age = timedelta(milliseconds=clock(session).timestamp() * 1000 - payload.asked_at)
    in_thread = _root(payload) or not payload.tells_root
    return age < (THREAD_IS_LATE if in_thread else EPHEMERAL_IS_LATE)


def _root(payload: Payload) -> str:
    """The thread that it was asked in. Who posts in a channel looks at the channel, and not at the thread below the post."""
    return "" if payload.root_id == payload.post_id else payload.root_id


def _in_own_name(worker: Worker, payload: Payload) -> bool:
    """False where the bot may not, or not at this place. Without a root, the pane that it was typed in is unknown."""
    if not payload.tells_root or time.monotonic() < worker.me.denied_until:
        return False
    try:
        worker.client.post_ephemeral(payload.person_id, payload.channel_id, payload.sentence, _root(payload))
    except Forbidden as error:
        if not error.own:
            raise
        worker.me.denied_until = time.monotonic() + DENIED
        return False
    except Refused:  # a root that is no id
        return False
    except (BadRequest, NotFound) as error:
        if not error.own:
            raise
        return False
    return True


def _respond(worker: Worker, payload: Payload) -> bool:
    """False where the server does not take it any more: used five times, or forgotten over a restart."""
    if not payload.response_url:
        return False
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
    """In as many posts as it needs. Those that hold an answer are remembered, each as soon as it is made: they are deleted with
    it, and not made again."""
    holds = bool(claimed.payload.answer_id)
    channel = worker.client.direct_channel(worker.bot_id, claimed.payload.person_id)
    told = {row.part for row in posts.every(worker, claimed.request_id) if holds and row.state == posts.TOLD}
    # A job's number is not enough: another installation with the same bot has a job of that number as well. And why an answer
    # is not told after all is no post of it that was made before.
    pending = f"{worker.bot_id}:{claimed.request_id}:{claimed.id}{':told' if holds else ''}"
    for part, message in enumerate(render.split(claimed.payload.sentence)):
        if part in told:
            continue
        post = worker.client.create_post(channel.id, message, pending_post_id=f"{pending}:{part}")
        if holds:
            with worker.database.write() as session:
                queue.require_ours(session, claimed)
                posts.mark(session, claimed, part, post.id, posts.TOLD)
