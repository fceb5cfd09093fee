"""Digests while they are made: what their people, and a channel's admins, are told of them by direct message."""

from mmapp.texts.digest_obstacles import PAUSED
from mmapp.texts.plain import code, label, person

GONE = {
    "left": "has left the channel",
    "left_team": "has left the team",
    "deactivated": "has no active account any more",
}


def orphaned(number: int, who: str, channel: str, why: str) -> str:
    """To the admins of the channel where it was posted; `why` is one of GONE."""
    return (
        f"Digest #{number} is no longer posted in **{label(channel)}**: {person(who)}, who had it made, {GONE[why]}. If it is "
        "missed there, an admin of the channel can make one with `/ai digest`."
    )


# What another admin of the channel has done with one


def changed(number: int, who: str, told: str, further: str) -> str:
    return f"{person(who)} has changed your digest #{number}, which now is: {told}. {further}"


def paused(number: int, who: str) -> str:
    return f"{person(who)} has paused your digest #{number}. `/ai digest resume {number}` lets it go on."


def resumed(number: int, who: str, times: str) -> str:
    return f"{person(who)} lets your digest #{number} go on. Its next times: {times}."


def run(number: int, who: str) -> str:
    return f"{person(who)} has asked for one of your digest #{number} just now, beside those that come by themselves."


def removed(number: int, who: str) -> str:
    return (
        f"{person(who)} has removed your digest #{number}: nothing of it comes any more. What was posted stays; `/ai digest` "
        "starts a new one."
    )


# Not made this time


def missed(number: int, why: str, window: str) -> str:
    """To its person, who has not just typed for it."""
    again = "You are told again only when something else is wrong, or when it has worked in between."
    return f"{not_made(number, why, window)} {again}"


def not_made(number: int, why: str, window: str) -> str:
    later = f"The next one tells of the last {window}, as ever."
    if window == "last":
        later = "Nothing is lost: the next one tells what this one would have."
    return f"Digest #{number} was not made this time: {why}. {later}"


def turned_down(number: int, why: str) -> str:
    """To who has typed for one that is somebody else's; `why` is one of PAUSED."""
    return (
        f"Digest #{number} was not made: it is paused, since {PAUSED[why]}. Once that is mended, `/ai digest resume {number}` "
        "lets it go on."
    )


def no_model() -> str:
    return "no model that may answer there can be used just now; `/ai models` lists them"


def preview_unsent(bot: str) -> str:
    return f"Mattermost takes no post of {bot} in your direct messages"


def model_failed(reason: str, error_id: str) -> str:
    """`reason` in a few words: "the model stopped working"."""
    return f"{reason}; an administrator finds it in the log under {error_id}"


def gave_up(error_id: str) -> str:
    return f"something went wrong each time it was tried; an administrator finds the reason in the log under {error_id}"


def unexpected(error_id: str) -> str:
    return f"something went wrong on our side; an administrator finds the reason in the log under {error_id}"


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
