"""`/ai model`: which model answers, for oneself, a channel or a conversation; by name, or by a dialog (model_filled.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mmapp import choice
from mmapp.commands import choosing, entry, model_dialog, notice
from mmapp.commands.choosing import Whom
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.models import Models
from mmapp.commands.parse import take_flags
from mmapp.errors import Refused
from mmapp.jobs import waiting
from mmapp.models import ModelRecord, ModelSettings
from mmapp.texts import model as texts
from mmapp.texts import trust

FLAGS = {"for": True}


def run(invocation: Invocation) -> Reply:
    words, flags = take_flags(invocation.parsed.words, FLAGS)
    scope = flags.get("for", "me").casefold()
    if scope not in choosing.WHOSE:
        raise Refused(texts.no_such_scope(flags["for"]))
    verb, _, rest = words.partition(" ")
    match verb.casefold(), rest.strip():
        case "", _:
            return _asked(Whom.at(invocation, scope, words))
        case "list", part:
            return _told(invocation, _models(invocation).list(part))
        case "info", name:
            return _told(invocation, _info(invocation, name))
        case "more", "":
            return _more(Whom.at(invocation, scope, words))
        case "reset", "" | "all":
            return _reset(Whom.at(invocation, scope, words), everything=bool(rest.strip()))
        case _:
            return _choose(Whom.at(invocation, scope, words), words)


def _models(invocation: Invocation) -> Models:
    with invocation.database.read() as session:
        return choosing.models(session, invocation)


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


# By a dialog


def _asked(whom: Whom, model: str | None = None) -> Reply:
    """With what is set for them filled in, or this `model`."""
    invocation = whom.invocation
    _require_no_post(whom)
    with invocation.database.read() as session:
        found = choosing.models(session, invocation)
        saved, manner = whom.kept(session), choice.manner(session, invocation.spot)
        return Reply(trust.no_dialog("`/ai model`"), dialog=model_dialog.dialog(whom, found, saved, manner, model))


def _more(whom: Whom) -> Reply:
    _require_no_post(whom)
    with whom.invocation.database.read() as session:
        return Reply(trust.no_dialog("`/ai model`"), dialog=model_dialog.more(whom, whom.kept(session)))


def _require_no_post(whom: Whom) -> None:
    """Raises Refused where nothing can be opened: a mention carries no trigger."""
    if whom.invocation.post_id:
        raise Refused(texts.by_dialog(whom.invocation.parsed.words))


# By name


def _choose(whom: Whom, name: str) -> Reply:
    """For a channel its admins choose, and only a dialog can ask whether this is one."""
    found = _models(whom.invocation)
    record = entry.require_usable(found.here, found.records, name, found.now)
    if whom.scope == "channel":
        return _asked(whom, record.name)
    return _set(whom, record, {"model": record.name})


def _reset(whom: Whom, *, everything: bool) -> Reply:
    if whom.scope == "channel":
        return _asked(replace(whom, resets=everything), texts.USUAL)
    return _set(whom, None, choice.UNSET if everything else {"model": ""})


def _set(whom: Whom, record: ModelRecord | None, fields: dict[str, Any]) -> Reply:
    """At once; for a thread, which is others' too, by the worker, who asks Mattermost whether this person may."""
    invocation = whom.invocation
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        before = whom.kept(session)
        done = _done(whom, record, before, fields)
        if whom.is_shared:
            return choosing.enqueue(session, whom, fields, done)
        choice.keep(session, invocation.spot, whom.whose, **fields)
        now = choosing.now(choosing.models(session, invocation), whom, record.name if record else "")
        return notice.done(session, invocation, " ".join(filter(None, [done, now])))


def _done(whom: Whom, record: ModelRecord | None, before: ModelSettings, fields: dict[str, Any]) -> str:
    """What was chosen; or what is taken back, and what stays."""
    if record is not None:
        return texts.chosen(record.name, record.title, whom.scope, whom.bot)
    set_before = choice.set_in(before)
    if not set_before.keys() & fields.keys():
        done = texts.nothing_to_reset(whom.scope, whom.bot, everything=len(fields) > 1)
    else:
        done = texts.reset(whom.scope, whom.bot, everything=len(fields) > 1)
    left = {name: value for name, value in set_before.items() if name not in fields}
    return f"{done} {texts.stays(texts.manner(left), whom.scope)}" if left else done
