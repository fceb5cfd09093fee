"""The post of a digest: its bold sentence, its receipt and its foot, what is carried forward, and Done…"""

from datetime import datetime

from mmapp.texts.plain import count_of
from mmapp.texts.summarize import LABELS, count, moment, when

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAMED = 4  # channels; of more the rest is counted
SECTIONS = {"todo": "To do", "open": "Open"}


# What stands in it


def headline(messages: int, period: str) -> str:
    """What the post is made with: it may ring somebody's telephone, so nobody's words and names are in it."""
    return f"**Digest** of {count(messages)} · {period}"


def title(channels: list[str], day: datetime) -> str:
    """What it is a digest of, and of which day."""
    shown = channels[:NAMED] if len(channels) > NAMED + 1 else channels
    rest = [f"{len(channels) - len(shown)} more channels"] if len(shown) < len(channels) else []
    named = [*shown, *rest]
    of = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"Digest of {of}, {DAYS[day.weekday()]}"


def channel(name: str) -> str:
    return f"~{name}"


def quotes(lines: int) -> str:
    return "the message that says most of it" if lines == 1 else "the messages that say most of it"


def kind(of: str) -> str:
    """What its lines are, where no sentence says what they come to; empty where the title says it."""
    return {
        "actions": "who has to do what",
        "decisions": "what was decided",
        "questions": "open questions",
        "timeline": "what happened",
    }.get(of, "")


def receipt(read: int, of: int, period: str) -> str:
    return f"*{read:,} of {of:,} message{'s' * (of != 1)} read · {period}*"


def with_delay(receipt: str, delay: str, said: str) -> str:
    """In the place of what is `said` there already, if anything is."""
    return receipt.removesuffix(_delayed(said)) + _delayed(delay)


def _delayed(delay: str) -> str:
    return f" · {delay}*" if delay else "*"


def delay(due: datetime, now: datetime, *, late: bool, folds: int, first: datetime) -> str:
    """What is said of one that is `late`, or makes up for so many that were, the `first` of which was due then; empty where
    there is nothing to say. In the zone of the digest."""
    parts = [f"was due {_clock(due, now)}"] if late else []
    if folds:
        of_them = "" if folds == 1 else "the first of them "
        parts.append(f"makes up for {count_of(folds, 'earlier one')}, {of_them}due {_clock(first, now)}")
    return f"late: it {' and '.join(parts)}" if parts else ""


def until(last: datetime, now: datetime) -> str:
    """The time until which it read. Like all times of it, in the zone of the digest."""
    return f"until {_clock(last, now)}"


def period(first: datetime, last: datetime, now: datetime) -> str:
    """The same where it is not a day."""
    return when(first, last, now)


def foot(model: str, parts: list[str]) -> str:
    return f"*{' · '.join([model, *parts])}*"


def parts(written: int, known: int) -> str:
    """What was read anew, and what other digests and summaries had read before."""
    if not known:
        return f"{count_of(written, 'part')} read"
    if not written:
        return f"{count_of(known, 'part')} reused"
    return f"{count_of(written, 'new part')} read, {known:,} reused"


def section(of: str, days: int | None) -> str:
    """What stands before a line; `days`: since when it is told again."""
    return LABELS[of] if days is None else f"{LABELS[of]} {since(days)}"


def since(days: int) -> str:
    return {0: "since today", 1: "since yesterday"}.get(days, f"for {days} days")


def rest() -> str:
    """What the reply below it begins with, and is made with."""
    return "**The rest of this digest**"


def further(items: int) -> str:
    return f"*{count_of(items, 'more item')} of earlier digests {'is' if items == 1 else 'are'} still open.*"


def _clock(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M}" if at.date() == now.date() else moment(at, now)


# Done…


def button() -> str:
    return "Done…"


def done_title() -> str:
    return "What is done?"


def introduction(more: int) -> str:
    first = "Tick what is done: the next digests do not tell it again."
    if not more:
        return first
    return f"{first}\n\n{more:,} more {'is' if more == 1 else 'are'} open, and offered once some of these are done."


def label(of: str, days: int) -> str:
    """Above the box of one, in 24 characters."""
    return f"{SECTIONS[of]}, {since(days)}"


def submit() -> str:
    return "Done"


def nothing_open() -> str:
    return "Nothing of this digest is open: all of it is done, or what said it was deleted."


def not_a_reader() -> str:
    return "Only who may read this channel can say what is done."


def no_digest() -> str:
    return "This digest was deleted, or is not kept any more, so there is nothing to tick."


def nothing_ticked() -> str:
    return "Nothing is ticked yet. Tick what is done, or close this with Cancel."


def closed_before(closed: int, before: int) -> str:
    """Of those that were ticked, so many were done or gone already; the others are done now."""
    if closed:
        were = "One of them was" if before == 1 else f"{before} of them were"
        return f"{were} done or gone already; the rest is done now. You can close this."
    they = "It was" if before == 1 else "They were"
    return f"{they} done or gone already, so there was nothing left to do. You can close this."
