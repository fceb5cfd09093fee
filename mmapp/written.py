"""Values of settings as administrators write them. What cannot be used is a ValueError with the end of a sentence."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

NONE = "none"
_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f$]")  # urlsplit drops newlines silently; `.env` fills in `$`
_REACTION = re.compile(r"(delete|summarize|done)=:?([a-z0-9_+-]{1,64}):?")


def web_parts(value: str) -> SplitResult | None:
    """The parts of a web address; None where it is none. Python's own words for that may quote a password."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # read, because only that checks it
    except ValueError:
        return None
    usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    return parts if usable else None


def web_address(value: str) -> str:
    """An address without the slash at its end. Raises ValueError where it is none that Chorus can use."""
    parts = web_parts(value)
    if parts is None or _NOT_IN_ADDRESSES.search(value):
        raise ValueError("must be a web address such as https://chat.example.org, without spaces or $")
    if parts.username or parts.password:
        raise ValueError("must not hold a name or a password")
    return value.rstrip("/")


def pairs(value: str) -> list[tuple[str, str]]:
    """`name=token,…` taken apart. Raises ValueError."""
    found = [item.partition("=") for item in map(str.strip, value.split(",")) if item]
    if not all(name.strip() and token.strip() for name, _, token in found):
        raise ValueError("must be written name=token, several separated by commas")
    return [(name.strip(), token.strip()) for name, _, token in found]


def reactions(value: str) -> list[tuple[str, str]]:
    """`delete=wastebasket,summarize=memo` taken apart, of one action also several; nothing for `none`. Raises ValueError."""
    found = [_REACTION.fullmatch(each.strip()) for each in value.split(",")] if value != NONE else []
    if not all(found):
        raise ValueError(
            f"must be written delete=wastebasket,summarize=memo,done=white_check_mark, with an emoji's name, or {NONE}"
        )
    return [(each[1], each[2]) for each in found if each]
