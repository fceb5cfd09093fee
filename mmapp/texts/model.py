"""`/ai model`: which model answers here and why, and how another one is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmapp.texts.models import plainly
from mmapp.texts.plain import code, names

# As who fills in a dialog says it, and as they are told.
LABELS = {"me": "me", "channel": "this channel", "conversation": "this conversation"}
WHOM = LABELS | {"me": "you"}
ORIGINS = {
    "once": "as you asked",
    "conversation": "set for this conversation",
    "person": "your choice",
    "channel": "this channel's choice",
    "team": "this team's default",
    "everyone": "the default for all teams",
    "default": "the usual one",
    "other": "the first of those that may answer here",
}
WHOSE = {
    "conversation": "this conversation's",
    "person": "yours",
    "channel": "this channel's",
}
USUAL = "usual"  # what is picked where nothing of its own is
TEMPERATURES = (
    (USUAL, "as usual"),
    ("0", "0: the same words every time"),
    ("0.2", "0.2: sober"),
    ("0.5", "0.5: lively"),
    ("0.8", "0.8: different each time"),
)
LENGTHS = ((USUAL, "as usual"), ("short", "short"), ("medium", "medium"), ("long", "long"))


# The dialog


def title() -> str:
    return "Model"


def in_force(model: str, origin: str, instead_of: str) -> str:
    missing = f" It stands in for `{instead_of}`, which cannot be used here now." if instead_of else ""
    return f"**{model}** answers here: {ORIGINS[origin]}.{missing}"


def manner(values: Mapping[str, Any]) -> dict[str, str]:
    """How answers are written, in words, of what is set, by its name."""
    said = {
        "model": code(str(values.get("model"))),
        "instructions": "instructions",
        "temperature": f"temperature {values.get('temperature') or 0:g}",
        "length": f"{values.get('length')} answers",
        "language": str(values.get("language")),
    }
    return {name: words for name, words in said.items() if name in values}


def also_in_force(said: Mapping[str, str], origins: Mapping[str, str]) -> str:
    """What else is in force, each with whose it is; empty where nothing is."""
    parts = [f"{words} ({WHOSE[origins[name]]})" for name, words in said.items()]
    return f"Also in force: {', '.join(parts)}." if parts else ""


def takes_back(said: Mapping[str, str], scope: str, bot: str) -> str:
    """What goes when a dialog is submitted as it opens; empty where nothing does."""
    return (
        f"**{submit()}** takes back all that is set for {whom(scope, bot)}: {', '.join(said.values())}." if said else ""
    )


def closest() -> str:
    return "What is nearest counts: what you say this once, then the conversation, you, the channel, the team."


def model() -> tuple[str, str]:
    return "Model", ""


def as_usual() -> str:
    return "as usual"


def scopes(names: Sequence[str], bot: str) -> list[tuple[str, str]]:
    """Those for whom something can be chosen; `bot`: with which the conversation is a direct message."""
    direct = {"conversation": f"my direct message with {bot}"} if bot else {}
    return [(name, (LABELS | direct)[name]) for name in names]


def whom(scope: str, bot: str) -> str:
    """For whom, as they are told."""
    return f"your direct message with {bot}" if bot and scope == "conversation" else WHOM[scope]


def flag(scope: str) -> str:
    """What is typed behind a command to mean these; nothing for oneself."""
    return f" --for {scope}" if scope != "me" else ""


def scope() -> tuple[str, str]:
    return "For", "For this channel, its admins choose."


def instructions() -> tuple[str, str]:
    return "Own instructions", "For example: Answer in short bullet points. We run pumps and valves."


def more() -> tuple[str, str]:
    return "More options", "Then ask for temperature, length and language"


def submit() -> str:
    return "Use it"


def more_title() -> str:
    return "More options"


def more_introduction(scope: str, bot: str) -> str:
    return (
        f"How answers to questions are written, for {whom(scope, bot)}. Summaries that somebody asks for, and digests to "
        "oneself, heed the language alone; how long one is, `/ai summarize --length` says."
    )


def fields() -> dict[str, tuple[str, str]]:
    return {
        "temperature": ("Temperature", "Higher: more varied, and more often wrong."),
        "length": ("Length", ""),
        "language": ("Language", "Empty: as usual. In English or by its code: German, de."),
    }


def save() -> str:
    return "Save"


def more_button() -> str:
    return "More options"


def more_offered() -> str:
    return "Saved. Temperature, length and language:"


def too_long(characters: int, most: int) -> str:
    return f"That has {characters:,} characters; at most {most:,} fit."


def not_an_admin() -> str:
    return "Only an admin of this channel can choose for it. Choose for yourself."


def not_a_member() -> str:
    return "Only who may ask in this channel can choose for its conversations. Choose for yourself."


def no_thread() -> str:
    return "There is no such thread here, or not any more. Nothing was saved. Choose for yourself, or open it in another thread."


def changed_meanwhile() -> str:
    return (
        "This was changed while it was open here, so nothing was saved. Copy your words if you need them, and open it "
        "again: it shows what is set now."
    )


def not_taken_along(scope: str, bot: str) -> str:
    """Instructions that were shown for others than those for whom it was saved."""
    return f"The instructions that were shown are not taken along: they hold for {whom(scope, bot)} alone."


def no_conversation(bot: str, words: str) -> str:
    typed = code(f"@{bot} model {words} --for conversation")
    return (
        f"Which conversation? It is a thread, or your direct message with {bot}. In a thread, type {typed}; without `--for` "
        "you choose for yourself."
    )


def no_channel(bot: str) -> str:
    """`bot`: with which there is a direct message instead."""
    other = (
        f"`/ai model --for conversation` for your direct message with {bot}" if bot else "for a thread, type it there"
    )
    return f"There is no channel here to choose for. Type `/ai model` to choose for yourself; {other}."


def saved(scope: str, bot: str) -> str:
    return f"Saved for {whom(scope, bot)}."


def nothing_changed(scope: str, bot: str) -> str:
    """For others than those for whom the dialog was opened, with nothing filled in."""
    return f"Nothing was changed for {whom(scope, bot)}."


def saved_manner(scope: str, bot: str, parts: Mapping[str, str]) -> str:
    return f"Saved for {whom(scope, bot)}: {', '.join(parts.values()) or 'as usual'}."


# What was typed


def chosen(name: str, title: str, scope: str, bot: str) -> str:
    answers = whom(scope, bot) if scope == "me" else f"in {whom(scope, bot)}"
    undone = (
        "`/ai model --for channel` changes that"
        if scope == "channel"
        else f"`/ai model reset{flag(scope)}` takes that back"
    )
    return f"From now on **{title}** (`{name}`) answers {answers}. {undone}."


def hides(nearest: str, name: str) -> str:
    """Something nearer has another model."""
    return f"Here `{name}` still answers: {ORIGINS[nearest]}, and that is nearer."


def reset(scope: str, bot: str, *, everything: bool) -> str:
    return f"Done: {'nothing' if everything else 'no model'} is chosen for {whom(scope, bot)} any more."


def nothing_to_reset(scope: str, bot: str, *, everything: bool) -> str:
    return f"{'Nothing' if everything else 'No model'} was chosen for {whom(scope, bot)}."


def stays(said: Mapping[str, str], scope: str) -> str:
    """What else is set, behind a model that was taken back."""
    return f"What else is set stays: {', '.join(said.values())}. `/ai model reset all{flag(scope)}` takes it back too."


def choosing(*, worker: bool) -> str:
    """While the worker asks whether somebody may choose for a thread."""
    when = "in a moment" if worker else "as soon as a worker runs again"
    return f"Changing that for everybody in this thread, if you may ask here. What is so then, you read {when}."


def by_dialog(words: str) -> str:
    """To who has posted it: only a command can open a dialog."""
    return f"This is asked in a dialog, which a message cannot open. Type {code(f'/ai model {words}'.rstrip())}."


def no_such_scope(typed: str) -> str:
    return f"{code(f'--for {typed}')} is not known. It can be {names(list(LABELS))}."


def which() -> str:
    return "Which one? `/ai model info NAME`; `/ai model list` has the names."


def unknown(wanted: str, near: list[str]) -> str:
    meant = f" Did you mean {names(near)}?" if near else ""
    return f"There is no model {code(wanted)} here.{meant} `/ai model list` has all of them."


def unusable(name: str, fault: str) -> str:
    why = plainly(fault).rstrip(".")
    return f"The model `{name}` cannot be used: {why}. `/ai model list` has the others."


def not_allowed(name: str) -> str:
    return f"`{name}` may not answer here: that is how the admins have set it. `/ai model list` shows which may."


def none_allowed() -> str:
    return (
        "No model that may answer here can be used now. `/ai model list` shows why; admins can allow others with "
        "`/ai admin models`."
    )


# Under an answer


def stands_in(name: str) -> str:
    return f"in place of {name}, which cannot be used here now"


def not_available(name: str) -> str:
    return f"`{name}` cannot be used here now, so another model stands in."


def own_instructions(whose: str) -> str:
    return {
        "person": "with instructions of who asked",
        "conversation": "with instructions of this conversation",
        "channel": "with this channel's instructions",
        "elsewhere": "with instructions of where it was asked",
        "about": "with instructions of the thread that it is about",
    }[whose]
