"""Digests while they are made: what their people, and a channel's admins, are told of them by direct message."""

from mmapp.texts.plain import code, label

# Why a digest is paused, by its `why`: behind "paused:" in a list, which others than its owner read as well.
PAUSED = {
    "left": "its owner is not in the channel where it is posted",
    "left_team": "its owner is not in the team of the channel where it is posted",
    "deactivated": "its owner's account was deactivated",
    "access": "its owner may not ask at the moment",
    "rights": "its owner may not have it posted there",
    "archived": "the channel where it is posted was archived",
    "outside": "the bot is not in the channel where it is posted, or that is gone",
    "off": "Chorus is off in a channel of it",
    "unreadable": "its owner may not read a channel that it tells of",
    "unseen": "the bot cannot look into a channel that it tells of",
    "readers": "somebody who would read it may not read what it tells of",
    "over": "the channels that it tells of were archived",
    "too_many": "too many messages were posted",
    "times": "its times are not understood any more",
    "bot": "its bot no longer answers here",
}


# Paused, until somebody has changed something


def _paused(number: int, why: str, do: str) -> str:
    return (
        f"Digest #{number} is paused: {why}. {do}, then type `/ai digest resume {number}`. Nothing is lost: the next one "
        "tells what was said meanwhile as well."
    )


def left(number: int, channel: str) -> str:
    return _paused(number, f"you are no longer in **{label(channel)}**, where it is posted", "Join that channel again")


def left_team(number: int, channel: str) -> str:
    why = f"you are no longer in the team of **{label(channel)}**, where it is posted"
    return _paused(number, why, "Let somebody invite you to that team again")


def access(number: int, sentence: str) -> str:
    """`sentence` says why nobody lets this person ask."""
    return f"Digest #{number} is paused. {sentence} Then type `/ai digest resume {number}`: nothing is lost until then."


def no_admin(number: int, channel: str) -> str:
    why = f"you are no admin of **{label(channel)}** any more, and only its admins have digests posted there"
    return _paused(
        number, why, f"Let an admin make you one, or have it sent to you alone with `/ai digest edit {number}`"
    )


def silent(number: int, channel: str, bot: str) -> str:
    why = f"{bot} posts for nobody in **{label(channel)}**, as its admins have decided"
    do = f"Let one of them type `/ai on --public admins` there, or have it sent to you alone with `/ai digest edit {number}`"
    return _paused(number, why, do)


def archived(number: int, channel: str) -> str:
    why = f"**{label(channel)}**, where it is posted, was archived"
    return _paused(number, why, f"Have it posted elsewhere with `/ai digest edit {number}`")


def outside(number: int, bot: str) -> str:
    why = f"{bot} was removed from the channel where it is posted, or that channel is gone"
    do = f"Bring it back with `/invite @{bot}`, or have it posted elsewhere with `/ai digest edit {number}`"
    return _paused(number, why, do)


def off(number: int, channel: str) -> str:
    """Where it is posted, or what it tells of."""
    return _paused(number, f"Chorus is off in **{label(channel)}**", "Let an admin of that channel type `/ai on` there")


def unreadable(number: int, channel: str) -> str:
    """`channel` is empty where its name is nothing for this person any more."""
    which = f"**{label(channel)}**" if channel else "a channel"
    do = f"Join it again, or take it out of the digest with `/ai digest edit {number}`"
    return _paused(number, f"it tells of {which}, which you may not read any more", do)


def unseen(number: int, bot: str) -> str:
    why = f"{bot} was removed from a channel that it tells of, or that channel is gone"
    do = f"Bring it back with `/invite @{bot}`, or take the channel out of the digest with `/ai digest edit {number}`"
    return _paused(number, why, do)


def readers(number: int, channel: str, where: str) -> str:
    """Not everyone who reads `where` it is posted may read this channel of it."""
    why = f"not everyone in **{label(where)}** may read **{label(channel)}**, which it tells of"
    do = (
        f"Take that channel out of the digest, or have it sent to you alone, with `/ai digest edit {number}`; or let them "
        "all join"
    )
    return _paused(number, why, do)


def over(number: int) -> str:
    why = "all channels that it tells of were archived"
    return _paused(number, why, f"Choose others with `/ai digest edit {number}`")


def too_many(number: int, most: int) -> str:
    why = f"more than {most:,} messages were posted since the last one, and nobody reads as many at once"
    return _paused(number, why, f"Let it tell of the last day alone with `/ai digest edit {number}`")


def times(number: int) -> str:
    why = "its times are not understood any more, perhaps since its time zone was given another name"
    return _paused(number, why, f"Choose them anew with `/ai digest edit {number}`")


def bot_gone(number: int, bot: str) -> str:
    return (
        f"Digest #{number} is paused: {bot}, which made it, no longer answers here. Make a new one by another bot: "
        "`/ai digest`."
    )


GONE = {
    "left": "has left the channel",
    "left_team": "has left the team",
    "deactivated": "has no active account any more",
}


def orphaned(number: int, person: str, channel: str, why: str) -> str:
    """To the admins of the channel where it was posted; `why` is one of GONE."""
    return (
        f"Digest #{number} is no longer posted in **{label(channel)}**: {code(person)}, who had it made, {GONE[why]}. If it is "
        "missed there, an admin of the channel can make one with `/ai digest`."
    )


# Not made this time


def missed(number: int, why: str) -> str:
    """To its person, who has not just typed for it."""
    return f"{not_made(number, why)} You are told again only when something else is wrong, or when it has worked in between."


def not_made(number: int, why: str) -> str:
    return (
        f"Digest #{number} was not made this time: {why}. Nothing is lost: the next one tells what this one would have."
    )


def turned_down(number: int, why: str) -> str:
    """To who has typed for one that is somebody else's; `why` is one of PAUSED."""
    return (
        f"Digest #{number} was not made: it is paused, since {PAUSED[why]}. Once that is mended, `/ai digest resume {number}` "
        "lets it go on; nothing is lost until then."
    )


def no_model() -> str:
    return "no model that may answer there can be used just now; `/ai models` lists them"


def model_failed(reason: str, error_id: str) -> str:
    """`reason` in a few words: "the model stopped working"."""
    return f"{reason}; an administrator finds it in the log under {error_id}"


def gave_up(error_id: str) -> str:
    return f"something went wrong each time it was tried; an administrator finds the reason in the log under {error_id}"


def unexpected(error_id: str) -> str:
    return f"something went wrong on our side; an administrator finds the reason in the log under {error_id}"


def unsettled() -> str:
    return "what it tells of was changed again and again while it was made"


def nothing_new(number: int, window: str) -> str:
    """To who wanted it now."""
    when = {"day": "in the last day", "week": "in the last week"}.get(window, "since the last one")
    return f"There is nothing for digest #{number} to tell: nobody has written anything {when}."


# Another model


def stands_in(number: int, model: str, other: str) -> str:
    return (
        f"Digest #{number} is written by {code(other)} for now, since {code(model)} cannot be used. You are told when it can; "
        f"another model is chosen with `/ai digest edit {number}`."
    )


def back(number: int, model: str) -> str:
    return f"Digest #{number} is written by {code(model)} again."
