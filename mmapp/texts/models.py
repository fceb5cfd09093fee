"""The models that there are, one a line or with all that is known of one."""

from collections.abc import Sequence

from mmapp.texts.plain import FLASK, about, code

TRUNCATED = "the file is truncated"  # as the fault of a file begins that was not copied to its end
PLAIN = {
    TRUNCATED: "its file is incomplete",
    "not on the approved list": "it is not on this installation's approved list",
}
FAST, READING_PACE = 15.0, 6.0  # tokens a second: people read some six


def none_listed() -> str:
    return f"No worker has listed its models yet. An administrator can start one: `{FLASK} worker`."


def none_named(part: str) -> str:
    return f"No model here has {code(part)} in its name. `/ai model list` shows what there is."


def listed(lines: list[str], left: int) -> str:
    """`left`: how many there are besides."""
    found = "\n".join(f"* {line}" for line in lines)
    others = (
        f"\n\nThere are {left} more: `/ai model list WORD` shows those with this word in their names." if left else ""
    )
    return (
        f"{found}{others}\n\n`/ai model NAME` makes one yours, `/ai model info NAME` tells all of it; `/ai model` opens a "
        "dialog, also for a channel or a conversation, with instructions of your own."
    )


def line(name: str, facts: Sequence[str], *, in_force: bool, fault: str) -> str:
    mark = " (answers here)" if in_force else ""
    state = f" – cannot be used: {code(plainly(fault))}" if fault else ""
    return f"`{name}`{mark}: {', '.join(filter(None, facts))}{state}"


def size(size_in_bytes: int) -> str:
    if not size_in_bytes:
        return ""
    return f"{size_in_bytes / 1e9:.1f} GB" if size_in_bytes >= 1e9 else f"{size_in_bytes / 1e6:.0f} MB"


def window(tokens: int) -> str:
    return f"reads {tokens:,} tokens" if tokens else ""


def speed(decode: float) -> str:
    return f"{decode:.0f} tokens/s here" if decode else "not measured here yet"


def pace(decode: float) -> str:
    """In a word: people read some six tokens a second."""
    if not decode:
        return ""
    return "fast" if decode >= FAST else "at reading pace" if decode >= READING_PACE else "slow"


def state(*, warm: bool, quotes: bool, load_seconds: float) -> str:
    if quotes:
        return "built in, only quotes"
    if warm:
        return "ready"
    return f"needs loading ({about(load_seconds)})" if load_seconds >= 1 else "needs loading"


def queued(waiting: int) -> str:
    return f"{waiting} waiting" if waiting else ""


def not_here() -> str:
    return "may not answer here"


def not_now() -> str:
    return "cannot be used here now"


def option(title: str, pace: str, state: str) -> str:
    return " · ".join(filter(None, (title, pace, state)))


def info(name: str, title: str, facts: Sequence[tuple[str, str]]) -> str:
    return "\n".join([f"**{title}** (`{name}`)", *(f"* **{what}** {value}" for what, value in facts if value)])


def info_names() -> dict[str, str]:
    return {
        "good_for": "Good for",
        "state": "State",
        "fault": "Cannot be used:",
        "size": "Size",
        "architecture": "Architecture",
        "quantisation": "Quantisation",
        "window": "Window",
        "licence": "Licence",
        "memory": "Memory when loaded",
        "speed": "Measured here",
        "queue": "Queue",
        "engine": "Engine",
        "sha256": "SHA-256",
    }


def measured(prefill: float, decode: float, load_seconds: float) -> str:
    if not decode:
        return "not yet"
    return f"reads {prefill:.0f} and writes {decode:.0f} tokens a second, loads in {max(load_seconds, 0.1):.1f} s"


def about_memory(size_in_bytes: int) -> str:
    return f"about {size(size_in_bytes)}" if size_in_bytes else ""


def works_at_a_time(concurrency: int) -> str:
    return f"{concurrency} answers at a time" if concurrency > 1 else ""


def plainly(fault: str) -> str:
    """A model's fault for those who cannot mend it; `models list` tells administrators the rest."""
    return next((plain for start, plain in PLAIN.items() if fault.startswith(start)), fault)
