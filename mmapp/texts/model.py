"""`/ai model`: which model answers here and why, and how another one is chosen."""

from collections.abc import Sequence

from mmapp.texts.models import plainly
from mmapp.texts.plain import code, names

FOR = (("me", "me"), ("channel", "this channel"), ("conversation", "this conversation"))
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
    "team": "this team's",
    "everyone": "for all teams",
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


def manner(told: Sequence[tuple[str, str]]) -> str:
    """What else is in force, each with whose it is; empty where nothing is."""
    parts = [f"{what} ({WHOSE[whose]})" for what, whose in told]
    return f"Also in force: {', '.join(parts)}." if parts else ""


def own_words() -> str:
    return "instructions"


def temperature(value: float | None) -> str:
    return f"temperature {value:g}" if value is not None else ""


def length(value: str) -> str:
    return f"{value} answers"


def closest() -> str:
    return "What is nearest counts: what you say this once, then the conversation, you, the channel, the team."


def model() -> tuple[str, str]:
    return "Model", ""


def as_usual() -> str:
    return "as usual"


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


def more_introduction(scope: str) -> str:
    return f"How answers are written, for {dict(FOR)[scope]}."


def fields() -> dict[str, tuple[str, str]]:
    return {
        "temperature": ("Temperature", "Higher: more varied, and more often wrong."),
        "length": ("Length", ""),
        "language": ("Language", "Empty: as usual. In English or by its code: German, de."),
        "for": ("For", "For this channel, its admins choose."),
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
    return "Only an admin of this channel can choose for it. Choose for yourself, or for this conversation."


def no_conversation(bot: str) -> str:
    return (
        "Which conversation? Nobody told me that you are in a thread. Type "
        f"`@{bot} model NAME --for conversation` in it, or choose for yourself."
    )


def no_channel() -> str:
    return "There is no channel here to choose for, only the two of us. Choose for yourself, or for this conversation."


def saved(scope: str, title: str, origin: str) -> str:
    return f"Saved for {dict(FOR)[scope]}. **{title}** answers here: {ORIGINS[origin]}."


# What was typed


def chosen(name: str, title: str, scope: str) -> str:
    return f"From now on **{title}** (`{name}`) answers for {dict(FOR)[scope]}. `/ai model reset` takes that back."


def hides(nearest: str, name: str) -> str:
    """Something nearer has another model."""
    return f"Here `{name}` still answers: {ORIGINS[nearest]}, and that is nearer."


def forgotten(scope: str, title: str, origin: str) -> str:
    return f"Done: nothing is chosen for {dict(FOR)[scope]} any more. **{title}** answers here: {ORIGINS[origin]}."


def nothing_to_forget(scope: str) -> str:
    return f"Nothing was chosen for {dict(FOR)[scope]}."


def by_dialog() -> str:
    return "For a channel, its admins choose in a dialog: type `/ai model` there."


def no_such_scope(typed: str) -> str:
    return f"{code(f'--for {typed}')} is not known. It can be {names([name for name, _label in FOR])}."


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
        "No model that may answer here can be used now. Admins of the channel can see why, and allow another: "
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
        "team": "with this team's instructions",
        "everyone": "with instructions for all teams",
    }[whose]
