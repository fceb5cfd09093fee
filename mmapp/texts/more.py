"""More…: the dialog of an answer, and what comes of what is picked in it."""


def button() -> str:
    return "More…"


def title() -> str:
    return "This answer"


def submit() -> str:
    return "Do it"


def close() -> str:
    return "Close"


def what() -> str:
    return "What next?"


def choices() -> dict[str, str]:
    """What can be done with an answer, by purpose, in the order in which it is offered."""
    return {
        "again": "Answer again",
        "with": "Answer with the model below",
        "shorter": "Make it shorter",
        "share": "Share it with others",
        "delete": "Delete question and answer",
    }


def model() -> tuple[str, str]:
    """The field's label and a hint."""
    return "Model", "For an answer by another model. The old one stays until the new one is done."


def channel() -> tuple[str, str]:
    """The field's label and a hint."""
    return (
        "Share in",
        "All who read there must be allowed to read what it was made from. Empty: its thread, or where you asked.",
    )


def choose_model() -> str:
    return "Please pick the model that is to answer."


def others() -> str:
    return "Who asked can have it answered again, made shorter, or deleted."


def no_answer() -> str:
    return "This answer was deleted, or is not kept any more, so there is nothing to be done with it."


def underway() -> str:
    return "This answer is being written anew already. Stop under it ends that; what is there stays."


def rewriting() -> str:
    return "*A new answer is on its way. This one stays until it is done.*"


def stays(sentence: str) -> str:
    """Why there is no new answer, and what becomes of the old one."""
    return f"{sentence} The answer that was there stays as it is."


def unfinished() -> str:
    return "There is no new answer: the model did not come to an end by itself. Try again, or another model."


def the_same() -> str:
    return "The model has answered with the very same words. Try another model."


def no_shorter() -> str:
    return "The model could not make it shorter. Try another model, or ask for what you want to know."


def shortest() -> str:
    return "Shorter than this no summary is. Ask for what you want to know."


def failed() -> str:
    return "There is no new answer: the model could not go on. Try again, or another model."


def empty() -> str:
    return "There is no new answer: the model had nothing to say to that. Try another model."


def nowhere() -> str:
    return "You asked this in your direct message, so please pick a channel to share it in."


def shared(link: str) -> str:
    return f"It is shared now: [open it]({link})."


def share_failed() -> str:
    return (
        "It was not shared: it could not be posted there. The answer that you have stays as it is. Try again, or pick "
        "another channel."
    )


def share_underway() -> str:
    return "It was not shared: it is still being written or posted. Share it again when that has ended."


def share_not_a_member() -> str:
    return "It was not shared: you are not a member of that channel. Join it first, or pick another one."


def share_without_me(bot: str) -> str:
    return f"It was not shared: {bot} cannot post there. Invite it with `/invite @{bot}`, then share again."


def share_off() -> str:
    return "It was not shared: Chorus is off in that channel. An admin of it can type `/ai on` there."


def share_silent(bot: str) -> str:
    return (
        f"It was not shared: in that channel {bot} does not post for you. Its admins decide that (`/ai on --public …`)."
    )


def share_closed() -> str:
    return (
        "It was not shared: by now an admin of the channel that it was made from does not want its messages read. What you "
        "have of it stays yours."
    )


def share_unwilling() -> str:
    return (
        "It was not shared: by now somebody whose messages were read for it does not want them read. What you have of it "
        "stays yours."
    )


def share_too_wide() -> str:
    return (
        "It was not shared: not everybody in that channel may read the messages that were read for it. Pick the channel "
        "that they come from, or one whose members are all in it."
    )
