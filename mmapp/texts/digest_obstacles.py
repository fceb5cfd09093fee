"""Why a digest may not be: what its person reads by direct message where it is paused, and who types where it is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mmapp.texts.plain import code, label, person

# Why a digest is paused, by its `why`: behind "paused:" in a list, which others than its owner read as well.
PAUSED = {
    "left": "its owner is not in the channel where it is posted",
    "left_team": "its owner is not in the team of the channel where it is posted",
    "deactivated": "its owner's account was deactivated",
    "access": "its owner may not ask at the moment",
    "rights": "its owner may not have it posted there",
    "silent": "the bot posts for nobody there",
    "archived": "the channel where it is posted was archived",
    "outside": "the bot is not in the channel where it is posted, or that is gone",
    "off": "Chorus is off in a channel of it",
    "unposted": "Mattermost takes no post of the bot where it is posted",
    "unsent": "Mattermost takes no post of the bot in its owner's direct messages",
    "unreadable": "its owner may not read a channel that it tells of",
    "unseen": "the bot cannot look into a channel that it tells of",
    "readers": "somebody who would read it may not read what it tells of",
    "over": "the channels that it tells of were archived",
    "too_many": "too many messages were posted",
    "times": "its times are not understood any more",
    "bot": "its bot no longer answers here",
}
NAMED = 3  # people


@dataclass(frozen=True)
class About:
    """What an obstacle is told with: the digest's `number`, 0 for one that is still to be, its `window` and `bot`, and whose it
    is where that is not who reads this (`owner`). `channel` is the name of what the obstacle is about and `where` of
    where it is posted, empty where who reads this may not know it. `missing`: the people in `where` that may not read `channel`;
    `own_right`: it is who reads this that lacks a right, though it is another's."""

    number: int = 0
    bot: str = ""
    window: str = "last"
    owner: str = ""
    channel: str = ""
    where: str = ""
    missing: Sequence[str] = ()
    sentence: str = ""
    own_right: bool = False

    @property
    def edit(self) -> str:
        return code(f"/ai digest edit {self.number}")

    def but(self, flags: str) -> str:
        """The command with which it is another."""
        return code(f"/ai digest edit {self.number} {flags}" if self.number else flags)


def _who(about: About) -> str:
    """Those whom it is about, by their names, where these are told."""
    if not about.missing:
        return ""
    more = [f"{len(about.missing) - NAMED} more"] if len(about.missing) > NAMED else []
    return f" (missing there: {', '.join([*map(person, about.missing[:NAMED]), *more])})"


# To its person, where it is paused: what is so, and what to do


def paused(why: str, about: About) -> str:
    """All of it, by one of PAUSED."""
    if why == "access":
        return f"Digest #{about.number} is paused. {about.sentence} Then type {_resume(about)}. {later(about.window)}"
    because, do = _REASONS[why](about)
    return f"Digest #{about.number} is paused: {because}. {do}, then type {_resume(about)}. {later(about.window)}"


def later(window: str) -> str:
    """What becomes of what is said meanwhile."""
    if window == "last":
        return "Nothing is lost: the next one tells what was said meanwhile as well."
    return f"The next one tells of the last {window}, as ever."


def too_many(about: About, most: int) -> str:
    """More than `most` messages."""
    nobody = f"Digest #{about.number} is paused: more than {most:,} messages were posted"
    if about.window == "last":
        return (
            f"{nobody} since the last one, and nobody reads as many at once. Let it tell of the last day alone with "
            f"{about.but('--window day')}, then type {_resume(about)}. The older messages are then told by nobody."
        )
    return (
        f"{nobody} in the last {about.window}, and nobody reads as many at once. Take a channel out of it with {about.edit}, "
        f"then type {_resume(about)}."
    )


def bot_gone(number: int, bot: str) -> str:
    return (
        f"Digest #{number} is paused: {bot}, which made it, no longer answers here. Make a new one by another bot: "
        "`/ai digest`."
    )


