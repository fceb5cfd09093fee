"""`/ai digest`: a new one, by a dialog or in one line; and all that can be done with those that there are.

What is wrong in itself is said at once; whether it may be, the worker asks (jobs/digest.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from mmapp import plan
from mmapp.choice import Spot
from mmapp.commands import digest_dialog, digest_words, entry
from mmapp.commands.digest_dialog import Opened
from mmapp.commands.digest_words import MANAGED, Typed
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.models import Models
from mmapp.config import Settings
from mmapp.db import Database, clock
from mmapp.dialogs import Dialog, Filled, Further, Told
from mmapp.errors import Faults, Refused
from mmapp.jobs import queue, waiting
from mmapp.models import MODEL_NAME, PersonSettings
from mmapp.plan import LARGEST, Plan
from mmapp.texts import digest as texts
from mmapp.texts import digest_faults as faults
from mmapp.texts import model as model_texts
from mmapp.texts import trust

CREATE, EDIT = "create", "edit"
MAKING = ("run", "preview")  # these have a model write now


def run(invocation: Invocation) -> Reply:
    words = invocation.parsed.words.strip()
    if managed := MANAGED.fullmatch(words):
        verb, number, rest = managed[1].casefold(), int((managed[2] or "0")[:11]), managed[3] or ""
        return _managed(invocation, verb, number, rest)
    if meant := digest_words.verb_for(words):
        raise Refused(faults.called_otherwise(meant))
    said = _checked(Typed.of(words))
    if not _is_enough(invocation, said):
        return _asked(invocation, said)
    return _begun(invocation, CREATE, 0, {"what": plan.HERE} | said)


def _managed(invocation: Invocation, verb: str, number: int, rest: str) -> Reply:
    if number > LARGEST:
        raise Refused(faults.none_such(number))
    if verb == EDIT:
        said = _checked(Typed.of(rest))
        return _begun(invocation, EDIT, number, said) if said else _shown(invocation, number)
    if rest or (number and verb == "list"):
        raise Refused(faults.number_alone(verb))
    return _begun(invocation, verb, number, {})


def _checked(said: Mapping[str, str]) -> dict[str, str]:
    """Raises Refused: nobody sees a field to put right."""
    try:
        return digest_words.checked(said)
    except Faults as error:
        raise Refused(error.sentence) from None


def _is_enough(invocation: Invocation, said: Mapping[str, str]) -> bool:
    """Whether it is known when, and of what: in a channel, of that one."""
    when = "cron" in said or {"when", "time"} <= said.keys() or said.get("when") == plan.HOURLY
    return when and ("what" in said or Opened(invocation).in_channel)


def _asked(invocation: Invocation, said: dict[str, str]) -> Reply:
    """By a dialog, filled in with what was said."""
    if invocation.post_id:
        raise Refused(faults.in_one_line(invocation.bot))
    with invocation.database.read() as session:
        entry.require_on(session, invocation)
        zone = PersonSettings.of(session, invocation.person_id).zone
    return Reply(trust.no_dialog("`/ai digest`"), dialog=digest_dialog.first(Opened(invocation, said, zone=zone)))


def _shown(invocation: Invocation, number: int) -> Reply:
    """By a dialog, filled in with what is set. Who may, and how its channels are called, is put in by whoever opens it."""
    if invocation.post_id:
        raise Refused(faults.in_one_line(invocation.bot))
    with invocation.database.read() as session:
        entry.require_on(session, invocation)
        digest = plan.find(session, number, invocation.person_id)
        owner = "" if digest.person_id == invocation.person_id else digest.person_name
        zone = PersonSettings.of(session, invocation.person_id).zone
        opened = Opened(invocation, {}, digest.id, Plan.of(digest), owner, zone)
    return Reply(trust.no_dialog("`/ai digest`"), dialog=digest_dialog.first(opened))


def _begun(invocation: Invocation, doing: str, number: int, said: Mapping[str, str]) -> Reply:
    _require_places(invocation, said)
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap
        return _enqueue(session, Opened(invocation, said, number), doing, invocation.heard_key)


def _require_places(invocation: Invocation, said: Mapping[str, str]) -> None:
    """Raises Refused where a channel is meant that is none."""
    if Opened(invocation).in_channel:
        return
    if plan.HERE in said.get("what", "").split():
        raise Refused(faults.none_here())
    if said.get("to") == plan.HERE:
        raise Refused(faults.not_here())


def _enqueue(session: Session, opened: Opened, doing: str, key: str | None) -> Reply:
    """Have the worker do it, once for this key. Raises Refused."""
    invocation, said = opened.invocation, opened.said
    _require_open(session, invocation, doing)
    if said.get("model", plan.USUAL) != plan.USUAL:
        _require_model(_models(session, invocation), said["model"])
    now = clock(session)
    request = invocation.request(now, digest_words.command(doing, opened.number, said))
    session.add(request)
    session.flush()
    payload = invocation.payload(
        now,
        verb="digest",
        private=True,
        doing=doing,
        number=opened.number,
        said=dict(said),
        shown=opened.shown.to_json() if opened.shown else {},
    )
    kind = "make" if doing in MAKING else "digest"
    queue.enqueue(session, kind, "admit", payload, request_id=request.id, dedupe_key=key, now=now)
    waits = not (invocation.post_id or waiting.warm_models(session, now))
    return Reply(texts.waits() if waits else "")


def _require_open(session: Session, invocation: Invocation, doing: str) -> None:
    """To set one up asks no model, and so counts for nobody's day; to have one made now does, and takes room, as a question
    does. What there is can be looked at, and ended, everywhere."""
    if doing in MAKING:
        entry.require_room(session, invocation)
    elif doing in (CREATE, EDIT):
        entry.require_on(session, invocation)


def _models(session: Session, invocation: Invocation) -> Models:
    """As far as everyone's rules let them answer. What holds where it is posted and read, the worker asks, who knows where that
    is: it need not be where it is typed."""
    return Models.at(session, invocation.settings, Spot(invocation.person_id, ""))


def _require_model(found: Models, name: str) -> None:
    if len(name) > MODEL_NAME:
        raise Refused(model_texts.unknown(name, []))
    if found.records:
        entry.require_usable(found.here, found.records, name, found.now)


# As it was filled in


def submitted(settings: Settings, database: Database, filled: Filled) -> Further | Told | None:
    """Do what was filled in; the second dialog where more is wanted first, before which nothing is done. Raises Faults and
    Refused, which keep it open."""
    opened = Opened.unsealed(settings, database, filled.opened.subject)
    digest_dialog.first(opened).check(filled)
    opened = replace(opened, said=digest_dialog.said_in(opened, filled), key=f"digest:{filled.opened.nonce}")
    if not digest_dialog.wants_more(filled):
        return _done(database, filled, opened)
    with database.read() as session:
        return digest_dialog.further(opened, _models(session, opened.invocation).options())


def more_opened(settings: Settings, database: Database, subject: str, person_id: str) -> Dialog:
    """The second dialog, by the button that stands in for a step. Raises Refused where it is another person's."""
    opened = Opened.unsealed(settings, database, subject)
    if opened.invocation.person_id != person_id:
        raise Refused(trust.stale_button())
    with database.read() as session:
        return digest_dialog.second(opened, _models(session, opened.invocation).options())


def more_submitted(settings: Settings, database: Database, filled: Filled) -> Told | None:
    """Do what was filled in in both. Raises Faults and Refused, which keep it open."""
    opened = Opened.unsealed(settings, database, filled.opened.subject)
    with database.read() as session:
        digest_dialog.second(opened, _models(session, opened.invocation).options()).check(filled)
    return _done(database, filled, replace(opened, said=digest_dialog.said_more(opened, filled)))


def _done(database: Database, filled: Filled, opened: Opened) -> Told | None:
    """Once, however often either of its dialogs is opened and sent. Raises Refused."""
    with database.write() as session:
        filled.spend(session)
        if waiting.is_known(session, opened.key):
            raise Refused(trust.stale_dialog())
        reply = _enqueue(session, opened, EDIT if opened.number else CREATE, opened.key)
    return Told(reply.text, opened.invocation.response_url) if reply.text else None
