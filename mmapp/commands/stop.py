"""`/ai stop` and the Stop button: end a request that waits or runs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mmapp.commands import notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.models import Conversation, Message
from mmapp.texts import stop as texts


def run(invocation: Invocation) -> Reply:
    """End the asker's newest request in this channel: by a command, whichever bot works at it."""
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        sentence = stop_newest(session, invocation.person_id, invocation.channel_id, invocation.whose)
        return notice.done(session, invocation, sentence)


def stop_newest(session: Session, person_id: str, channel_id: str, bot: str = "") -> str:
    """Stop the newest of the person's requests here, to this bot or to any; the sentence that says what came of it."""
    mine = waiting.newest_of(session, person_id, channel_id, bot)
    if not mine:
        return texts.nothing()
    return texts.stopped(len(mine) - 1) if queue.stop(session, mine[0]) else texts.too_late()


def whose(session: Session, request_id: str) -> tuple[str, str, str]:
    """Who asked, which bot, and the channel whose conversation it belongs to; empty while it is not admitted.

    Raises Refused.
    """
    question = session.get(Message, request_id)
    if question is None:
        raise Refused(texts.not_yours())
    conversation = session.get(Conversation, question.conversation_id) if question.conversation_id else None
    return question.person_id, question.bot, conversation.channel_id if conversation else ""


def stop_one(session: Session, request_id: str, person_id: str, channel_id: str) -> str:
    """Stop this very request of the person's own. Pressing twice says so and harms nothing."""
    if not queue.stop(session, request_id):
        return texts.too_late()
    return texts.stopped(len(waiting.newest_of(session, person_id, channel_id)))