def _resume(about: About) -> str:
    return code(f"/ai digest resume {about.number}")


def _there(about: About) -> str:
    return f"**{label(about.channel)}**" if about.channel else "the channel where it is posted"


def _place(about: About) -> str:
    return f"**{label(about.channel)}**, where it is posted," if about.channel else "the channel where it is posted"


def _one(about: About) -> str:
    return f"**{label(about.channel)}**" if about.channel else "a channel of it"


def _left(about: About) -> tuple[str, str]:
    return f"you are no longer in {_place(about)}".rstrip(","), "Join that channel again"


def _left_team(about: About) -> tuple[str, str]:
    return f"you are no longer in the team of {_there(about)}", "Let somebody invite you to that team again"


def _rights(about: About) -> tuple[str, str]:
    why = f"you are no admin of {_there(about)} any more, and only its admins have digests posted there"
    return why, f"Let an admin make you one, or have it sent to you alone with {about.but('--to me')}"


def _silent(about: About) -> tuple[str, str]:
    why = f"{about.bot} posts for nobody in {_there(about)}, as its admins have decided"
    do = (
        f"Let one of them type `/ai on --public admins` there, or have it sent to you alone with {about.but('--to me')}"
    )
    return why, do


def _archived(about: About) -> tuple[str, str]:
    return f"{_place(about)} was archived", f"Have it posted elsewhere with {about.edit}"


def _outside(about: About) -> tuple[str, str]:
    why = f"{about.bot} was removed from the channel where it is posted, or that channel is gone"
    return why, f"Bring it back with {code(f'/invite @{about.bot}')}, or have it posted elsewhere with {about.edit}"


def _unposted(about: About) -> tuple[str, str]:
    """The permission to post can be taken from all members of a channel; or a plugin of the server refuses."""
    why = f"Mattermost takes no post of {about.bot} in {_there(about)}"
    do = f"Let an admin look whether members may post there, or have it posted elsewhere with {about.edit}"
    return why, do


def _unsent(about: About) -> tuple[str, str]:
    why = f"Mattermost takes no post of {about.bot} in your direct messages"
    run = code(f"/ai digest run {about.number}")
    return why, f"Try with {run} whether it does by now, or have it posted in a channel with {about.edit}"


def _off(about: About) -> tuple[str, str]:
    """Where it is posted, or what it tells of."""
    return f"Chorus is off in {_one(about)}", "Let an admin of that channel type `/ai on` there"


def _unreadable(about: About) -> tuple[str, str]:
    """What it is called by now is nothing for who may not read it."""
    why = "it tells of a channel, which you may not read any more"
    return why, f"Join it again, or take it out of the digest with {about.edit}"


def _unseen(about: About) -> tuple[str, str]:
    why = f"{about.bot} was removed from a channel that it tells of, or that channel is gone"
    return (
        why,
        f"Bring it back with {code(f'/invite @{about.bot}')}, or take the channel out of the digest with {about.edit}",
    )


def _readers(about: About) -> tuple[str, str]:
    why = f"not everyone in **{label(about.where)}** may read {_one(about)}, which it tells of{_who(about)}"
    do = f"Take that channel out of the digest, or have it sent to you alone, with {about.edit}; or let them all join"
    return why, do


def _over(about: About) -> tuple[str, str]:
    return "all channels that it tells of were archived", f"Choose others with {about.edit}"


def _times(about: About) -> tuple[str, str]:
    why = "its times are not understood any more, perhaps since its time zone was given another name"
    return why, f"Choose them anew with {about.edit}"


_REASONS: dict[str, Callable[[About], tuple[str, str]]] = {
    "left": _left, "left_team": _left_team, "rights": _rights, "silent": _silent, "archived": _archived,
    "outside": _outside, "unposted": _unposted, "unsent": _unsent, "off": _off, "unreadable": _unreadable,
    "unseen": _unseen, "readers": _readers, "over": _over, "times": _times,
}  # fmt: skip


