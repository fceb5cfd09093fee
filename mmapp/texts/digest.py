"""`/ai digest`: what is answered to what was typed or filled in, and how digests are listed and shown."""

from collections.abc import Sequence

from mmapp.texts.digest_obstacles import PAUSED
from mmapp.texts.plain import FLASK, code, person

WINDOWS = {"last": "everything since the last one", "day": "the last day", "week": "the last week"}
WHY = {"asked": "somebody has paused it", **PAUSED}


# What was done


def waits() -> str:
    return "No worker runs just now. As soon as one does, this will be done, and you are told then what came of it."


def there_already(number: int) -> str:
    return f"You have that digest already: it is #{number}. Nothing was changed. `/ai digest show {number}` tells more."


def started(number: int, told: str) -> str:
    return f"Digest **#{number}** is set up: {told}."


def changed(number: int, told: str) -> str:
    return f"Saved. Digest **#{number}** now: {told}."


def unchanged(number: int, told: str) -> str:
    return f"Digest **#{number}** is like that already: {told}. Nothing was changed."


def summed_up(what: str, where: str, when: str) -> str:
    """`~ops` and `~planning`, to you alone, on working days at 08:30"""
    return f"{what}, {where}, {when}"


def channel(name: str) -> str:
    """One that may not be named to who asks has no name."""
    return code("~" + name) if name else "a channel that you cannot read"


def channels(items: Sequence[str]) -> str:
    told = [channel(name) for name in items]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def posted_in(name: str) -> str:
    return f"posted in {channel(name)}"


def to_person(owner: str) -> str:
    """`owner` is empty where that is who reads it."""
    return f"to {person(owner)} alone" if owner else "to you alone"


def next_times(times: str, told: str) -> str:
    return f"Its next times: {times}. {told}"


def first_tells(since: str) -> str:
    return f"The first one tells of what was said since {since}."


def each_tells(window: str) -> str:
    """Those that always tell of the same span."""
    return f"Each tells of the {window} before it."


def next_time(times: str) -> str:
    return f"Its next times: {times}."


def late(moment: str) -> str:
    return f"The one that was due {moment}, is late: it comes as soon as it can, or with the next one."


def called_off(number: int) -> str:
    """To who has typed for one, while somebody changed of what it tells, or where."""
    return (
        f"Digest #{number} was changed while the one that you have asked for was made, so that one does not come. "
        f"`/ai digest run {number}` makes one as it is now."
    )


def removed_meanwhile(number: int) -> str:
    """To who has typed for one, while somebody else removed it."""
    return (
        f"Digest #{number} was removed while the one that you have asked for was made, so that one does not come. "
        "`/ai digest` starts a new one."
    )


def no_zone_known(zone_command: str) -> str:
    return f"Your Mattermost profile names no time zone, so this is UTC. {code(zone_command)} takes another."


def how_to_change(number: int) -> str:
    return (
        f"`/ai digest preview {number}` makes one for you now, `/ai digest edit {number}` changes it, "
        f"`/ai digest pause {number}` pauses it."
    )


def no_scheduler() -> str:
    return f"⚠ No scheduler runs just now, so nothing will come until an administrator starts one: `{FLASK} scheduler`."


def still_paused(number: int) -> str:
    return f"It is paused; `/ai digest resume {number}` lets it go on."


def paused(number: int, window: str) -> str:
    if window == "last":
        return f"Digest #{number} is paused. What is said meanwhile is not lost: `/ai digest resume {number}` goes on from here."
    return f"Digest #{number} is paused. `/ai digest resume {number}` lets it go on; it then tells of the last {window}, as ever."


def paused_before(number: int) -> str:
    return f"Digest #{number} is paused already. `/ai digest resume {number}` lets it go on."


def resumed(number: int, times: str, told: str) -> str:
    return f"Digest #{number} goes on. Its next times: {times}. {told}"


def tells_since(moment: str) -> str:
    return f"The next one tells of all that was said since {moment}."


