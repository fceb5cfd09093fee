"""The two dialogs of `/ai model`: which model, for whom and with what instructions; and how it writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from mmapp import choice, dialogs
from mmapp.buttons import Button
from mmapp.choice import Manner
from mmapp.commands.invocation import Invocation
from mmapp.commands.models import Models
from mmapp.config import Settings
from mmapp.db import Database
from mmapp.dialogs import Dialog, Further
from mmapp.errors import Refused
from mmapp.models import ModelSettings
from mmapp.texts import model as texts
from mmapp.texts import models as list_texts

PURPOSE, MORE = "model", "modelmore"
WHOSE = {"me": choice.PERSON, "channel": choice.CHANNEL, "conversation": choice.CONVERSATION}


def picked(value: str) -> str:
    """What was picked; empty for `as usual`."""
    return "" if value == texts.USUAL else value


@dataclass(frozen=True)
class Opened:
    """For whom something is to be chosen: `scope` is what the fields show. It stands in the dialog, sealed."""

    invocation: Invocation
    scope: str

    @classmethod
    def unsealed(cls, settings: Settings, database: Database, subject: str) -> Self:
        invocation, more = Invocation.unsealed(settings, database, subject)
        return cls(invocation, more["scope"])

    def sealed(self) -> str:
        return self.invocation.sealed(scope=self.scope)

    def but(self, scope: str) -> Opened:
        return Opened(self.invocation, scope)

    def scopes(self) -> list[tuple[str, str]]:
        """For whom it can be chosen here: a direct or group message has no admins."""
        here = self.invocation
        channel = not (here.in_direct_message or here.in_group_message)
        may = {"me": True, "channel": channel, "conversation": bool(here.spot.conversation)}
        return [(name, label) for name, label in texts.FOR if may[name]]

    def of(self, scope: str) -> str:
        """Whose settings these are (choice.py). Raises Refused where there is no such thing here."""
        if scope not in dict(self.scopes()):
            raise Refused(texts.no_conversation(self.invocation.bot) if scope == "conversation" else texts.no_channel())
        return WHOSE[scope]


def dialog(opened: Opened, found: Models, saved: ModelSettings, manner: Manner) -> Dialog:
    """Three fields, filled in with what is `saved` for this scope; above them, what is in force and why."""
    name, hint = texts.model()
    scope, scope_hint = texts.scope()
    words, example = texts.instructions()
    models = [(texts.USUAL, texts.as_usual()), *_offered(found, saved.model)]
    elements = (
        dialogs.select("model", name, models, saved.model or texts.USUAL, help=hint),
        dialogs.select("for", scope, opened.scopes(), opened.scope, help=scope_hint),
        dialogs.textarea("instructions", words, saved.instructions or "", placeholder=example),
        dialogs.tick("more", *texts.more(), on=False),
    )
    return Dialog(
        PURPOSE, texts.title(), _in_force(found, manner), elements, submit=texts.submit(), subject=opened.sealed()
    )


def _offered(found: Models, saved: str) -> list[tuple[str, str]]:
    """What can answer here, and what is saved also where it cannot: who changes something else would lose it."""
    usable = found.options()
    kept = [(saved, list_texts.option(saved, "", list_texts.not_now()))] if saved and saved not in dict(usable) else []
    return [*kept, *usable]


def _in_force(found: Models, manner: Manner) -> str:
    chosen = found.chosen
    first = texts.in_force(chosen.record.title, chosen.origin, chosen.instead_of) if chosen else texts.none_allowed()
    return "\n\n".join(filter(None, [first, texts.manner(_told(manner)), texts.closest()]))


def _told(manner: Manner) -> list[tuple[str, str]]:
    """How answers are written, and whose each of that is."""
    said = {
        "instructions": texts.own_words(),
        "temperature": texts.temperature(manner.temperature),
        "length": texts.length(manner.length),
        "language": manner.language,
    }
    return [(said[name], manner.origins[name]) for name in said if name in manner.origins]


def more(opened: Opened, saved: ModelSettings) -> Dialog:
    """Temperature, length and language, as they are saved for this scope."""
    fields = texts.fields()
    name, hint = fields["temperature"]
    length, length_hint = fields["length"]
    language, language_hint = fields["language"]
    temperature = f"{saved.temperature:g}" if saved.temperature is not None else texts.USUAL
    spoken = dialogs.line("language", language, saved.language or "", help=language_hint)
    elements = (
        dialogs.select("temperature", name, texts.TEMPERATURES, temperature, help=hint),
        dialogs.select("length", length, texts.LENGTHS, saved.length or texts.USUAL, help=length_hint),
        spoken,
    )
    return Dialog(
        MORE,
        texts.more_title(),
        texts.more_introduction(opened.scope),
        elements,
        submit=texts.save(),
        subject=opened.sealed(),
    )


def further(opened: Opened, saved: ModelSettings) -> Further:
    """The second dialog as what follows the first."""
    button = Button(texts.more_button(), MORE, opened.sealed())
    return Further(more(opened, saved), button, texts.more_offered(), opened.invocation.response_url)
