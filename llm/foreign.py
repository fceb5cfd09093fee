"""Text that nobody here wrote, as it may be shown: the words of files, catalogues and servers."""

from __future__ import annotations

LONGEST = 200


def one_line(text: str, longest: int = LONGEST) -> str:
    """The text on one line, cut, without anything that a terminal obeys, a database refuses or an eye does not see."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:longest]
