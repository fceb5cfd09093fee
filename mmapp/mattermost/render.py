"""What may be shown in Mattermost: text made inert, names, quoted questions, code, and posts of a length that fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from mmapp.mattermost import blocks, characters
from mmapp.mattermost.inert import ZWSP, inline
from mmapp.mattermost.links import code_span
from mmapp.mattermost.messages import MAX_BYTES, MAX_RUNES
from mmapp.mattermost.split import DEFAULT_LIMIT, split

__all__ = [
    "answer_posts",
    "bold_name",
    "code_block",
    "is_blank",
    "name_parts_broken",
    "neutralise",
    "quote_question",
    "split",
]

MAX_QUOTE = 200
"""Characters of the line that repeats a question."""
_ROUNDS = 6
_EMPTY_BLOCK = re.compile(r"(?m)^[ >]*(?:(?:`{3,}|~{3,})[^`\n]*)?$")
_BRAILLE_BLANK = "\u2800"  # a symbol by its category
_CODE_OR_TARGET = re.compile(
    r"(?ms)^( *)(`{3,}+|~{3,}+)[^\n]*\n.*?^\1\2[`~]* *$"
    r"|(?<![`\\])(`++)[^\n]*?(?<!`)\3(?!`)"  # runs of backticks as a whole: each of 65,000 as a beginning takes minutes
    r"|\]\([^)\n]{0,2000}\)"
)


def neutralise(text: str, *, links: Collection[str] = frozenset()) -> str:
    """The text, readable and inert: only links below the prefixes `links` stay. Doing it twice changes nothing."""
    found = blocks.made_inert(text, links)
    for _ in range(_ROUNDS):  # a link taken apart may leave words that are one themselves
        again = blocks.made_inert(found, links)
        if again == found:
            return found
        found = again
    return code_block(found)  # nothing lives in code


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen once it is neutral: an empty code block or quotation is nothing."""
    left = _EMPTY_BLOCK.sub("", neutralise(text))
    return not any(unicodedata.category(one)[0] in "LNPS" and one != _BRAILLE_BLANK for one in left)


def bold_name(username: str) -> str:
    """A person's name: bold, and no mention."""
    name = re.sub(r"([\\`*_\[\]<>~|#:])", r"\\\1", characters.plain(username).replace("\n", " ").strip().lstrip("@"))
    return f"**{name.replace('@', '@' + ZWSP)}**"


def name_parts_broken(text: str, names: Iterable[str]) -> str:
    """A zero-width space inside each of these words: first names and keywords notify where a post is created.

    Not in code, where none notifies, nor in the targets of links.
    """
    parts = {part for name in names for part in re.findall(r"[^\W_]+", name) if len(part) > 1}
    if not parts:
        return text
    longest_first = sorted(map(re.escape, parts), key=len, reverse=True)
    words = re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])", re.IGNORECASE)
    out, position = [], 0
    for kept in _CODE_OR_TARGET.finditer(text):
        out += [words.sub(_broken, text[position : kept.start()]), kept[0]]
        position = kept.end()
    return "".join([*out, words.sub(_broken, text[position:])])


def _broken(found: re.Match[str]) -> str:
    return found[0][0] + ZWSP + found[0][1:]


def quote_question(name: str, text: str) -> str:
    """`> **bob**: the question`, on one line of at most 200 characters, inert."""
    start = f"> {bold_name(name)}: "
    words = " ".join(characters.plain(text).split())
    room = MAX_QUOTE - len(start)
    for length in range(min(room, len(words)), 0, -1):
        cut = words if length == len(words) else words[: length - 1].rstrip() + "…"
        quoted = _settled(cut)
        if len(quoted) <= room:
            return start + quoted
    return start + "…"


def _settled(line: str) -> str:
    for _ in range(_ROUNDS):
        again = inline(line)
        if again == line:
            return line
        line = again
    return code_span(line)


def code_block(text: str) -> str:
    """The text as code, inside a fence longer than any in it."""
    text = characters.plain(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip(chr(10))}\n{fence}"


def answer_posts(
    text: str, *, links: Collection[str] = frozenset(), names: Collection[str] = (), limit: int = DEFAULT_LIMIT
) -> list[str]:
    """A model's text as the messages of as few posts as fit, each inert by itself. At least one, perhaps empty.

    `names` are broken in each, as `name_parts_broken` does.
    """
    posts: list[str] = []
    for piece in split(neutralise(text, links=links), limit):
        # Cut inside of a span or a link, a piece has loose ends that its neighbour had tied.
        again = name_parts_broken(neutralise(piece, links=links), names)
        fits = len(again) <= MAX_RUNES and len(again.encode("utf-8", "replace")) <= MAX_BYTES
        posts += [again] if fits else answer_posts(piece, links=links, names=names, limit=limit // 2)
    return posts or [""]
