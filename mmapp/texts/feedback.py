"""`/ai feedback`: what somebody thinks of an answer, and why."""


def title() -> str:
    return "Your feedback"


def introduction(question: str) -> str:
    return f"About the answer to {question}. Your organisation's administrators can read it with the answer; nobody else does."


def submit() -> str:
    return "Send"


def value() -> tuple[str, list[tuple[str, str]]]:
    """The field's label and its options."""
    return "How was it?", [("1", "👍 good"), ("-1", "👎 not good")]


def reason() -> tuple[str, str]:
    """The field's label, and what stands in it before something is typed."""
    return "Why?", "for example: the date is wrong; it was Tuesday"


def nothing() -> str:
    return (
        "You have no answer here to give feedback on. About another one: `/ai feedback LINK` (message menu > Copy Link "
        "under the answer)."
    )


def no_answer() -> str:
    return (
        "That link leads to no answer of mine that you can read. Use the link of an answer: message menu > Copy Link."
    )
