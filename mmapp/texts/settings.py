"""`/ai settings`: what each person can have otherwise."""


def title() -> str:
    return "Your settings"


def introduction() -> str:
    return "These are for you alone, in every channel. What you see is in force now."


def submit() -> str:
    return "Save"


def where() -> tuple[str, list[tuple[str, str]], str]:
    """The field's label, its options and a hint."""
    options = [
        ("channel", "where I ask, for all to read"),
        ("direct", "to me alone, in a direct message"),
    ]
    return "Answers to /ai ask", options, "Once the other way: --public or --private behind the command."


def silence() -> tuple[str, list[tuple[str, str]], str]:
    """The field's label, its options (hours) and a hint."""
    options = [
        ("1", "one hour of silence"),
        ("8", "eight hours of silence"),
        ("24", "a day of silence"),
        ("0", "nothing but /ai new"),
    ]
    return "Direct talk ends after", options, "What was said before then is not told to the model again."


def late() -> tuple[str, str]:
    """The field's label, and the words beside its box."""
    return "Late answers", "Send me a link when an answer took more than a minute"


def thumbs() -> tuple[str, str]:
    """The field's label, and the words beside its box."""
    return "Thumbs", "Put 👍 and 👎 under answers to me, ready to press"
