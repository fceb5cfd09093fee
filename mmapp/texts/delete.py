"""`/ai delete`, the wastebasket, and answers that are gone."""


def nothing() -> str:
    return "I have no answer of yours here to delete. Another one: `/ai delete LINK` (message menu > Copy Link under the answer)."


def no_answer() -> str:
    return "That link leads to no answer of mine and to no question to me. Use the link of an answer: message menu > Copy Link."


def underway(question: str) -> str:
    return f"Deleting {question} with its answer, here and in my memory."


def looking() -> str:
    return "Somebody else asked that. I look whether you may delete it; if so, it is gone in a moment."


def posts_stay(bot: str) -> str:
    return (
        "I have deleted what I kept of that question and its answer. Its posts stay, as Mattermost does not let me delete "
        f"them: the channel is archived, or {bot} is not in it any more. An admin of the channel can delete them in "
        "Mattermost; an archived one must be unarchived first."
    )


def posts_of_gone_stay(bot: str) -> str:
    return (
        f"I have deleted what I kept of that question and its answer. Its posts stay, as {bot} no longer answers here: an "
        "admin of the channel can delete them in Mattermost."
    )


def not_yours() -> str:
    return "Only who asked, or an admin of the channel, can delete an answer."
