"""Whether a post addresses the bot, and with which words: mentions counted as Mattermost's server counts them.

The rules are those of 66 texts measured on 11.6 (tests/fixtures, v11_e_mention_matrix) and of the events of both ages.
The server tells nobody of mentions in edits, nor of those that a listener missed: these are found in the text alone.
Attachments notify too, but people cannot write them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from mmapp.mattermost.prose import JOIN, prose

_WORD = re.compile(rf"[\w:.@{JOIN}-]+")
_EDGE = ":.-_"
"""What may stand at the edges of a name without being a part of it; a name that holds one inside is another name."""
_PAIRS = {"*": "*", "_": "_", "~": "~", '"': '"', "'": "'", "(": ")", "[": "]", "<": ">", "\u200b": "\u200b"}
_QUOTED = re.compile(r"\s*>[^\n]*(?:\n|$)")
_ANYBODY = re.compile(r"@[A-Za-z0-9][\w.:-]*(?:\s*(?:[,;&+/]|and\b))*")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
_BEHIND = re.compile(r"[\u200b*_~)\]}>\"'|$.:;,!?…–—-]*\s*(?:[–—:,-]\s+)?")
_JOINED = re.compile(r"\W*(?:and\s)?\W*", re.IGNORECASE)
"""What may stand between the names of two bots that are asked together."""
_CLOSED = re.compile(r"\s*(?:[.,:;!?…)]|\n|$)")


class _Span(NamedTuple):
    """Where a mention stands, its `@` included."""

    start: int
    end: int


def addressed(text: str, bot: str, others: Collection[str] = ()) -> str | None:
    """What a post says to this bot, without its name; empty where it only calls it, None where it does not.

    Words are what follows the mention where the text begins with it, behind quotes and other mentions; else all of it.
    `others` are the other bots that answer here: "@ai @ai2 who is right?" asks each of them "who is right?".
    """
    found = list(_mentions(text, bot))
    if not found:
        return None
    begin = len(leading_quotes(text))
    behind = [span for span in found if span.start >= begin]
    if behind and _is_silent(text[begin : behind[0].start]):
        return _following(text, behind[0], others)
    return _without(text, (behind or found)[0])


def leading_quotes(text: str) -> str:
    """The quotation that a text begins with, as it stands there; empty where it begins otherwise."""
    end = 0
    while line := _QUOTED.match(text, end):
        end = line.end()
    return text[:end]


def _mentions(text: str, name: str) -> Iterator[_Span]:
    """Every mention of this name that notifies."""
    for word in _WORD.finditer(prose(text)):
        kept = [index for index, one in enumerate(word[0]) if one != JOIN]
        span = _named("".join(word[0][index] for index in kept), f"@{name}".lower())
        if span:
            yield _Span(word.start() + kept[span.start], word.start() + kept[span.end - 1] + 1)


def _named(word: str, name: str) -> _Span | None:
    """Where in a word the name stands: `@ai`, `@ai.`, `x.@ai`; not in `@ai2`, `@ai.x`, `x@ai`, and not in `:@ai:`."""
    if not word or word[0] == word[-1] == ":":
        return None
    start = len(word) - len(word.lstrip(_EDGE))
    end = start + len(name)
    if word[start:end].lower() == name and not word[end:].strip(_EDGE):
        return _Span(start, end)
    if word[start : start + 1] == "@":
        return None
    parts = re.finditer(r"[^.:-]+", word)
    return next((_Span(*part.span()) for part in parts if part[0].lower() == name), None)


def _is_silent(text: str) -> bool:
    """Whether nothing is said in it: mentions of others, marks and smileys alone."""
    return not any(one.isalnum() for one in _ANYBODY.sub("", text))


def _following(text: str, span: _Span, others: Collection[str]) -> str:
    """What follows a mention, and those of other bots behind it."""
    if _POSSESSIVE.match(text, span.end):
        return text[span.start + 1 :].strip()
    at = _behind(text, span.end)
    for other in sorted(found for name in others for found in _mentions(text, name)):
        if other.start >= at:
            if not _JOINED.fullmatch(text, at, other.start):
                break
            at = _behind(text, other.end)
    return text[at:].strip()


def _behind(text: str, at: int) -> int:
    """Where the marks end that belong to the name before them: `: `, `,`, `** – `; flags as `--model` stay."""
    found = _BEHIND.match(text, at)
    return found.end() if found else at


def _without(text: str, span: _Span) -> str:
    """The text without a mention in its midst, and without the comma and the spaces that it leaves behind."""
    if _POSSESSIVE.match(text, span.end):
        return (text[: span.start] + text[span.start + 1 :]).strip()
    start, end = span
    while start and end < len(text) and _PAIRS.get(text[start - 1]) == text[end] and text[end : end + 2] != "](":
        start, end = start - 1, end + 1
    before, after = text[:start], text[end:]
    if _CLOSED.match(after):
        return (before.rstrip(" \t,") + after.lstrip(" \t")).strip()
    if before[-1:].isspace():
        after = after.lstrip(" \t")
    return (before + after).strip()
