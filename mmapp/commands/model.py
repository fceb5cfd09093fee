"""`/ai model`: which model answers, for oneself, a channel or a conversation; by name, or by a dialog."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from mmapp import choice, languages
from mmapp.commands import entry, model_dialog, notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.model_dialog import Opened
from mmapp.commands.models import Models
from mmapp.commands.parse import take_flags
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Filled, Further
from mmapp.errors import Faults, Refused
from mmapp.jobs import waiting
from mmapp.models import ModelSettings
from mmapp.texts import model as texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts import trust

FLAGS = {"for": True}
SCOPES = ("me", "channel", "conversation")
LONGEST = 1000  # characters of instructions


def run(invocation: Invocation) -> Reply:
    words, flags = take_flags(invocation.parsed.words, FLAGS)
    scope = flags.get("for", "me").casefold()
    if scope not in SCOPES:
        raise Refused(texts.no_such_scope(flags["for"]))
    verb, _, rest = words.partition(" ")
    match verb.casefold(), rest.strip():
        case "", _:
            return _asked(invocation, scope)
        case "list", "":
            return _told(invocation, _models(invocation).list())
        case "info", name:
            return _told(invocation, _info(invocation, name))
        case "more", "":
            return _asked(invocation, scope, more=True)
        case "reset", "":
            return _reset(invocation, scope)
        case _:
            return _choose(invocation, scope, words)


def _models(invocation: Invocation) -> Models:
    with invocation.database.read() as session:
        return Models.at(session, invocation.settings, invocation.spot)


def _told(invocation: Invocation, sentence: str) -> Reply:
    with invocation.database.write() as session:
        return notice.done(session, invocation, sentence)


def _info(invocation: Invocation, name: str) -> str:
    if not name:
        raise Refused(texts.which())
    found = _models(invocation)
    record = found.records.get(name.casefold())
    if record is None:
        raise Refused(texts.unknown(name, entry.near(name, found.records)))
    return found.info(record)


def _asked(invocation: Invocation, scope: str, *, more: bool = False) -> Reply:
    """By a dialog, with what is set for this scope filled in."""
    if invocation.post_id:
        raise Refused(trust.no_dialog("`/ai model`"))
    opened = Opened(invocation, scope)
    whose = opened.of(scope)
    with invocation.database.read() as session:
        found = Models.at(session, invocation.settings, invocation.spot)
        saved = choice.kept(session, invocation.spot, whose)
        if more:
            return Reply(trust.no_dialog("`/ai model`"), dialog=model_dialog.more(opened, saved))
        manner = choice.manner(session, invocation.spot)
        return Reply(trust.no_dialog("`/ai model`"), dialog=model_dialog.dialog(opened, found, saved, manner))


def _choose(invocation: Invocation, scope: str, name: str) -> Reply:
    """By name. For a channel its admins choose, and only a dialog can ask whether this is one."""
    if scope == "channel":
        raise Refused(texts.by_dialog())
    whose = Opened(invocation, scope).of(scope)
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        found = Models.at(session, invocation.settings, invocation.spot)
        record = entry.require_usable(found.here, found.records, name, found.now)
        choice.keep(session, invocation.spot, whose, model=record.name)
        told = _now(session, invocation, scope, record.name)
        return notice.done(session, invocation, told)


def _now(session: Session, invocation: Invocation, scope: str, name: str) -> str:
    """What has been chosen, and what answers here all the same where something nearer is set."""
    found = Models.at(session, invocation.settings, invocation.spot)
    told, chosen = texts.chosen(name, found.records[name].title, scope), found.chosen
    nearer = chosen is not None and chosen.record.name != name
    return f"{told} {texts.hides(chosen.origin, chosen.record.name)}" if chosen and nearer else told


def _reset(invocation: Invocation, scope: str) -> Reply:
    if scope == "channel":
        raise Refused(texts.by_dialog())
    whose = Opened(invocation, scope).of(scope)
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        if not choice.is_set(choice.kept(session, invocation.spot, whose)):
            return notice.done(session, invocation, texts.nothing_to_forget(scope))
        choice.forget(session, invocation.spot, whose)
        chosen = Models.at(session, invocation.settings, invocation.spot).chosen
        told = texts.forgotten(scope, chosen.record.title, chosen.origin) if chosen else texts.none_allowed()
        return notice.done(session, invocation, told)


# As it was filled in


def submitted(settings: Settings, database: Database, filled: Filled, manages: Callable[[], bool]) -> Further | None:
    """Save what was filled in; the dialog of further options where they are wanted. `manages` asks Mattermost whether this
    person is an admin of the channel. Raises Faults and Refused, which keep it open."""
    opened = Opened.unsealed(settings, database, filled.opened.subject)
    scope, instructions = filled.text("for") or opened.scope, filled.text("instructions")
    with database.read() as session:
        found = Models.at(session, settings, opened.invocation.spot)
        before = choice.kept(session, opened.invocation.spot, opened.of(opened.scope))
    model_dialog.dialog(opened, found, before, choice.Manner()).check(filled)
    picked = model_dialog.picked(filled.text("model"))
    if picked and picked not in dict(found.options()) and scope != opened.scope:
        raise Faults(model=texts.not_allowed(picked))
    if len(instructions) > LONGEST:
        raise Faults(instructions=texts.too_long(len(instructions), LONGEST))
    if scope == "channel" and not manages():
        raise Faults(**{"for": texts.not_an_admin()})
    invocation, whose = opened.invocation, opened.of(scope)
    wanted = {"model": picked, "instructions": instructions}
    with database.write() as session:
        filled.spend(session)
        # What was shown is what is saved; of another scope nobody has seen what is set, and empty fields leave it.
        changed = {name: value for name, value in wanted.items() if value or scope == opened.scope}
        choice.keep(session, invocation.spot, whose, **changed)
        notice.tell(
            session, invocation, _saved(session, invocation, scope, wanted["model"]), f"model:{filled.opened.nonce}"
        )
        saved = choice.kept(session, invocation.spot, whose)
        return model_dialog.further(opened.but(scope), saved) if filled.flag("more") else None


def _saved(session: Session, invocation: Invocation, scope: str, name: str) -> str:
    if name in Models.at(session, invocation.settings, invocation.spot).records:
        return _now(session, invocation, scope, name)
    chosen = Models.at(session, invocation.settings, invocation.spot).chosen
    return texts.saved(scope, chosen.record.title, chosen.origin) if chosen else texts.none_allowed()


def more_opened(settings: Settings, database: Database, subject: str, person_id: str) -> Dialog:
    """The second dialog, by the button that stands in for a step. Raises Refused where it is another person's."""
    opened = Opened.unsealed(settings, database, subject)
    if opened.invocation.person_id != person_id:
        raise Refused(trust.stale_button())
    with database.read() as session:
        saved = choice.kept(session, opened.invocation.spot, opened.of(opened.scope))
    return model_dialog.more(opened, saved)


def more_submitted(settings: Settings, database: Database, filled: Filled, manages: Callable[[], bool]) -> None:
    """Save temperature, length and language. Raises Faults and Refused."""
    opened = Opened.unsealed(settings, database, filled.opened.subject)
    model_dialog.more(opened, ModelSettings()).check(filled)
    typed = filled.text("language")
    language = languages.named(typed)
    if typed and not language:
        raise Faults(language=summary_texts.no_such_language(typed))
    if opened.scope == "channel" and not manages():
        raise Faults(length=texts.not_an_admin())
    temperature = model_dialog.picked(filled.text("temperature"))
    with database.write() as session:
        filled.spend(session)
        choice.keep(
            session,
            opened.invocation.spot,
            opened.of(opened.scope),
            temperature=float(temperature) if temperature else None,
            length=model_dialog.picked(filled.text("length")),
            language=language,
        )
