"""`/ai digest`: why what was typed or filled in cannot be, or not for this person."""

from collections.abc import Sequence

from mmapp.texts.plain import code, names

EXAMPLE = "~ops ~planning weekdays 08:30"


# What was typed


def unknown_word(typed: str) -> str:
    return (
        f"I do not understand {code(typed)}. Say which channels, on which days and at what time: `/ai digest {EXAMPLE}`. "
        "`/ai digest` by itself asks for it all."
    )


def called_otherwise(meant: str) -> str:
    return f"Do you mean {code(f'/ai digest {meant}')}? `/ai digest list` shows which there are."


def too_long(characters: int, most: int) -> str:
    return f"That has {characters:,} characters; at most {most:,} can stand behind `/ai digest`."


def contradiction(one: str, other: str) -> str:
    return f"{code(one)} and {code(other)} contradict each other. Please leave one of them out."


def in_one_line(bot: str) -> str:
    """To who has posted it: no dialog can be opened for a post."""
    return f"Say it all in one line, for example `@{bot} digest {EXAMPLE}`; or type `/ai digest`, which asks for it."


def number_alone(verb: str) -> str:
    if verb == "list":
        return "Behind `/ai digest list` stands nothing more. `/ai digest show 3` tells all of one."
    return f"Behind `/ai digest {verb}` stands a number and nothing more: `/ai digest {verb} 3`. `/ai digest list` has them."


def name_channels() -> str:
    return "Which channels? Name them, for example: ~ops, ~planning"


def pick_channel() -> str:
    return "Please pick the channel that it is posted in."


def too_many_channels(most: int) -> str:
    return f"At most {most} channels fit into one digest. Please start a second one for the rest."


def none_here() -> str:
    return f"There is no channel here to tell of. Please name one: `/ai digest {EXAMPLE}`."


def not_here() -> str:
    return "Nothing can be posted here: this is no channel. Leave `--to here` out, and it comes to you alone."


def what_time() -> str:
    return "At what time? Please say it as well, for example `08:30`."


def no_time(typed: str) -> str:
    return (
        f"{code(typed)} is no time of day. Write it like `08:30` or `20:30`; another time zone can stand behind: "
        "`08:30 Asia/Kathmandu`."
    )


def no_such_clock(typed: str) -> str:
    return f"There is no {code(typed)}. A day goes from `00:00` to `23:59`."


def no_such_zone(typed: str, near: Sequence[str]) -> str:
    meant = f" Did you mean {names(list(near))}?" if near else ""
    return f"There is no time zone {code(typed)}.{meant} Name it by its place, for example `Europe/Berlin`, or `UTC`."


def no_cron(typed: str) -> str:
    return (
        f"{code(typed)} is no line of cron. It has five parts: minute, hour, day of the month, month and day of the week; "
        '`--cron "30 8 * * 1-5"` is 08:30 on working days.'
    )


def too_often(typed: str) -> str:
    return f"{code(typed)} is more than once an hour, which is the most. Name one minute, for example `30 * * * *`."


def never(typed: str) -> str:
    return f"{code(typed)} is a date that never comes. Please check its day and month."


def cron_clock(typed: str) -> str:
    return f"{code(typed)} is a time of day that there is not: hours go from 0 to 23, minutes from 0 to 59."


def two_days(typed: str) -> str:
    return (
        f"{code(typed)} names a day of the month and one of the week, which some take for both and some for either. Please "
        "let one of them be `*`."
    )


def bad_quiet(typed: str, most: int) -> str:
    return f"{code(typed)} is no number of messages. Write one from 0 (never skipped) to {most:,}."


# Which one is meant


def none_such(number: int) -> str:
    # The same words whether there is none or it is somebody else's: others would tell which there are.
    return (
        f"There is no digest #{number} that you can look at or change here. `/ai digest list` shows those that you can."
    )


def removed_before(number: int) -> str:
    return f"Your digest #{number} was removed. `/ai digest` starts a new one."


def none_yet() -> str:
    return "You have no digest yet. `/ai digest` starts one."


def which(numbers: Sequence[int]) -> str:
    listed = ", ".join(f"#{number}" for number in numbers)
    return f"Which one? You have {listed}. Put its number behind, for example `{numbers[0]}`; `/ai digest list` tells more."


def only_its_owner(number: int) -> str:
    return f"Only the owner of digest #{number} can have a preview of it: it is made by what they may read."


def changed_meanwhile(number: int) -> str:
    return (
        f"Somebody has changed digest #{number} since you opened it, so nothing of yours was saved. Look at it with "
        f"`/ai digest edit {number}`, and change what you still want."
    )


# Who may


def closed(channel: str) -> str:
    return f"The admins of {code('~' + channel)} do not want its messages read. Please leave it out."


def too_many_of_yours(most: int) -> str:
    return f"You have {most} digests, which is the most one person can have. Remove one first: `/ai digest list`."


def too_many_there(most: int) -> str:
    return f"{most} digests are posted in that channel, which is the most. One of them has to go first: `/ai digest list` there."
