"""The dialogs of `/ai model` as somebody has filled them in: what is saved, for whom, and what they read then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from mmapp import choice, languages
from mmapp.commands import choosing, model_dialog, notice
from mmapp.commands.choosing import Whom
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Filled, Further
from mmapp.errors import Faults, Refused
from mmapp.models import ModelSettings
from mmapp.texts import model as texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts import trust

LONGEST = 1000  # characters of instructions
Rights = Callable[[Whom], bool]
"""Asks Mattermost whether its person may choose for these. Raises NotAsked where that is not known."""


def submitted(settings: Settings, database: Database, filled: Filled, may: Rights) -> Further | None:
    """Save what was filled in; the dialog of further options where they are wanted. Raises Faults and Refused, which keep it
    open."""
    shown = Whom.unsealed(settings, database, filled.opened.subject)
    with database.read() as session:
        found, before = choosing.models(session, shown.invocation), shown.kept(session)
    model_dialog.dialog(shown, found, before, choice.Manner()).check(filled)
    whom = shown.but(filled.text("for"))
    elsewhere = whom.scope != shown.scope
    fields = _fields(filled, shown, before, elsewhere=elsewhere)
    name = fields.get("model", "")
    if name and elsewhere and name not in dict(found.options()):
        raise Faults(model=texts.not_allowed(name))
    _require_right(whom, may, "for")
    with database.write() as session:
        filled.spend(session)
        shown.require_unchanged(session)
        if fields:
            choice.keep(session, whom.invocation.spot, whom.whose, **fields)
        told = _told(session, whom, fields, name if elsewhere or name != before.model else "")
        left_out = elsewhere and model_dialog.instructions(shown, before) and "instructions" not in fields
        told += f" {texts.not_taken_along(shown.scope, shown.bot)}" if left_out else ""
        notice.tell(session, whom.invocation, told, f"model:{filled.opened.nonce}")
        return model_dialog.further(whom, whom.kept(session)) if filled.flag("more") else None


def _fields(filled: Filled, shown: Whom, before: ModelSettings, *, elsewhere: bool) -> dict[str, Any]:
    """What is to be saved. What was shown is, in the place of all that was set where it `resets`; `elsewhere` nobody has seen
    what is set: empty fields leave it, and instructions that somebody has written for others go nowhere else because they
    stood there. Raises Faults."""
    picked, instructions = model_dialog.picked(filled.text("model")), filled.text("instructions")
    if len(instructions) > LONGEST:
        raise Faults(instructions=texts.too_long(len(instructions), LONGEST))
    if not elsewhere:
        return (choice.UNSET if shown.resets else {}) | {"model": picked, "instructions": instructions}
    own = instructions.split() == model_dialog.instructions(shown, before).split()
    typed = {"model": picked, "instructions": "" if own else instructions}
    return {name: value for name, value in typed.items() if value}


def _require_right(whom: Whom, may: Rights, field: str) -> None:
    """Raises Faults at this field where this person may not choose for them."""
    if whom.scope == "channel" and not may(whom):
        raise Faults(**{field: texts.not_an_admin()})
    if whom.is_shared and not may(whom):
        raise Faults(**{field: texts.not_a_member()})


def _told(session: Session, whom: Whom, fields: dict[str, Any], name: str) -> str:
    """What is so now that these fields are saved; `name`: the model, where it was changed."""
    found = choosing.models(session, whom.invocation)
    record = found.records.get(name)
    if record is not None:
        done = texts.chosen(name, record.title, whom.scope, whom.bot)
    elif fields == choice.UNSET:
        done = texts.reset(whom.scope, whom.bot, everything=True)
    else:
        done = texts.saved(whom.scope, whom.bot) if fields else texts.nothing_changed(whom.scope, whom.bot)
    return " ".join(filter(None, [done, choosing.now(found, whom, name)]))


# More options


def more_opened(settings: Settings, database: Database, subject: str, person_id: str) -> Dialog:
    """The second dialog, by the button that stands in for a step. Raises Refused where it is another person's."""
    whom = Whom.unsealed(settings, database, subject)
    if whom.invocation.person_id != person_id:
        raise Refused(trust.stale_button())
    with database.read() as session:
        return model_dialog.more(whom, whom.kept(session))


def more_submitted(settings: Settings, database: Database, filled: Filled, may: Rights) -> None:
    """Save temperature, length and language. Raises Faults and Refused."""
    whom = Whom.unsealed(settings, database, filled.opened.subject)
    model_dialog.more(whom, ModelSettings()).check(filled)
    fields = _more_fields(filled)
    _require_right(whom, may, "length")
    with database.write() as session:
        filled.spend(session)
        whom.require_unchanged(session)
        choice.keep(session, whom.invocation.spot, whom.whose, **fields)
        parts = texts.manner({name: value for name, value in fields.items() if value not in (None, "")})
        told = texts.saved_manner(whom.scope, whom.bot, parts)
        notice.tell(session, whom.invocation, told, f"modelmore:{filled.opened.nonce}")


def _more_fields(filled: Filled) -> dict[str, Any]:
    typed = filled.text("language")
    language = languages.named(typed)
    if typed and not language:
        raise Faults(language=summary_texts.no_such_language(typed))
    temperature = model_dialog.picked(filled.text("temperature"))
    return {
        "temperature": float(temperature) if temperature else None,
        "length": model_dialog.picked(filled.text("length")),
        "language": language,
    }
