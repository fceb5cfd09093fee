"""What a post that addresses the bot is answered with, alone: the listener has no answer to give, as a command's has."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import clock
from mmapp.jobs import queue, waiting


def done(session: Session, invocation: Invocation, sentence: str) -> Reply:
    """A verb's end: its sentence, which for a post is sent in the transaction of its effect, so that both happen once."""
    if not invocation.post_id:
        return Reply(sentence)
    tell(session, invocation, sentence, invocation.heard_key or "")
    return Reply()


def tell(session: Session, invocation: Invocation, sentence: str, key: str) -> None:
    """Have it sent to who posted, once for this key. The post's own words are kept nowhere."""
    if waiting.is_known(session, key):
        return
    now = clock(session)
    request = invocation.request(now, "")
    session.add(request)
    session.flush()
    payload = invocation.payload(now, sentence=sentence, direct=invocation.in_direct_message)
    queue.enqueue(session, "notify", "notify", payload, request_id=request.id, dedupe_key=key)
