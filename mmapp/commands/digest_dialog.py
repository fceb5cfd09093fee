"""The two dialogs of `/ai digest`: what, where and when; and, where more is wanted, how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from mmapp import dialogs, plan, schedule
from mmapp.buttons import Button
from mmapp.commands import digest_words
from mmapp.commands.invocation import Invocation
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Element, Filled, Further
from mmapp.errors import Faults, Refused
from mmapp.plan import HOW, Plan
from mmapp.texts import digest_dialog as texts
from mmapp.texts import digest_faults
from mmapp.texts import model as model_texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts.digest_when import days
from mmapp.texts.plain import code

PURPOSE, MORE = "digest", "digestmore"
OTHER, KEPT = texts.OTHER[0], texts.KEPT
TIME = "08:30"
_CARRIED = ("said", "number", "owner", "zone", "key", "names")


@dataclass(frozen=True)
class Opened:
    """What a dialog goes on from: what was `said` so far, and the digest of this `number` as it was `shown`, None for a new
    one; `owner` is whose it is, where that is somebody else. `zone` is the person's own, empty where nobody knows it. `key`:
    what is done once, also where the second dialog is opened twice. `names`: those of its channels, by their ids, as far as they
    are told."""

    invocation: Invocation
    said: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    shown: Plan | None = None
    owner: str = ""
    zone: str = ""
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def unsealed(cls, settings: Settings, database: Database, subject: str) -> Self:
        """From what `sealed` gave. Raises WrongKey."""
        invocation, more = Invocation.unsealed(settings, database, subject)
        shown = Plan.from_json(more["shown"]) if more["shown"] else None
        return cls(invocation, shown=shown, **{name: more[name] for name in _CARRIED})

    def sealed(self) -> str:
        """Readable by nobody else."""
        shown = self.shown.to_json() if self.shown else None
        return self.invocation.sealed(shown=shown, **{name: getattr(self, name) for name in _CARRIED})

    @property
    def in_channel(self) -> bool:
        return not (self.invocation.in_direct_message or self.invocation.in_group_message)

    @property
    def channels(self) -> tuple[str, ...]:
        """The ids of those whose names stand in it, and are Mattermost's to tell."""
        return (*self.shown.channels, self.shown.to) if self.shown else ()

    @property
    def what(self) -> str:
        """The channels as they stand in the first field."""
        here = f"~{self.invocation.channel_name}" if self.in_channel else ""
        said = self.said.get("what", "").split()
        shown = [self.called(each) for each in self.shown.channels] if self.shown else [here]
        return ", ".join(here if one == plan.HERE else self.called(one) for one in said or shown)

    def called(self, channel_id: str) -> str:
        """By its name, or where that is not told as it is."""
        name = self.names.get(channel_id, "")
        return f"~{name}" if name else channel_id

    def meant(self, typed: str) -> str:
        """Channels as they were typed, those whose names stood there as the ones that these stood for: where it is sent from,
        the same name may be another channel's."""
        ids = {self.called(each).casefold(): each for each in self.names}
        return " ".join(ids.get(one.casefold(), one) for one in digest_words.split(typed))

    @property
    def to(self) -> str:
        """What is picked as its place."""
        to = self.said.get("to") or ((self.shown.to or plan.ME) if self.shown else plan.ME)
        if self.in_channel and to == self.invocation.channel_id:
            return plan.HERE
        return to if to in (plan.ME, plan.HERE) else KEPT

    @property
    def line(self) -> str:
        """A line of cron that is there to be changed; empty where there is none."""
        return self.said.get("cron") or (self.shown.line if self.shown else "")

    @property
    def when(self) -> str:
        """What is picked as its days."""
        found = self.said.get("when") or (plan.when(self.line) if self.line else "workdays")
        return found if found in dict(texts.whens()) else KEPT

    @property
    def time(self) -> str:
        """What stands as its time, with the zone behind it where that is not the person's own. One that has another name by now
        is nothing to go on with."""
        clock = self.said.get("time") or (plan.time(self.line) if self.line else TIME)
        other = self.said.get("zone") or (self.shown.zone if self.shown else "")
        return f"{clock} {other}" if clock and other not in ("", self.zone) and schedule.is_zone(other) else clock

    def how(self, name: str) -> str:
        """What is set of how it is told."""
        return self.said.get(name) or str(getattr(self.shown or Plan(), name)) or model_texts.USUAL


def first(opened: Opened) -> Dialog:
    """Four fields, filled in with what was said or is set."""
    what, what_hint = texts.what()
    where, where_hint = texts.where()
    clock, clock_hint = texts.time(opened.zone)
    elements = (
        dialogs.textarea("what", what, opened.what, help=what_hint, required=True),
        dialogs.select("to", where, _places(opened), opened.to, help=where_hint),
        dialogs.select("when", texts.when(), _whens(opened), opened.when),
        dialogs.line("time", clock, opened.time, help=clock_hint, required=bool(opened.time)),
        dialogs.tick("more", *texts.more(), on=False),
    )
    return Dialog(
        PURPOSE,
        texts.title(opened.number),
        texts.introduction(opened.number),
        elements,
        submit=texts.submit(opened.number),
        subject=opened.sealed(),
    )