def tells_window(window: str) -> str:
    """One that always tells of the same span."""
    return f"The next one tells of the last {window}, as it always does; what is older is not told."


def active_before(number: int, times: str) -> str:
    return f"Digest #{number} is not paused. Its next times: {times}."


def removed(number: int) -> str:
    return f"Digest #{number} is removed: nothing of it comes any more. What was posted stays."


def running(number: int, where: str, window: str) -> str:
    made = f"Digest #{number} is being made now, and comes {where}."
    return f"{made} The next one goes on from there." if window == "last" else made


def previewing(number: int, window: str) -> str:
    made = f"A preview of digest #{number} is being made, for you alone. Nothing moves by it"
    return f"{made}: the next one tells all that too." if window == "last" else f"{made}."


def being_made(number: int) -> str:
    return f"Digest #{number} is being made just now. When it is there, you can ask for another."


def previewed_already(number: int) -> str:
    return f"A preview of digest #{number} is being made just now. When it is there, you can ask for another."


def planned_already(number: int, moment: str) -> str:
    return f"Digest #{number} is being made already, and comes {moment}."


def comes_in(name: str) -> str:
    return f"in {channel(name)}"


def comes_directly(owner: str) -> str:
    """`owner` is empty where that is who reads it."""
    return f"in the direct message of {person(owner)}" if owner else "in your direct message"


# `/ai digest list` and `/ai digest show`


def listed(mine: Sequence[str], here: Sequence[str], number: int, *, may: bool) -> str:
    """Those of who asks, and those of others that are posted where it is asked; `number` is the first one's, and who asks `may`
    change it or only look at it."""
    parts = [("Your digests", mine), ("Also posted in this channel", here)]
    told = ["\n".join([f"**{title}**", *(f"* {line}" for line in lines)]) for title, lines in parts if lines]
    verbs = ["edit", "pause", "resume", "run", *(["preview"] if mine else []), "remove"]
    likewise = f"; likewise {', '.join(f'`{verb}`' for verb in verbs)}" if may else ""
    return "\n\n".join([*told, f"`/ai digest show {number}` tells all of it{likewise}."])


def line(number: int, told: str, owner: str, state: str) -> str:
    by = f", by {person(owner)}" if owner else ""
    return f"**#{number}** {told}{by} – {state}"


def comes(moment: str) -> str:
    return f"next: {moment}"


def comes_late(moment: str) -> str:
    return f"late: it was due {moment}"


def is_paused(why: str) -> str:
    return f"**paused**: {WHY.get(why, 'it could not go on')}"


def facts(number: int, told: Sequence[tuple[str, str]], note: str) -> str:
    lines = [f"**Digest #{number}**", *(f"* **{what}:** {value}" for what, value in told if value)]
    return "\n".join([*lines, *(["", note] if note else [])])


def fact_names() -> dict[str, str]:
    return {
        "what": "Of",
        "where": "Where",
        "when": "When",
        "window": "Tells of",
        "how": "Written",
        "quiet": "When little happens",
        "owner": "Owner",
        "state": "State",
        "next": "Next",
        "last": "Last",
        "counts": "So far",
        "waiting": "Waiting",
    }


def how(kind: str, length: str, language: str, model: str) -> str:
    spoken = f"in {language}" if language else "in its owner's language"
    return ", ".join([kind, length, spoken, f"by {code(model)}" if model else "by the usual model"])


def quiet(least: int, window: str) -> str:
    if not least:
        return "it comes all the same"
    later = ", which the next one tells" if window == "last" else ""
    return f"skipped with fewer than {least:,} message{'s' * (least != 1)}{later}"


def counts(made: int, late: int) -> str:
    return f"{made:,} posted" + (f", {late:,} of them late" if late else "")


def never_yet() -> str:
    return "none yet"


def waiting(messages: int | None, most: int) -> str:
    """`messages` None: more than anybody counts."""
    if messages is None:
        return f"more than {most:,} messages"
    return f"{messages:,} message{'s' * (messages != 1)}"
