"""`/ai admin models`: for admins, which models may answer in a channel, a team or everywhere, and which one does by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mmapp import choice, dialogs
from mmapp.choice import Rules
from mmapp.commands import entry
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.models import Models
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Filled
from mmapp.errors import Faults, Refused
from mmapp.models import ModelRecord, ModelSettings
from mmapp.texts import model as model_texts
from mmapp.texts import rules as texts
from mmapp.texts import trust

PURPOSE = "modelrules"
WHOSE = {"channel": choice.CHANNEL, "team": choice.TEAM, "everywhere": choice.EVERYONE}
MOST = 50  # names in a list


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
        found = Models.at(session, invocation.settings, invocation.spot)
        saved = choice.kept(session, invocation.spot, WHOSE[whose])
        return Reply(trust.no_dialog("`/ai admin models`"), dialog=_dialog(invocation, whose, found.records, saved))


def _dialog(invocation: Invocation, whose: str, records: Mapping[str, ModelRecord], saved: ModelSettings) -> Dialog:
    fields = texts.fields()
    allowed, all_of_them = fields["allowed"]
    blocked, none_of_them = fields["blocked"]
    default, hint = fields["default"]
    models = [(model_texts.USUAL, texts.no_default()), *((record.name, record.title) for record in records.values())]
    usual = saved.model if saved.model in dict(models) else model_texts.USUAL
    elements = (
        dialogs.textarea("allowed", allowed, "\n".join(saved.allowed), placeholder=all_of_them),
        dialogs.textarea("blocked", blocked, "\n".join(saved.blocked), placeholder=none_of_them),
        dialogs.select("default", default, models, usual, help=hint),
    )
    shown = texts.introduction(whose, list(records))
    return Dialog(
        PURPOSE, texts.title(), shown, elements, submit=texts.submit(), subject=invocation.sealed(whose=whose)
    )


def submitted(settings: Settings, database: Database, filled: Filled, may_rule: Callable[[str, str], bool]) -> None:
    """Save the rules. `may_rule` asks Mattermost whether this person sets those of a channel, a team or everywhere, by the
    team's id. Raises Faults and Refused, which keep it open."""
    invocation, carried = Invocation.unsealed(settings, database, filled.opened.subject)
    whose, spot = carried["whose"], invocation.spot
    with database.read() as session:
        records = Models.at(session, settings, spot).records
    _dialog(invocation, whose, records, ModelSettings(allowed=[], blocked=[])).check(filled)
    allowed, blocked = (_names(filled, field, records) for field in ("allowed", "blocked"))
    default = filled.text("default")
    default = "" if default == model_texts.USUAL else default
    _require_consistent(allowed, blocked, default)
    if not may_rule(whose, spot.team_id):
        raise Faults(allowed=texts.not_an_admin(whose))
    with database.write() as session:
        filled.spend(session)
        rules = {"allowed": allowed, "blocked": blocked, "model": default}
        choice.keep(session, spot, WHOSE[whose], **rules)


def _names(filled: Filled, field: str, records: Mapping[str, ModelRecord]) -> list[str]:
    """The models that stand in a field, each on a line or behind a comma. Raises Faults where there is no such one."""
    names = list(dict.fromkeys(name.casefold() for name in re.split(r"[,\s]+", filled.text(field)) if name))
    if len(names) > MOST:
        raise Faults(**{field: texts.too_many(MOST)})
    for name in names:
        if name not in records:
            raise Faults(**{field: model_texts.unknown(name, entry.near(name, records))})
    return names


def _require_consistent(allowed: list[str], blocked: list[str], default: str) -> None:
    both = sorted(set(allowed) & set(blocked))
    if both:
        raise Faults(blocked=texts.both(both[0]))
    if default and not Rules((frozenset(allowed),) if allowed else (), frozenset(blocked)).allow(default):
        raise Faults(default=texts.default_not_allowed())
