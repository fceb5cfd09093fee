"""Makes people's text safe to feed: no NUL, no lone surrogate, and no text of a token that the engine might parse.

With special=False the engine spells CONTROL tokens out, but it still parses USER_DEFINED ones, and some files mark
their roles so (measured). Behind the first character of every such text goes a zero-width space, which no eye sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from llm.base import ModelUnsupported

# The first that no token's text holds: then one pass is enough, as what it writes cannot complete another name.
SEPARATORS = ("\u200b", "\u2060")
# What marks roles in the templates of the families that endpoints serve: ChatML, Llama, Mistral, Gemma, DeepSeek, Phi, Cohere,
# EXAONE, GLM, MiniMax. Too much of it costs nothing: no eye sees the space.
MARKS = re.compile(
    r"(?=<[|｜]|\[\||\]~|<</?SYS>>|\[/?[A-Z_]{3,}\]|\[gMASK\]|</?(?:s|bos|eos|pad|unk|sop|eop|think|thinking|tools?|tool_\w+)>"
    r"|</?(?:start|end|begin|beginning)_of_\w+>|<[A-Z_]+_TOKEN>|<(?:reserved|extra_id|SPECIAL|TOKENS_UNUSED)_\d+>)."
)
SURROGATES = re.compile("[\ud800-\udfff]")


def harmless(name: str) -> bool:
    """Whether a token's text cannot mark a role: blanks (Gemma's vocabulary has them USER_DEFINED) or one character."""
    return len(name) < 2 or not name.replace("\u2581", " ").strip()


def clean(text: str) -> str:
    """Without NULs, behind which the engine loses the text in silence, and lone surrogates, which have no bytes."""
    return SURROGATES.sub("\ufffd", text.replace("\0", ""))


def escape_controls(text: str, names: Iterable[str]) -> str:
    """`text` cleaned, with every one of `names` in it broken up by a zero-width space. Doing it twice changes nothing.

    Raises ModelUnsupported where the names themselves hold all the separators.
    """
    pattern, separator = _pattern(frozenset(names))
    return pattern.sub(rf"\g<0>{separator}", clean(text)) if pattern else clean(text)


def escape_marks(text: str) -> str:
    """`text` cleaned, with every mark of a role that a known family has broken up: for models whose vocabulary nobody here
    knows. Doing it twice changes nothing."""
    return MARKS.sub(rf"\g<0>{SEPARATORS[0]}", clean(text))


@lru_cache(maxsize=8)
def _pattern(names: frozenset[str]) -> tuple[re.Pattern[str] | None, str]:
    dangerous = sorted(name for name in names if not harmless(name))
    free = [separator for separator in SEPARATORS if not any(separator in name for name in dangerous)]
    if not free:
        raise ModelUnsupported(
            "its tokens hold zero-width characters, so people's text cannot be kept apart from roles"
        )
    if not dangerous:
        return None, ""
    # The look-ahead eats nothing, so that overlapping names are all found.
    return re.compile(f"(?={'|'.join(map(re.escape, dangerous))}).", re.DOTALL), free[0]
