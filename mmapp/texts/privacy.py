"""`/ai privacy`: who wants to be read, and where."""


def title() -> str:
    return "What is read"


def introduction() -> str:
    return (
        "Summaries and answers read the messages of a thread or channel, on your organisation's own machines. Here you can "
        "have yours left out, for everybody and everywhere. What you see is in force now."
    )


def submit() -> str:
    return "Save"


def me() -> tuple[str, list[tuple[str, str]], str]:
    """The field's label, its options and a hint."""
    options = [("yes", "may be read"), ("no", "are never read")]
    return (
        "My messages",
        options,
        "What was noted of messages so far is deleted. What you ask a bot yourself is still told it.",
    )


def channel() -> tuple[str, list[tuple[str, str]], str]:
    """The field's label, its options and a hint."""
    options = [("yes", "may be read"), ("no", "are never read, whoever wrote them")]
    return "All in this channel", options, "For admins of this channel. It concerns everyone who asks about it."


def not_an_admin() -> str:
    return "Only admins of this channel can change that. Leave it as it was, and save again."


def left_out(which: str) -> str:
    """For the line under an answer. No number: with few people, it would tell whose messages those are."""
    return {
        "people": "messages of people who do not want to be read are left out",
        "channel": "no message was read: the channel's admins do not want it",
    }[which]
