"""`/ai` and `/ai help`: what can be typed, which questions are open, which models there are."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mmapp.buttons import Button
from mmapp.commands.invocation import Invocation, Reply
from mmapp.jobs import waiting
from mmapp.models import Message
from mmapp.texts import help as texts
from mmapp.texts.plain import short_code

UNTOLD = "untold"  # the subject of buttons on a server that does not say in which thread a command was typed


def run(invocation: Invocation) -> Reply:
    return Reply(texts.full(invocation.bot, tells_root=invocation.tells_root))


def menu(invocation: Invocation) -> Reply:
    """`/ai` alone: four lines, the person's open questions, three buttons."""
    with invocation.database.read() as session:
        mine = waiting.newest_of(session, invocation.person_id, invocation.channel_id)
        questions = [_open(session, request_id) for request_id in mine[:5]]
    help_label, models_label, stop_label = texts.buttons()
    buttons = (
        Button(help_label, "help", "" if invocation.tells_root else UNTOLD),
        Button(models_label, "models", invocation.sealed()),
        Button(stop_label, "stopnewest"),
    )
    return Reply(texts.short(questions, tells_root=invocation.tells_root), buttons)


def _open(session: Session, request_id: str) -> str:
    """A question, or a summary and how far it is."""
    words, done = short_code(session.get_one(Message, request_id).text), waiting.parts(session, request_id)
    return texts.open_summary(words, *done) if done else words
