"""Sharing a private answer: as a question and answer of its own where others read, once all of them may read its sources.

I/O lane, no model. What is asked below it goes on from it there; deleting the one leaves the other.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.chat import audience, delivery, history
from mmapp.chat import provenance as where
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import Origin
from mmapp.choice import CHANNEL, CONVERSATION, ELSEWHERE
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import allowed, compose, queue, readers, waiting
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.mattermost import render
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Member
from mmapp.models import Message, new_id
from mmapp.texts import more as texts

log = structlog.get_logger()

PLACES = (CONVERSATION, CHANNEL)  # whose instructions are those of where it was asked


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Share one answer. Raises Refused, a MattermostError or LeaseLost."""
    payload = claimed.payload
    with worker.database.read() as session:
        _, answer = _both(session, claimed.request_id)
    require(worker, payload, answer, joins=True)
    with worker.database.write() as session:
        question, answer = _both(session, claimed.request_id)
        _post(session, worker, payload, question, answer)
        queue.finish(session, claimed)
    log.info("shared", request=claimed.request_id, channel=payload.to_channel)


def require(worker: Worker, payload: Payload, answer: Message, *, joins: bool = False) -> None:
    """Whether it may be shared there now. Who has just picked a public channel has the bot join it. Raises Refused and a
    MattermostError."""
    with worker.database.read() as session:
        privacy = Privacy.of(session)
    origin = Origin.of(answer.provenance)
    _require_willing(payload, origin, privacy)
    _require_member(worker, payload, joins=joins)
    _require_audience(worker, payload, origin.channels)


def _both(session: Session, request_id: str) -> tuple[Message, Message]:
    question = session.get_one(Message, request_id)
    answer = session.scalar(select(Message).where(Message.question_id == request_id))
    if question.deleted or answer is None:
        raise Refused(texts.no_answer(), words="")
    # What it says is what will be posted, and has not been looked at for that yet.
    if waiting.is_underway(session, request_id):
        raise Refused(texts.share_underway(), words="")
    return question, answer


def _require_willing(payload: Payload, origin: Origin, privacy: Privacy) -> None:
    """Who opted out is not shown to more people. Where it is not known whose words were read, they may be anybody's. One's own
    are one's own to share. Raises Refused."""
    if privacy.channels & origin.channels:
        raise Refused(texts.share_closed(), words="")
    read = privacy.people if origin.people is None else privacy.people & origin.people
    if read - {payload.person_id}:
        raise Refused(texts.share_unwilling(), words="")


def _require_member(worker: Worker, payload: Payload, *, joins: bool) -> None:
    """Nobody has the bot speak where they could not, or where an admin wants it silent. Raises Refused."""
    if allowed.is_off(worker, payload.to_channel):
        raise Refused(texts.share_off(), words="")
    try:
        member = _membership(worker, payload, joins=joins)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        raise Refused(texts.share_without_me(worker.bot), words="") from None
    if member is None:
        raise Refused(texts.share_not_a_member(), words="")
    if allowed.posts_for(worker, payload.but(channel_id=payload.to_channel), member):
        raise Refused(texts.share_silent(worker.bot), words="")


def _membership(worker: Worker, payload: Payload, *, joins: bool) -> Member | None:
    if joins:
        return audience.membership(worker.client, payload.to_channel, payload.person_id, worker.bot_id)
    return worker.client.member(payload.to_channel, payload.person_id)


def _require_audience(worker: Worker, payload: Payload, sources: Collection[str]) -> None:
    """Raises Refused where somebody who would read it may not read what was read for it."""
    if not readers.all_may_read(worker, payload.to_channel, sources):
        raise Refused(texts.share_too_wide(), words="")


def _post(session: Session, worker: Worker, payload: Payload, question: Message, answer: Message) -> None:
    """Both once more, in the conversation of the place, and their delivery."""
    conversation = history.going_on(session, worker.bot, payload.to_channel, payload.to_root)
    now = clock(session)
    asked = {"conversation_id": conversation.id, "created_at": now, "person_name": question.person_name}
    copied = Message(
        id=new_id(), role="question", bot=question.bot, person_id=question.person_id, text=question.text, **asked
    )
    session.add(copied)
    session.flush()
    in_its_thread = payload.to_root != ""
    provenance = _provenance(answer)
    told = {
        "conversation_id": conversation.id,
        "person_id": answer.person_id,
        "person_name": answer.person_name,
        "raw": answer.raw,
        "text": _quoting(question, answer, provenance),
        "provenance": provenance,
        "read_until": answer.read_until if in_its_thread else 0,  # of posts that the conversation there knows
    }
    shared = Message(id=new_id(), question_id=copied.id, role="answer", created_at=now, **told)
    session.add(shared)
    session.flush()
    payload = payload.but(answer_id=shared.id, shared=True)
    queue.enqueue(session, "post", "post", payload, request_id=copied.id, dedupe_key=delivery.key(shared.id))


def _provenance(answer: Message) -> dict[str, Any]:
    """As its own, but for its prompt. Who reads a summary there goes on from all that it has read, but for what its asker has
    said to the bot alone. And instructions of the place where it was asked are not this one's."""
    found = {key: value for key, value in answer.provenance.items() if key != "chosen"}
    if "summary" in found:
        read = [one for one in found["summary"]["read"] if one["channel_id"] in found["sources"]]
        found["summary"] = found["summary"] | {"read": read}
    if "manner" in found:
        found["manner"] = {part: ELSEWHERE if whose in PLACES else whose for part, whose in found["manner"].items()}
    return found


def _quoting(question: Message, answer: Message, provenance: dict[str, Any]) -> str:
    """The answer as it was posted, below the question: one that was asked by a post does not stand in it, nor a summary's. A
    digest was asked by nobody, and says itself what it is."""
    text, asked_above = _footed(answer, provenance), not question.post_id and "summary" not in answer.provenance
    if asked_above or compose.is_digest(answer):
        return text
    return f"{render.quote_question(question.person_name, question.text)}\n\n{text}"


def _footed(answer: Message, provenance: dict[str, Any]) -> str:
    """The answer with the foot that this provenance has, where that says something else."""
    if provenance.get("manner") == answer.provenance.get("manner"):
        return answer.text
    above, foot, _ = answer.text.rpartition(where.foot(answer.provenance))
    return f"{above}{where.foot(provenance)}" if foot else answer.text
