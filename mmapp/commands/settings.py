"""`/ai settings`: a dialog of four fields, each about the one who opens it."""

from __future__ import annotations

from mmapp import dialogs
from mmapp.commands.invocation import Invocation, Reply
from mmapp.db import Database
from mmapp.dialogs import Dialog, Filled
from mmapp.models import PersonSettings
from mmapp.texts import settings as texts
from mmapp.texts import trust


def run(invocation: Invocation) -> Reply:
    with invocation.database.read() as session:
        dialog = _dialog(PersonSettings.of(session, invocation.person_id))
    return Reply(trust.no_dialog("`/ai settings`"), dialog=dialog)


def submitted(database: Database, filled: Filled) -> None:
    """Save what was filled in. Raises Faults, and Refused where it was saved already."""
    with database.write() as session:
        settings = PersonSettings.of(session, filled.opened.person_id)
        _dialog(settings).check(filled)
        filled.spend(session)
        settings.private = filled.text("where") == "direct"
        settings.silence = int(filled.text("silence"))
        settings.note_when_late, settings.thumbs = filled.flag("late"), filled.flag("thumbs")
        session.add(settings)


def _dialog(settings: PersonSettings) -> Dialog:
    where, places, where_hint = texts.where()
    silence, hours, silence_hint = texts.silence()
    elements = (
        dialogs.select("where", where, places, "direct" if settings.private else "channel", help=where_hint),
        dialogs.select("silence", silence, hours, str(settings.silence), help=silence_hint),
        dialogs.tick("late", *texts.late(), on=settings.note_when_late),
        dialogs.tick("thumbs", *texts.thumbs(), on=settings.thumbs),
    )
    return Dialog("settings", texts.title(), texts.introduction(), elements, submit=texts.submit())