def _places(opened: Opened) -> list[tuple[str, str]]:
    me = (plan.ME, texts.to_owner(opened.owner)) if opened.owner else texts.ME
    to = opened.said.get("to") or (opened.shown.to if opened.shown else "")
    kept = [(KEPT, texts.stays_in(opened.called(to).removeprefix("~")))] if opened.to == KEPT else []
    return [me, *([texts.HERE] if opened.in_channel else []), *kept, texts.OTHER]


def _whens(opened: Opened) -> list[tuple[str, str]]:
    if opened.when != KEPT:
        return texts.whens()
    when = opened.said.get("when") or plan.when(opened.line)
    return [(KEPT, days(when) if when else texts.stays(opened.line)), *texts.whens()]


def said_in(opened: Opened, filled: Filled) -> dict[str, str]:
    """All that was said by now, with what was filled in otherwise than it stood there; OTHER stands for a place that is still to
    be picked. Raises Faults."""
    said = dict(opened.said) | {"what": opened.meant(filled.text("what"))}
    for name in ("to", "when"):
        if _is_picked(opened, name, filled.text(name)):
            said[name] = filled.text(name)
    time = filled.text("time")
    if time and (time != opened.time or not opened.line):
        said |= {"time": time}
    found = _checked(said | _other_zone(opened, time), opened)
    if opened.shown and found["what"] == " ".join(opened.shown.channels):
        del found["what"]
    return found | ({"to": OTHER} if filled.text("to") == OTHER else {})


def _is_picked(opened: Opened, name: str, value: str) -> bool:
    """Of one that there is, what stood there already is nobody's wish."""
    stood = getattr(opened, name) if opened.shown else ""
    return value not in ("", KEPT, OTHER, stood)


def _other_zone(opened: Opened, time: str) -> dict[str, str]:
    """Their own, for who takes away the zone that stands behind the time, and where it has another name by now."""
    taken = " " in opened.time and " " not in time
    gone = opened.shown is not None and not schedule.is_zone(opened.shown.zone)
    if not (taken or gone) or " " in time:
        return {}
    return {"zone": opened.zone if opened.shown else ""}


def _checked(said: Mapping[str, str], opened: Opened) -> dict[str, str]:
    found = digest_words.checked(said)
    if "what" not in found:
        raise Faults(what=digest_faults.name_channels())
    if plan.HERE in found["what"].split() and not opened.in_channel:
        raise Faults(what=digest_faults.name_channels())
    try:
        plan.line(found, opened.shown.line if opened.shown else "", datetime.now(UTC))
    except Refused as error:
        raise Faults(time=error.sentence) from None
    return found


def wants_more(filled: Filled) -> bool:
    """Whether the second dialog is to follow."""
    return filled.flag("more") or filled.text("to") == OTHER


def second(opened: Opened, models: list[tuple[str, str]]) -> Dialog:
    """How it is told; and in which channel, where another one is wanted. `models` can be picked."""
    fields = texts.fields()
    model = opened.how("model")
    usual = [(model, model), *models, (model_texts.USUAL, model_texts.as_usual())]
    options = {
        "window": texts.windows(), "kind": list(summary_texts.KINDS), "length": texts.lengths(),
        "model": sorted(dict(usual).items(), key=lambda one: one[0] != model_texts.USUAL),
    }  # fmt: skip

    def element(name: str) -> Element:
        label, hint = fields[name]
        if name in options:
            return dialogs.select(name, label, options[name], opened.how(name), help=hint)
        default = opened.how(name)
        return dialogs.line(name, label, "" if default == model_texts.USUAL else default, help=hint)

    channel, channel_hint = texts.channel()
    where = replace(dialogs.channels("channel", channel, help=channel_hint), required=True)
    place = (where,) if opened.said.get("to") == OTHER else ()
    return Dialog(
        MORE,
        texts.more_title(),
        texts.more_introduction(code(opened.what), opened.number),
        (*place, *map(element, HOW)),
        submit=texts.submit(opened.number),
        subject=opened.sealed(),
    )


def said_more(opened: Opened, filled: Filled) -> dict[str, str]:
    """All that was said in both. Raises Faults."""
    said = dict(opened.said)
    if said.get("to") == OTHER:
        if not filled.text("channel"):
            raise Faults(channel=digest_faults.pick_channel())
        said["to"] = filled.text("channel")
    for name in HOW:
        value = filled.text(name) or (model_texts.USUAL if name == "language" else opened.how(name))
        if value != opened.how(name) or name in said:
            said[name] = value
    return digest_words.checked(said)


def further(opened: Opened, models: list[tuple[str, str]]) -> Further:
    """The second dialog as what follows the first. Until that is sent nothing is done, so where it cannot be offered the first
    one stays open."""
    button = Button(texts.more_button(), MORE, opened.sealed())
    told = texts.more_offered(opened.number)
    said = dict(opened.said) | ({"to": "~CHANNEL"} if opened.said.get("to") == OTHER else {})
    typed = digest_words.command("edit" if opened.number else "create", opened.number, said)
    return Further(
        second(opened, models), button, told, opened.invocation.response_url, texts.not_offered(opened.number, typed)
    )
