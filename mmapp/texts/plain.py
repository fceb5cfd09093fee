"""Small pieces of sentences: ordinals, durations, lists."""

import re

LONGEST = 300  # characters of somebody's words inside a sentence
SHORT = 60
# What administrators can copy into a shell as it stands, in the folder of Chorus: `make setup` installs into .venv.
FLASK = ".venv/bin/flask --app app"
START = ".venv/bin/python app.py"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def count_of(number: int, thing: str) -> str:
    """1 part, 1,200 parts."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def about(seconds: float) -> str:
    """A duration as people say it: no figure is better than its measurement."""
    if seconds < 4:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(5, round(seconds / 5) * 5)} s"
    if seconds < 90:
        return "about a minute"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3600)} hours"


def begun_by(bot: str, text: str) -> str:
    """An ephemeral shows under the asker's own name, so it begins with the bot's."""
    return f"**{bot}**\n\n{text}" if text.startswith(("#", "-", "*", "|", "```")) else f"**{bot}** · {text}"


def code(text: str) -> str:
    """Somebody's words as a code span: nothing in it notifies, links or formats."""
    return "`" + " ".join(text[:LONGEST].split()).replace("`", "ʼ") + ("…" if len(text) > LONGEST else "") + "`"


def short_code(text: str) -> str:
    """The beginning of somebody's words on one line, as a code span."""
    line = " ".join(text.split())
    return code(line if len(line) <= SHORT else line[: SHORT - 1] + "…")


def label(text: str) -> str:
    """A name from a file, with nothing in it that could format, link, mention or fetch."""
    return " ".join(re.sub(r"[^\w .,()+/-]", " ", text).replace("_", " ").split())[:80] or "?"


def person(username: str) -> str:
    """Somebody's name: bold, and no mention. It is all there, also where its characters would format."""
    name = re.sub(r"([_:])", r"\\\1", re.sub(r"[^\w.:-]+", " ", username).strip())
    return f"**{name}**"


def names(items: list[str]) -> str:
    """`a`, `b` and `c`."""
    quoted = [code(item) for item in items]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}" if quoted else ""
