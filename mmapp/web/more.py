"""More… under an answer: where it comes from, and what the one who looks at it may do with it, judged at the click."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mmapp import dialogs
from mmapp.chat import provenance
from mmapp.commands import delete, rewrite, share
from mmapp.commands.models import Models
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, NotAsked, Refused
from mmapp.mattermost.incoming import ActionClick
from mmapp.models import AnswerPost, Conversation, Message
from mmapp.texts import more as texts
from mmapp.texts import trust
from mmapp.texts.plain import label
from mmapp.web import rights
from mmapp.web.edge import edge

REWRITES = ("again", "with", "shorter")


@dataclass(frozen=True)
class _Seen:
    """An answer, as far as its dialog depends on it; `once_more`: it can be written anew, as one that was asked here."""

    question: Message
    answer: Message
    conversation: Conversation
    once_more: bool
    models: list[tuple[str, str]]


def dialog(click: ActionClick, request_id: str) -> Dialog:
    """What opens for this click. Raises Refused where the answer is gone, or the button is not under it."""
    with edge().database.read() as session:
        if session.scalar(select(AnswerPost.request_id).where(AnswerPost.post_id == click.post_id)) != request_id:
            raise Refused(trust.stale_button())
    seen = _look(request_id)
    try:
        return _dialog(seen, _may(seen, click.user_id))
    except NotAsked:
        return _dialog(seen, set())  # who may only look loses nothing by a server that does not answer


def submitted(filled: Filled) -> None:
    """Do what was picked. Raises Faults, and Refused where this person may not, or it was done already."""
    request_id, person_id = filled.opened.subject, filled.opened.person_id
    seen = _look(request_id)
    _dialog(seen, _may(seen, person_id)).check(filled)
    picked, model = filled.text("what"), filled.text("model")
    if picked == "with" and not model:
        raise Faults(model=texts.choose_model())
    with edge().database.write() as session:
        filled.spend(session)
        if picked == "delete":
            delete.wanted(session, request_id, person_id)
        elif picked == "share":
            share.enqueue(session, request_id, filled.text("channel"), filled.opened.channel_id)
        elif picked in REWRITES:
            rewrite.enqueue(session, edge().settings, request_id, "shorter" if picked == "shorter" else "again", model)


def _look(request_id: str) -> _Seen:
    """Read at once, and done with the database before Mattermost is asked. Raises Refused."""
    with edge().database.read() as session:
        question = session.get(Message, request_id)
        answer = session.scalar(select(Message).where(Message.question_id == request_id))
        if question is None or answer is None or question.deleted:
            raise Refused(texts.no_answer())
        return _Seen(
            question,
            answer,
            session.get_one(Conversation, question.conversation_id),
            rewrite.can_be(session, request_id),
            Models.at(session, edge().settings, rewrite.ruled_by(session, question)).options(),
        )


def _dialog(seen: _Seen, may: set[str]) -> Dialog:
    shown = provenance.card(seen.answer.provenance, label(seen.question.person_name), titled=False)
    if not may:
        return Dialog("box", texts.title(), f"{shown}\n\n{texts.others()}", submit=texts.close())
    choices = texts.choices()
    elements = [dialogs.radio("what", texts.what(), [(one, choices[one]) for one in choices if one in may])]
    if "with" in may:
        name, hint = texts.model()
        elements.append(dialogs.select("model", name, seen.models, help=hint))
    if "share" in may:
        name, hint = texts.channel()
        elements.append(dialogs.channels("channel", name, help=hint))
    return Dialog("more", texts.title(), shown, tuple(elements), submit=texts.submit(), subject=seen.question.id)


def _may(seen: _Seen, person_id: str) -> set[str]:
    """What this person may do with the answer; nothing: look at it. Raises Refused, NotAsked where it is not known."""
    private = bool(seen.conversation.person_id)
    if person_id == seen.question.person_id:
        return {"delete"} | set(REWRITES if seen.once_more else ()) | ({"share"} if private else set())
    if private:  # nobody else sees it, and has a button under it
        raise Refused(trust.stale_button())
    manages = rights.may_manage(seen.conversation.bot, seen.conversation.channel_id, person_id)
    return {"delete"} if manages else set()
