"""More… under an answer: where it comes from, and what the one who looks at it may do with it, judged at the click."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mmapp import dialogs
from mmapp.chat import provenance
from mmapp.commands import delete, rewrite, share
from mmapp.commands import help as help_verb
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, Refused
from mmapp.mattermost.incoming import ActionClick
from mmapp.models import AnswerPost, Conversation, Job, Message
from mmapp.texts import more as texts
from mmapp.texts import trust
from mmapp.texts.plain import label
from mmapp.web import rights
from mmapp.web.edge import edge

REWRITES = ("again", "with", "shorter")


def dialog(click: ActionClick, request_id: str) -> Dialog:
    """What opens for this click. Raises Refused where the answer is gone, or the button is not under it."""
    with edge().database.read() as session:
        if session.scalar(select(AnswerPost.request_id).where(AnswerPost.post_id == click.post_id)) != request_id:
            raise Refused(trust.stale_button())
        return _dialog(session, request_id, click.user_id)


def submitted(filled: Filled) -> None:
    """Do what was picked. Raises Faults, and Refused where this person may not, or it was done already."""
    request_id, person_id = filled.opened.subject, filled.opened.person_id
    with edge().database.read() as session:
        _dialog(session, request_id, person_id).check(filled)
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


def _dialog(session: Session, request_id: str, person_id: str) -> Dialog:
    question = session.get(Message, request_id)
    answer = session.scalar(select(Message).where(Message.question_id == request_id))
    if question is None or answer is None or question.deleted:
        raise Refused(texts.no_answer())
    may = _may(session, question, person_id)
    shown = provenance.card(answer.provenance, label(question.person_name), titled=False)
    if not may:
        return Dialog("box", texts.title(), f"{shown}\n\n{texts.others()}", submit=texts.close())
    choices = texts.choices()
    elements = [dialogs.radio("what", texts.what(), [(one, choices[one]) for one in choices if one in may])]
    if "with" in may:
        name, hint = texts.model()
        elements.append(dialogs.select("model", name, help_verb.choices(session), help=hint))
    if "share" in may:
        name, hint = texts.channel()
        elements.append(dialogs.channels("channel", name, help=hint))
    return Dialog("more", texts.title(), shown, tuple(elements), submit=texts.submit(), subject=request_id)


def _may(session: Session, question: Message, person_id: str) -> set[str]:
    """What this person may do with the answer; nothing: look at it. An answer that was shared here is not rewritten."""
    conversation = session.get_one(Conversation, question.conversation_id)
    private = bool(conversation.person_id)
    if person_id == question.person_id:
        answered_here = session.scalar(select(exists().where(Job.request_id == question.id, Job.kind == "answer")))
        return {"delete"} | set(REWRITES if answered_here else ()) | ({"share"} if private else set())
    if private:  # nobody else sees it, and has a button under it
        raise Refused(trust.stale_button())
    return {"delete"} if rights.may_manage(conversation.bot, conversation.channel_id, person_id) else set()
