"""`/ai ask`: what the asker reads while waiting, and what stands around an answer."""

from mmapp.texts.plain import about, ordinal


def empty() -> str:
    return "Ask me something, for example:\n```\n/ai ask What did we decide about the pump?\n```"


def command(flags: str, words: str) -> str:
    """What was typed, to copy."""
    return " ".join(filter(None, ["/ai ask", flags, words]))


def too_long(characters: int, limit: int) -> str:
    return (
        f"That question has {characters:,} characters; at most {limit:,} can be asked at once. Please shorten it, or "
        "post the text as a message and ask about it in its thread."
    )


def acknowledged(ahead: int, seconds: float | None, model: str, *, loading: bool, worker: bool) -> str:
    """The ephemeral: place, estimate, model. `seconds` None: this model was never measured here."""
    if not worker:
        return (
            "Your question is kept, but no worker is running right now. It will be answered as soon as one is back; "
            "an administrator can start it with `flask --app app worker`."
        )
    place = "Your turn now" if ahead == 0 else f"{ordinal(ahead + 1)} in line"
    when = f", {about(seconds)}" if seconds is not None else ""
    first = " It is being loaded first." if loading else ""
    return f"{place}{when}. Model: {model}.{first} The answer comes as a post."


def default_model() -> str:
    return "the default one"


def unfinished() -> str:
    return "it could not be finished"


def foot(model: str, seconds: float, read: int) -> str:
    """The line under an answer: what answered, how long it took, what it read."""
    messages = f" · read {read} of {read} messages" if read > 1 else " · read 1 of 1 message" if read else ""
    return f"*{model} · {max(seconds, 0.1):.1f} s{messages}*"


def cut_off(why: str) -> str:
    return f"*(cut off: {why})*"


def filled() -> str:
    return "the answer reached its limit; ask “go on” in this thread"


def repeated() -> str:
    return "*(ended: it began to repeat itself)*"


def stopped() -> str:
    return "*(stopped)*"


def restarted() -> str:
    return "the model restarted"


def card(model: str, who: str, read: int, tokens: tuple[int, int, int] | None, seconds: float) -> str:
    """Where an answer comes from; behind the (i) beside the bot's name. `tokens`: read, known, written, if counted."""
    lines = [
        "#### Where this comes from",
        f"* **Model** {model}, on this organisation's own machines",
        f"* **Asked by** {who}",
        f"* **Messages read** {read}",
        *([f"* **Tokens** {tokens[0]} read now, {tokens[1]} known already, {tokens[2]} written"] if tokens else []),
        f"* **Time** {seconds:.1f} s",
        "",
        "A model can be wrong. Check what matters.",
    ]
    return "\n".join(lines)


def elsewhere(bot: str) -> str:
    return f"{bot} is no part of this conversation, so the answer comes in your direct message with {bot}."


def not_in_private(bot: str) -> str:
    return (
        f"{bot} is not in this private channel, so it can neither read nor answer here. Any member can invite it: type "
        f"`/invite @{bot}`, then ask again. Or add `--private` to get the answer in your direct message."
    )


def not_a_member() -> str:
    return "You are not a member of that channel, so nothing of it is read for you. Join it first, then ask again."


def no_such_thread() -> str:
    # The same words whether it does not exist or may not be read: otherwise they would tell which posts exist.
    return "There is no such message that you and I can both read. Check the link (message menu > Copy Link) and ask again."


def other_server() -> str:
    return "That link is to another server. Use a link of this one: message menu > Copy Link."


def thread_elsewhere() -> str:
    return "That message is in another channel. Ask there, or add `--private`: then the answer comes in your direct message."


def thread_gone() -> str:
    return "The thread that you asked about is gone, so your question was not answered. Ask again in another place."


def delivered_here(text: str) -> str:
    return f"The answer could not be posted where you asked: the thread or channel takes no posts any more. Here it is:\n\n{text}"


def prompt_too_long(tokens: int, window: int, model: str) -> str:
    return (
        f"Question and thread have {tokens:,} tokens, and {model} reads {window:,} at once with its answer. "
        "Ask a shorter question, ask about a shorter thread, or choose a model with a larger window: `--model NAME`."
    )
