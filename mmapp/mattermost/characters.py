"""Characters that deceive: what is invisible, turns the direction of writing, or breaks lines where none is seen."""

from __future__ import annotations

import re

_NEWLINES = re.compile("\r\n|[\r\u000b\u000c\u0085\u2028\u2029]")
_DROPPED = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f"  # controls, NUL first: PostgreSQL refuses it
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates of direction: text that reads otherwise
    "\u200b\u2060-\u2064\u206a-\u206f\ufeff\u180e\u115f\u1160\u3164\uffa0]"  # zero-width and blank letters
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# A joiner belongs between letters of scripts that need it, and in emoji. Beside ASCII it only hides words.
_JOINERS = re.compile("(?<=[\u0000-\u007f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\u0000-\u007f]|$)|^[\u200c\u200d]+")
# Tags spell the flags of England, Scotland and Wales behind a black flag; elsewhere they are text that no person sees.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f)|[\U000e0000-\U000e007f]+")
CLUSTER = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u200c\u200d\u200b"
                     "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]")  # fmt: skip
"""What belongs to the character before it."""


def plain(text: str) -> str:
    """The text with one kind of newline and without characters that deceive. Doing it twice changes nothing."""
    text = _NEWLINES.sub("\n", text)
    text = _DROPPED.sub("", _SURROGATES.sub("\ufffd", text))
    text = _TAGS.sub(lambda found: found[1] or "", text)
    return _JOINERS.sub("", text)
