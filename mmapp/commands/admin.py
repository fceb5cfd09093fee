"""`/ai admin models`: for admins, which models may answer in a channel, a team or everywhere, and which one does by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from mmapp import choice, dialogs
from mmapp.choice import Rules, Spot
from mmapp.commands import entry, notice
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.models import Models
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, Refused
from mmapp.models import ModelRecord, ModelSettings
from mmapp.texts import model as model_texts
from mmapp.texts import models as list_texts
from mmapp.texts import rules as texts
from mmapp.texts import trust

PURPOSE = "modelrules"
WHOSE = {"channel": choice.CHANNEL, "team": choice.TEAM, "everywhere": choice.EVERYONE}
MOST = 50  # names in a list
SHOWN = 20  # names in a sentence


def run(invocation: Invocation) -> Reply:
    what, _, whose = invocation.parsed.words.casefold().partition(" ")
    whose = whose.strip() or "channel"
    if what != "models" or whose not in WHOSE:
        raise Refused(texts.how())
    if invocation.post_id:
        raise Refused(trust.no_dialog("`/ai admin models`"))
    if whose == "channel" and (invocation.in_direct_message or invocation.in_group_message):
        raise Refused(texts.no_channel())
    if whose == "team" and not invocation.team_id:
        raise Refused(texts.no_team())
    with invocation.database.read() as session:
        records = Models.at(session, invocation.settings, invocation.spot).records
        saved = choice.kept(session, invocation.spot, WHOSE[whose])
        return Reply(trust.no_dialog("`/ai admin models`"), dialog=_dialog(invocation, whose, records, saved))


def _dialog(invocation: Invocation, whose: str, records: Mapping[str, ModelRecord], saved: ModelSettings) -> Dialog:
    fields = texts.fields()
    allowed, all_of_them = fields["allowed"]
    blocked, none_of_them = fields["blocked"]
    default, hint = fields["default"]
    models = {model_texts.USUAL: texts.no_default()} | {record.name: record.title for record in records.values()}
    away = [name for name in _named(saved) if name not in records]
    if saved.model in away:  # who changes something else would lose it
        models[saved.model] = list_texts.option(saved.model, "", list_texts.not_now())
    elements = (
        dialogs.textarea("allowed", allowed, "\n".join(saved.allowed), placeholder=all_of_them),
        dialogs.textarea("blocked", blocked, "\n".join(saved.blocked), placeholder=none_of_them),
        dialogs.select("default", default, list(models.items()), saved.model or model_texts.USUAL, help=hint),
    )
    shown = texts.introduction(whose, list(records)[:SHOWN], len(records) - SHOWN, away)
    subject = invocation.sealed(whose=whose, shown=choice.stamp(saved))
    return Dialog(PURPOSE, texts.title(), shown, elements, submit=texts.submit(), subject=subject)


def _named(saved: ModelSettings) -> list[str]:
    return list(dict.fromkeys([*saved.allowed, *saved.blocked, *filter(None, [saved.model])]))


def submitted(settings: Settings, database: Database, filled: Filled, may_rule: Callable[[str, str], bool]) -> None:
    """Save the rules. `may_rule` asks Mattermost whether this person sets those of a channel, a team or everywhere, by the
    team's id. Raises Faults and Refused, which keep it open."""
    invocation, carried = Invocation.unsealed(settings, database, filled.opened.subject)
    whose, spot = carried["whose"], invocation.spot
    with database.read() as session:
        records = Models.at(session, settings, spot).records
        saved = choice.kept(session, spot, WHOSE[whose])
        wider = _wider(session, spot, whose)
    _dialog(invocation, whose, records, saved).check(filled)
    known = [*records, *_named(saved)]  # a model that is away for a while is no reason to drop its rule
    allowed, blocked = (_names(filled, field, known) for field in ("allowed", "blocked"))
    default = filled.text("default")
    default = "" if default == model_texts.USUAL else default
    _require_consistent(allowed, blocked, default)
    if default not in ("", saved.model) and not wider.allow(default):
        raise Faults(default=texts.default_not_allowed_further_up(default))
    if not may_rule(whose, spot.team_id):
        raise Faults(allowed=texts.not_an_admin(whose))
    with database.write() as session:
        filled.spend(session)
        if choice.stamp(choice.kept(session, spot, WHOSE[whose], lock=True)) != carried["shown"]:
            raise Refused(model_texts.changed_meanwhile())
        choice.keep(session, spot, WHOSE[whose], allowed=allowed, blocked=blocked, model=default)
        notice.tell(session, invocation, _told(session, invocation, whose), f"rules:{filled.opened.nonce}")


def _here(spot: Spot, whose: str) -> Spot:
    """Where these rules hold, for somebody who has chosen nothing."""
    held = {"channel": {"channel_id": spot.channel_id, "team_id": spot.team_id}, "team": {"team_id": spot.team_id}}
    return Spot(**{"person_id": "", "channel_id": ""} | held.get(whose, {}))


def _wider(session: Session, spot: Spot, whose: str) -> Rules:
    """Those that hold there besides."""
    of = {"channel": "team", "team": "everywhere"}.get(whose)
    return choice.settled(session, _here(spot, of)).rules if of else Rules()


def _told(session: Session, invocation: Invocation, whose: str) -> str:
    """Which models are left, and which one answers whoever has chosen none."""
    found = Models.at(session, invocation.settings, _here(invocation.spot, whose), quoting=True)
    left = [record.name for record in found.usable()]
    if found.chosen is None:
        return texts.none_left(whose)
    return texts.saved(whose, left[:SHOWN], len(left) - SHOWN, found.chosen.record.title)


def _names(filled: Filled, field: str, known: Collection[str]) -> list[str]:
    """The models that stand in a field, each on a line or behind a comma. Raises Faults where there is no such one."""
    names = list(dict.fromkeys(name.casefold() for name in re.split(r"[,\s]+", filled.text(field)) if name))
    if len(names) > MOST:
        raise Faults(**{field: texts.too_many(MOST)})
    for name in names:
        if name not in known:
            raise Faults(**{field: model_texts.unknown(name, entry.near(name, known))})
    return names


def _require_consistent(allowed: list[str], blocked: list[str], default: str) -> None:
    both = sorted(set(allowed) & set(blocked))
    if both:
        raise Faults(blocked=texts.both(both[0]))
    if default and not Rules((frozenset(allowed),) if allowed else (), frozenset(blocked)).allow(default):
        raise Faults(default=texts.default_not_allowed())
