"""`/ai ask`: what the asker reads while waiting, and what stands around an answer."""

from collections.abc import Sequence
from typing import NamedTuple

from mmapp.texts.plain import FLASK, about, ordinal


def empty() -> str:
    return "Ask me something, for example:\n```\n/ai ask What did we decide about the pump?\n```"


def both_ways() -> str:
    return "`--private` and `--public` contradict each other, so nothing was asked. Please leave one of them out."


def command(verb: str, flags: str, words: str) -> str:
    """What was typed, to copy."""
    return " ".join(filter(None, ["/ai", verb, flags, words]))


def too_long(characters: int, limit: int) -> str:
    return (
        f"That question has {characters:,} characters; at most {limit:,} can be asked at once. Please shorten it, or "
        "post the text as a message and ask about it in its thread."
    )


def acknowledged(ahead: int, seconds: float | None, model: str, *, loading: bool, worker: bool, comes: str = "") -> str:
    """The ephemeral: place, estimate, model, and how the answer `comes`. `seconds` None: nobody knows."""
    if not worker:
        return (
            "Your question is kept, but no worker is running right now. It will be answered as soon as one is back; "
            f"an administrator can start it with `{FLASK} worker`."
        )
    place = "Your turn now" if ahead == 0 else f"{ordinal(ahead + 1)} in line"
    when = f", {about(seconds)}" if seconds is not None else ""
    first = " It is being loaded first." if loading else ""
    return f"{place}{when}. Model: {model}.{first} {comes or 'The answer comes as a post.'}"


def by_its_thread(comes: str = "") -> str:
    """Where the thread that was named may have a model of its own, and is looked up later."""
    return (
        f"The thread is looked up first; then it is known which model answers. {comes or 'The answer comes as a post.'}"
    )


def outside_threads() -> str:
    return (
        "This Mattermost does not tell me which thread you are in, so I answer in the channel. About a thread: "
        "`/ai ask --thread LINK QUESTION` (message menu > Copy Link)."
    )


def busy(waiting: int, seconds: float | None, *, own: bool, worker: bool) -> str:
    """A refusal for want of room. `seconds` until there is some; None: not known."""
    if not worker:
        when = "No worker is running right now, so there is no room until an administrator starts one."
    elif own:
        when = (
            f"There is room for another {f'in {about(seconds)}' if seconds else 'when the next one is being answered'}."
        )
    else:
        when = f"Please ask again {f'in {about(seconds)}' if seconds else 'a little later'}."
    if own:
        return (
            f"You already have {waiting} questions waiting, the most one person can have. {when} `/ai stop` takes back "
            "your newest one here."
        )
    return f"{waiting} questions are already waiting, the most Chorus takes. {when}"


def default_model() -> str:
    return "the default one"


def unfinished() -> str:
    return "it could not be finished"


class Told(NamedTuple):
    """What an answer was told: `read` of the `of` messages, `cut` of them in part, without the `forgotten` first exchanges.

    `first`, `newest`: whether these two messages are among them. `which` they are, where they were not chosen for a question.
    """

    read: int
    of: int
    cut: int = 0
    forgotten: int = 0
    first: bool = True
    newest: bool = True
    which: str | None = None


def foot(model: str, seconds: float, told: Told, beside: str = "") -> str:
    """The line under an answer: what answered, how long it took, what it read; `beside`: what is to be said of files, and
    of what was left out."""
    in_part = f", {told.cut} of them in part" if told.cut else ""
    messages = f" · read {told.read} of {told.of} message{'s' * (told.of != 1)}{in_part}" if told.of else ""
    return f"*{model} · {max(seconds, 0.1):.1f} s{messages}{f' · {beside}' if beside else ''}*"


def cut_off(why: str) -> str:
    return f"*(cut off: {why})*"


def filled(*, tells_root: bool) -> str:
    how = "ask “go on” in this thread" if tells_root else "ask “go on” with the link of this message behind `--thread`"
    return f"the answer reached its limit; {how}"


def repeated() -> str:
    return "*(ended: it began to repeat itself)*"


def stopped() -> str:
    return "*(stopped)*"


def restarted() -> str:
    return "the model restarted"


def card(
    model: str,
    who: str,
    told: Told,
    tokens: tuple[int, int, int] | None,
    seconds: float,
    *,
    files: Sequence[str] = (),
    titled: bool = True,
) -> str:
    """Where an answer comes from; behind the (i) beside the bot's name. `tokens`: read, known, written, if counted."""
    lines = [
        *(["#### Where this comes from"] if titled else []),
        f"* **Model** {model}, on this organisation's own machines",
        f"* **Asked by** {who}",
        f"* **Messages read** {_messages(told)}",
        *files,
        *([f"* **Left out** {_forgotten(told.forgotten)}"] if told.forgotten else []),
        *([f"* **Tokens** {tokens[0]} read now, {tokens[1]} known already, {tokens[2]} written"] if tokens else []),
        f"* **Time** {max(seconds, 0.1):.1f} s",
        "",
        "A model can be wrong. Check what matters.",
    ]
    return "\n".join(lines)


