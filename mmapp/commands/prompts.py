"""`/ai prompts`: wishes for summaries that are used again, under names; one's own, or a channel's for everyone there."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mmapp import dialogs
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import Database, clock
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, Refused
from mmapp.models import SavedPrompt
from mmapp.texts import prompts as texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts import trust

PURPOSE = "prompts"
LONGEST = 1000  # characters of a prompt
MOST = 50  # of one owner
NAME = re.compile(r"[\w][\w -]{0,38}")


def run(invocation: Invocation) -> Reply:
    with invocation.database.read() as session:
        mine = _of(session, invocation.person_id)
        theirs = _of(session, invocation.channel_id)
    return Reply(trust.no_dialog("`/ai prompts`"), dialog=_dialog(mine, theirs))


def submitted(database: Database, filled: Filled, manages: Callable[[], bool]) -> None:
    """Save a prompt, or delete the one of that name where it is left empty. A channel's is for its admins to change:
    `manages` asks Mattermost whether this person is one.

    Raises Faults, and Refused where it was sent already.
    """
    _dialog({}, {}).check(filled)
    name, text = " ".join(filled.text("name").casefold().split()), filled.text("text")
    whose = filled.text("whose") or "mine"
    owner_id = filled.opened.channel_id if whose == "channel" else filled.opened.person_id
    if not NAME.fullmatch(name):
        raise Faults(name=texts.bad_name())
    if len(text) > LONGEST:
        raise Faults(text=texts.too_long(len(text), LONGEST))
    if whose == "channel" and not manages():
        raise Faults(whose=texts.not_an_admin())
    with database.write() as session:
        kept = _of(session, owner_id)
        if not text and name not in kept:
            raise Faults(text=texts.nothing_to_delete(name))
        if text and name not in kept and len(kept) >= MOST:
            raise Faults(name=texts.too_many(MOST))
        filled.spend(session)
        if not text:
            session.execute(delete(SavedPrompt).where(SavedPrompt.owner_id == owner_id, SavedPrompt.name == name))
            return
        saved = {"text": text, "saved_by": filled.opened.person_id, "saved_at": clock(session)}
        session.merge(SavedPrompt(owner_id=owner_id, name=name, **saved))


def find(session: Session, person_id: str, channel_id: str, typed: str) -> str:
    """The words of a saved prompt; one's own come before the channel's. Raises Refused."""
    name = " ".join(typed.casefold().split())
    for owner_id in (person_id, channel_id):
        if saved := session.get(SavedPrompt, (owner_id, name)):
            return saved.text
    raise Refused(summary_texts.no_such_prompt(typed, names(session, person_id, channel_id)))


def names(session: Session, person_id: str, channel_id: str) -> list[str]:
    """Those that somebody can use here."""
    owners = SavedPrompt.owner_id.in_((person_id, channel_id))
    return list(session.scalars(select(SavedPrompt.name).where(owners).distinct().order_by(SavedPrompt.name)))


def _of(session: Session, owner_id: str) -> dict[str, str]:
    found = select(SavedPrompt).where(SavedPrompt.owner_id == owner_id).order_by(SavedPrompt.name)
    return {saved.name: saved.text for saved in session.scalars(found)}


def _dialog(mine: dict[str, str], theirs: dict[str, str]) -> Dialog:
    name, name_hint = texts.name()
    text, example = texts.text()
    whose, owners, whose_hint = texts.whose()
    elements = (
        dialogs.line("name", name, help=name_hint, required=True),
        dialogs.textarea("text", text, placeholder=example),
        dialogs.select("whose", whose, owners, "mine", help=whose_hint),
    )
    return Dialog(PURPOSE, texts.title(), texts.introduction(mine, theirs), elements, submit=texts.submit())
