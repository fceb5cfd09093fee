"""`/ai prompts`: saved wishes for summaries."""

from mmapp.texts.plain import names, short_code

SHOWN = 10


def title() -> str:
    return "Saved prompts"


def introduction(mine: dict[str, str], theirs: dict[str, str]) -> str:
    """What is saved already; in a dialog a single line break is lost, so it is a list."""
    lines = [
        "Save a wish for summaries under a name, and use it with `/ai summarize --prompt NAME`.",
        "",
        *(f"* **{name}** (yours): {short_code(text)}" for name, text in list(mine.items())[:SHOWN]),
        *(f"* **{name}** (this channel's): {short_code(text)}" for name, text in list(theirs.items())[:SHOWN]),
    ]
    return "\n".join(lines)


def submit() -> str:
    return "Save"


def name() -> tuple[str, str]:
    """The field's label and a hint."""
    return "Name", "Letters, digits and dashes, for example: standup. A name that is there already is changed."


def text() -> tuple[str, str]:
    """The field's label and what stands in it until something is typed."""
    return "What to look for", "For example: what blocks whom, and since when? Empty deletes the one of that name."


def whose() -> tuple[str, list[tuple[str, str]], str]:
    """The field's label, its options and a hint."""
    return (
        "For",
        [("mine", "me alone"), ("channel", "everyone in this channel")],
        "A channel's are for its admins to save.",
    )


def bad_name() -> str:
    return "A name has 1 to 39 letters, digits, spaces and dashes."


def too_long(characters: int, most: int) -> str:
    return f"That is {characters:,} characters long; at most {most:,} can be saved."


def not_an_admin() -> str:
    return "Only admins of this channel can save one for everyone. Save it for yourself instead."


def nothing_to_delete(name: str) -> str:
    return f"There is no {names([name])} to delete; to save one, write here what to look for."


def too_many(most: int) -> str:
    return f"There are {most} already. Delete one first: type its name and leave the words empty."
