"""From the text behind `/ai` to a verb, its flags and its words. Never fails on any text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from mmapp.errors import Refused
from mmapp.texts import help as help_texts

DASHES = r"(?:--|—|–)"  # phones turn two hyphens into a dash
QUOTED = r'"[^"]*"|“[^”]*”|\'[^\']*\'|\S+'
SPELLINGS = {"summarise": "summarize", "?": "help", "-h": "help", "--help": "help", "hilfe": "help", "": "menu"}


@dataclass(frozen=True)
class Parsed:
    """`words` are the person's own, untouched but for what no database can hold."""

    verb: str
    words: str
    typed: str = ""
    flags: dict[str, str] = field(default_factory=dict)


def parse(text: str) -> Parsed:
    """The verb in its one spelling, and everything behind it."""
    text = clean(text).strip()
    head, _, rest = text.partition(" ") if " " in text.split("\n", 1)[0] else _first_word(text)
    verb = _plain(head)
    return Parsed(SPELLINGS.get(verb, verb), rest.strip(), typed=head)


def clean(text: str) -> str:
    """Without NULs and lone surrogates, which neither PostgreSQL nor an engine takes; line ends are \\n."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def take_flags(words: str, known: dict[str, bool]) -> tuple[str, dict[str, str]]:
    """Flags at the beginning and at the end of the words, and the words between; `known` tells which take a value.

    In the middle of a sentence `--private` is a word: people ask about options of programs. Raises Refused.
    """
    flags: dict[str, str] = {}
    names = "|".join(map(re.escape, known))
    leading = re.compile(rf"\s*{DASHES}({names})(?=\s|=|$)", re.IGNORECASE)
    while match := leading.match(words):
        name, words = match[1].lower(), words[match.end() :]
        flags[name], words = _value(name, words) if known[name] else ("yes", words)
    trailing = re.compile(rf"(?:^|\s){DASHES}({names})(?:(?:\s*=\s*|\s+)({QUOTED}))?\s*$", re.IGNORECASE)
    while match := trailing.search(words):
        name, value = match[1].lower(), match[2]
        if known[name] == (value is None):
            if known[name]:
                raise Refused(help_texts.missing_value(name))
            break
        flags.setdefault(name, _unquote(value) if value else "yes")
        words = words[: match.start()]
    return words.strip(), flags


def _first_word(text: str) -> tuple[str, str, str]:
    parts = re.split(r"(\s)", text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def _plain(word: str) -> str:
    """A word as it is meant: full-width letters, capitals and invisible signs make no difference."""
    visible = "".join(sign for sign in unicodedata.normalize("NFKC", word) if unicodedata.category(sign) != "Cf")
    return visible.casefold()


def _value(name: str, rest: str) -> tuple[str, str]:
    match = re.match(rf"(?:\s*=\s*|\s+)({QUOTED})", rest)
    if not match:
        raise Refused(help_texts.missing_value(name))
    return _unquote(match[1]), rest[match.end() :]


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] + value[-1] in ('""', "“”", "''") else value
