"""Who may ask, where, and how much: what is said to who may not, and to who switches Chorus on or off."""

from mmapp.texts.plain import about, code, label

CHOICES = "`everyone`, `admins` or `nobody`"


# What is refused


def off_here() -> str:
    return "Chorus is off in this channel. An admin of the channel can switch it on: `/ai on`."


def off_there() -> str:
    return (
        "Chorus is off in the channel of that message, so nothing of it is read. An admin of that channel can switch it "
        "on there: `/ai on`."
    )


def member_of_none(bot: str) -> str:
    return (
        f"{bot} answers privately whoever is a member of a channel where Chorus is on, and you are in none yet. Join one, "
        "or let an admin of a channel of yours type `/ai on` there; then ask again."
    )


def guest() -> str:
    return (
        "Guests cannot ask here. A member of the team can ask for you; an administrator can allow guests with "
        "`CHORUS_GUESTS=true`."
    )


def spent_own(limit: int, seconds: float) -> str:
    """`seconds` until there is room again."""
    return (
        f"You have asked {_questions(limit)} in the last 24 hours, the most one person can. There is room for another in "
        f"{about(seconds)}."
    )


def spent_here(limit: int, seconds: float, bot: str) -> str:
    return (
        f"{_questions(limit).capitalize()} in the last 24 hours are the most that can be asked in one channel. There is "
        f"room for another in {about(seconds)}; in your direct message with {bot} you can ask now."
    )


def _questions(number: int) -> str:
    return "one question" if number == 1 else f"{number:,} questions"


# Where an answer goes


def for_admins(bot: str) -> str:
    return f"In this channel {bot} posts only for its admins, so your answer comes in your direct message with {bot}."


def for_nobody(bot: str) -> str:
    return f"In this channel {bot} posts no answers, so yours comes in your direct message with {bot}."


def silent_now(bot: str) -> str:
    """To who asked before the channel's admins changed for whom the bot posts there."""
    return (
        f"Since you asked, the channel's admins have decided that {bot} does not post for you there. Ask again: the answer "
        f"then comes in your direct message with {bot}."
    )


# `/ai on` and `/ai off`


def switching(verb: str, *, worker: bool) -> str:
    when = "in a moment" if worker else "as soon as a worker runs again"
    return f"Switching Chorus {verb} in this channel, if you are an admin of it. What is so then, you read {when}."


def still_switching() -> str:
    return (
        "Your last `/ai on` or `/ai off` in this channel is not done yet. You read what is so as soon as it is; then type "
        "this again if you want it otherwise."
    )


def unknown_public(typed: str) -> str:
    return f"{code(typed)} is none of those for whom the bot can post its answers in the channel: {CHOICES}."


def no_more_words(verb: str) -> str:
    flags = " `--public` and who" if verb == "on" else ""
    return f"Behind `/ai {verb}` stands nothing{' but' if flags else ''}{flags}. A question begins with `/ai ask`."


def channels_alone() -> str:
    return "Nothing is switched on or off in direct and group messages. Type it in a channel."


def no_admin() -> str:
    return "Only an admin of the channel, of its team or of the server can switch Chorus on or off in it."


def on(public: str, bot: str) -> str:
    """What is in force in a channel that is on."""
    change = f"`/ai on --public` with {CHOICES} changes who, `/ai off` switches it off."
    return f"Chorus is on in this channel: everybody here may ask. {_posted(public, bot)} {change}"


def _posted(public: str, bot: str) -> str:
    return {
        "everyone": "Answers are posted in the channel for everybody.",
        "admins": f"{bot} posts answers for the channel's admins; everybody else gets theirs in the direct message with {bot}.",
        "nobody": f"Everybody gets the answer in the direct message with {bot}.",
    }[public]


def off(bot: str) -> str:
    """What is in force in a channel that is off."""
    return (
        "Chorus is off in this channel: nobody can ask here. An admin of the channel switches it on with `/ai on`; "
        f"`/kick @{bot}` takes the bot out of the channel as well."
    )


def please_invite(bot: str) -> str:
    """Behind what is in force in a private channel that the bot is not in."""
    return f"{bot} is not in this private channel yet: type `/invite @{bot}`."


def wish_kept(bot: str) -> str:
    return (
        f"{bot} is not in this private channel, so it cannot see yet whether you are an admin of it. Type "
        f"`/invite @{bot}`: then Chorus is switched on, if you are."
    )


def wish_withdrawn() -> str:
    return "Done: when the bot is invited, Chorus is not switched on for you in this channel."


def unseen(bot: str) -> str:
    """To who wants to switch Chorus off in a private channel that the bot is not in."""
    return (
        f"{bot} is not in this private channel: nothing is read or posted in it, and whether you are an admin of it cannot "
        f"be seen. To switch Chorus off for good, type `/invite @{bot}` and then this again."
    )


# The bot comes and goes


def invited(channel: str, bot: str, minutes: int | None) -> str:
    """To who added the bot to a channel that is not on; `minutes` None: it is one that nobody can leave."""
    until = f"leaves the channel in {minutes} minutes" if minutes else "stays there and answers nothing"
    return (
        f"You have added {bot} to **{label(channel)}**, where Chorus is off. An admin of the channel can switch it on there: "
        f"`/ai on`. If nobody does, {bot} {until}."
    )


def just_left(bot: str) -> str:
    """To who switched Chorus on in a channel at the moment when the bot's time there was over."""
    return (
        f"Chorus is on in the channel where you have just switched it on, but {bot} was leaving it at that moment. Type "
        f"`/invite @{bot}` there to bring it back."
    )


def in_channel(channel: str, sentence: str) -> str:
    """A sentence about a channel, read elsewhere."""
    return f"In **{label(channel)}**: {sentence}"


def not_chosen(bot: str) -> str:
    """To who has typed `/ai model … --for conversation` in a thread there."""
    return (
        f"{bot} was removed from the channel where you typed this, so nothing was changed for the thread. Any member can "
        f"bring it back with `/invite @{bot}`; then type it there again."
    )


def removed(bot: str) -> str:
    return (
        f"{bot} was removed from the channel where you asked, so your question was not answered. Any member can bring it "
        f"back with `/invite @{bot}`; or ask in this direct message."
    )
