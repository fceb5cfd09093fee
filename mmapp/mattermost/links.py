"""Which addresses may be followed, and how the others are shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

_SAFE = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]+")
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def is_known(url: str, prefixes: Collection[str]) -> bool:
    """Whether the address lies below one of the prefixes, and cannot climb out of it."""
    if not _SAFE.fullmatch(url) or url.count("//") > 1 or re.search(r"/\.{1,2}(?=[/?#]|$)|%2e", url, re.IGNORECASE):
        return False
    return any(_below(url, prefix) for prefix in prefixes if prefix)


def _below(url: str, prefix: str) -> bool:
    """`https://mm.example` covers `https://mm.example/x`, never `https://mm.example.evil.com`."""
    rest = url.removeprefix(prefix)
    return rest != url and (prefix.endswith(("/", "=")) or rest[:1] in ("", "/", "?", "#"))


def trimmed(url: str) -> str:
    """A bare address without the punctuation of the sentence around it."""
    counts = Counter(url)
    end = len(url)
    while end:
        last = url[end - 1]
        unbalanced = last in _CLOSERS and counts[last] > counts[_CLOSERS[last]]
        if last not in ".,;:!?'\"*_~" and not unbalanced:
            break
        counts[last] -= 1
        end -= 1
    return url[:end]


def code_span(text: str) -> str:
    """The text as a code span, whatever backticks are in it."""
    text = " ".join(text.split())
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" or not text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"
