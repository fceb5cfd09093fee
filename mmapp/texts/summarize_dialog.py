"""The dialog of `/ai summarize`: its fields, and what can be picked in them."""


def title() -> str:
    return "Summarise"


def introduction(*, public: bool) -> str:
    where = "here, for everybody" if public else "to you alone, in your direct message; from there you can share it"
    return f"Pick what is to be read, or paste a message's link. The summary comes {where}."


def submit() -> str:
    return "Summarise"


def link() -> tuple[str, str]:
    """The field's label and a hint."""
    return (
        "Link to a message",
        "Its thread is read. Message menu > Copy Link. It counts more than what is picked below.",
    )


def what() -> tuple[str, str]:
    """The field's label and a hint."""
    return "Or this", "All of it is read, also where it is long."


def ranges() -> list[tuple[str, str]]:
    """The times that can be picked for the channel."""
    return [
        ("since 24h", "This channel, the last 24 hours"),
        ("since yesterday", "This channel since yesterday morning"),
        ("since 7d", "This channel, the last 7 days"),
        ("since 30d", "This channel, the last 30 days"),
    ]


def thread_choice(words: str, replies: int, age: float) -> str:
    """A thread, as one line of a select; `age` in seconds."""
    ago = (
        f"{max(1, round(age / 60))} min"
        if age < 3600
        else f"{round(age / 3600)} h"
        if age < 86400
        else f"{round(age / 86400)} d"
    )
    return f"{words} ({replies} {'replies' if replies != 1 else 'reply'}, {ago} ago)"


def kind() -> tuple[str, str]:
    """The field's label and a hint."""
    return "What of it", ""


def wish() -> tuple[str, str]:
    """The field's label and what stands in it until something is typed."""
    return "What matters to you?", "For example: what does it mean for the release?"


def saved() -> tuple[str, str]:
    """The field's label and a hint."""
    return "Saved prompt", "Save your own with /ai prompts."


def pick_something() -> str:
    return "Please paste a link here, or pick something below."
