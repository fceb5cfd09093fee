"""The two dialogs of `/ai model`: which model, for whom and with what instructions; and how it writes."""

from __future__ import annotations

from mmapp import choice, dialogs
from mmapp.buttons import Button
from mmapp.choice import Manner
from mmapp.commands.choosing import Whom
from mmapp.commands.models import Models
from mmapp.dialogs import Dialog, Further
from mmapp.models import ModelSettings
from mmapp.texts import model as texts

PURPOSE, MORE = "model", "modelmore"


def picked(value: str) -> str:
    """What was picked; empty for `as usual`."""
    return "" if value == texts.USUAL else value


def dialog(whom: Whom, found: Models, saved: ModelSettings, manner: Manner, model: str | None = None) -> Dialog:
    """Three fields, filled in with what is `saved` for these, or with the `model` that was named; above them, what is in force
    and why."""
    name, hint = texts.model()
    scope, scope_hint = texts.scope()
    words, example = texts.instructions()
    models = [(texts.USUAL, texts.as_usual()), *found.options(saved.model)]
    elements = (
        dialogs.select("model", name, models, model or saved.model or texts.USUAL, help=hint),
        dialogs.select("for", scope, texts.scopes(whom.scopes(), whom.bot), whom.scope, help=scope_hint),
        dialogs.textarea("instructions", words, instructions(whom, saved), placeholder=example),
        dialogs.tick("more", *texts.more(), on=False),
    )
    introduction = "\n\n".join(filter(None, [_resets(whom, saved), _in_force(found, manner)]))
    return Dialog(PURPOSE, texts.title(), introduction, elements, submit=texts.submit(), subject=whom.sealed(saved))


def instructions(whom: Whom, saved: ModelSettings) -> str:
    """Those that stand in the dialog when it opens."""
    return "" if whom.resets else saved.instructions or ""


def _resets(whom: Whom, saved: ModelSettings) -> str:
    """What is taken back by submitting it as it opens; empty where that is nothing."""
    return texts.takes_back(texts.manner(choice.set_in(saved)), whom.scope, whom.bot) if whom.resets else ""


def _in_force(found: Models, manner: Manner) -> str:
    chosen = found.chosen
    first = texts.in_force(chosen.record.title, chosen.origin, chosen.instead_of) if chosen else texts.none_allowed()
    told = {name: getattr(manner, name) for name in manner.origins}
    also = texts.also_in_force(texts.manner(told), manner.origins)
    return "\n\n".join(filter(None, [first, also, texts.closest()]))


def more(whom: Whom, saved: ModelSettings) -> Dialog:
    """Temperature, length and language, as they are saved for these."""
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
        texts.more_introduction(whom.scope, whom.bot),
        elements,
        submit=texts.save(),
        subject=whom.sealed(saved),
    )


def further(whom: Whom, saved: ModelSettings) -> Further:
    """The second dialog as what follows the first."""
    button = Button(texts.more_button(), MORE, whom.sealed(saved))
    return Further(more(whom, saved), button, texts.more_offered(), whom.invocation.response_url)