def _messages(told: Told) -> str:
    """How many, and how they were chosen where not all were read."""
    if not told.of:
        return "none"
    chosen = _which(told) if told.which is None else told.which
    which = f": {chosen}" if chosen and 0 < told.read < told.of else ""
    cut = f"; {told.cut} long one{'s' * (told.cut != 1)} from the beginning, not to the end" if told.cut else ""
    return f"{told.read} of {told.of}{which}{cut}"


def _which(told: Told) -> str:
    """How the messages were chosen; a card tells only what is so."""
    ends = "the first, " * told.first + "the newest, " * told.newest
    return f"{ends}{'and ' * bool(ends)}those that fit the questions best"


def _forgotten(exchanges: int) -> str:
    which = f"the first {exchanges} questions and answers" if exchanges > 1 else "the first question and its answer"
    return f"{which} of this conversation, for want of room"


def elsewhere(bot: str) -> str:
    return f"{bot} is no part of this conversation, so the answer comes in your direct message with {bot}."


def not_in_private(bot: str) -> str:
    return (
        f"{bot} is not in this private channel, so it can neither read nor answer here. Any member can invite it: type "
        f"`/invite @{bot}`, then ask again. Or add `--private` to get the answer in your direct message."
    )


def not_a_member(*, goes_on: bool = False) -> str:
    why = "You are not a member of that channel, so nothing of it is read for you."
    return f"{why} {_afresh()}" if goes_on else f"{why} Join it first, then ask again."


def cannot_see(bot: str, *, goes_on: bool = False) -> str:
    """Of who may well be allowed to."""
    why = f"{bot} cannot look into that channel any more, so it cannot see whether you may read it."
    return f"{why} {_afresh()}" if goes_on else f"{why} Any member can invite it: `/invite @{bot}`. Then ask again."


def _afresh() -> str:
    return "It belongs to our conversation here since its summary; `/ai new` begins a new one."


def no_such_thread() -> str:
    # The same words whether it does not exist or may not be read: otherwise they would tell which posts exist.
    return "There is no such message that you and I can both read. Check the link (message menu > Copy Link) and ask again."


def other_server() -> str:
    return "That link is to another server. Use a link of this one: message menu > Copy Link."


def thread_elsewhere() -> str:
    return "That message is in another channel. Ask there, or add `--private`: then the answer comes in your direct message."


def thread_gone(*, goes_on: bool = False) -> str:
    why = "The thread that you asked about is gone, so your question was not answered."
    return f"{why} {_afresh()}" if goes_on else f"{why} Ask again in another place."


def too_far_back(*, goes_on: bool) -> str:
    why = "So much was posted since that what the summary above was made from is not read any more."
    return f"{why} {_afresh()}" if goes_on else f"{why} Ask in the thread that it is about, or have a new one made."


def too_wide_now() -> str:
    return (
        "By now not everybody here may read what the answers above were made from, so your question was not answered for all "
        "to read. Ask it alone, with `--private`."
    )


def undeliverable() -> str:
    return "The answer could not be posted where you asked: the thread or channel takes no posts any more."


def here_it_is(why_here: str, text: str) -> str:
    return f"{why_here} Here it is:\n\n{text}"


def nor_alone(why_here: str, why_not: str) -> str:
    """Of one that cannot be posted, and may not be told its asker any more."""
    return f"{why_here} By now it may not be told you alone either, so nothing of it is shown. {why_not}"


def changed_since() -> str:
    """Also where somebody does not want to be read any more, which is nobody's business."""
    return "What it was made from does not stand there any more as it did. Ask again: then it is made from what does."


def not_to_be_seen() -> str:
    return "What it was made from cannot be looked at any more, so nobody can see whether you may read it."


def taken_back() -> str:
    """In the place of what may not stand there, where people have replied to it."""
    return "*What was to stand here was taken back.*"


def bot_gone(bot: str) -> str:
    return f"{bot} no longer answers here, so nothing came of what you asked of it. Ask another bot, or me: `/ai ask QUESTION`."


def answer_of_gone(bot: str) -> str:
    return f"{bot} no longer answers here, so it cannot post what it wrote for you."


def ready_now(link: str) -> str:
    """To who asked more than a minute ago and has gone on to other things."""
    return f"Your answer is ready: [open it]({link})."


def prompt_too_long(tokens: int, window: int, model: str) -> str:
    return (
        f"Question and thread have {tokens:,} tokens, and {model} reads {window:,} at once with its answer. "
        "Ask a shorter question, ask about a shorter thread, or choose a model with a larger window: `--model NAME`."
    )