# To who types


def refused(why: str, about: About) -> str:
    """The same as an answer to what somebody wants."""
    return _REFUSALS[why](about)


def bot_is_gone(number: int, bot: str) -> str:
    return f"{bot}, which makes digest #{number}, no longer answers here. Make a new one by another bot: `/ai digest`."


def _to_them(about: About) -> str:
    """What can be done instead of having it posted."""
    whom = f"{person(about.owner)} alone" if about.owner else "you alone"
    return f"{about.but('--to me')} has it sent to {whom}"


def _not_there(about: About) -> str:
    if about.owner and not about.own_right:
        return _no_admin(about)
    return (
        f"You are not a member of {_posted(about)}, so nothing is posted there for you. Join it; or {_to_them(about)}."
    )


def _no_admin(about: About) -> str:
    if about.owner and not about.own_right:
        return (
            f"{person(about.owner)}, whose digest it is, is no admin of {_posted(about)}, so it cannot be posted there. "
            f"{_to_them(about)}."
        )
    return (
        f"Only its admins can have a digest posted in {_posted(about)}. {_to_them(about)}; or ask one of its admins to start "
        "it."
    )


def _deactivated(about: About) -> str:
    return f"{person(about.owner)}, whose digest it is, has no active account any more. `/ai digest` makes a new one."


def _no_asker(about: About) -> str:
    if about.owner:
        return f"{person(about.owner)}, whose digest it is, may not ask at the moment, so nothing is made for them."
    return about.sentence


def _no_post(about: About) -> str:
    return f"In {_posted(about)} {about.bot} posts nothing: that is how its admins have set it. {_to_them(about)}."


def _no_place(about: About) -> str:
    where = f"{_channel(about)}, where it is posted," if about.channel else "The channel where it is posted"
    return f"{where} was archived. {_to_them(about)}, {about.but('--to ~CHANNEL')} posts it elsewhere."


def _no_bot(about: About) -> str:
    return (
        f"{about.bot} is not in the channel where it is posted, or that is gone. {code(f'/invite @{about.bot}')} brings it "
        f"back; {_to_them(about)}."
    )


def _switched_off(about: About) -> str:
    return f"Chorus is off in {_channel(about)}. An admin of it can switch it on there: `/ai on`."


def _lost(about: About) -> str:
    """No name is told: who may not read a channel any more need not know how it is called by now."""
    if about.owner:
        return f"{person(about.owner)}, whose digest it is, may not read all of these channels. Please leave out the others."
    return (
        f"One of its channels you may not read any more, or {about.bot} is not in it. Leave it out: "
        f"{about.but('~CHANNEL ~OTHER')} names those that it is to tell of."
    )


def _too_wide(about: About) -> str:
    """Who reads this may know neither the channel nor who is not in it."""
    one = _channel(about)
    return (
        f"Not everybody in {code('~' + about.where)} is a member of {one}{_who(about)}, and a digest goes only where all who "
        f"see it may read what it tells. {_to_them(about)}; or leave {one} out."
    )


def _nothing_left(about: About) -> str:
    return f"All channels that it tells of were archived. {about.but('~CHANNEL ~OTHER')} names others."


def _no_times(about: About) -> str:
    return f"Its time zone has another name by now. {about.but('--zone Europe/Berlin')} names it anew."


def _posted(about: About) -> str:
    return code("~" + about.channel) if about.channel else "the channel where it is posted"


def _channel(about: About) -> str:
    return code("~" + about.channel) if about.channel else "a channel of it"


_REFUSALS: dict[str, Callable[[About], str]] = {
    "left": _not_there, "left_team": _not_there, "deactivated": _deactivated, "access": _no_asker, "rights": _no_admin,
    "silent": _no_post, "archived": _no_place, "outside": _no_bot, "off": _switched_off, "unreadable": _lost,
    "unseen": _lost, "readers": _too_wide, "over": _nothing_left, "times": _no_times,
}  # fmt: skip
