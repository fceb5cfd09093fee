"""From the text behind `/ai` to a verb, its flags and its words. Never fails on any text."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from mmapp.errors import Refused
from mmapp.texts import help as help_texts

DASHES = r"(?:--?|—|–)"  # phones turn two hyphens into a dash
NAME = r"(?P<name>[A-Za-z]{2,20})"
WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
DAY = rf"(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|today|yesterday|(?:last[ \t]+)?{WEEKDAY})"
TIMED = (
    rf"(?i:{DAY}[ \t]+\d{{1,2}}:\d{{2}}|last[ \t]+{WEEKDAY})(?!\S)"  # of two words, and one value without quotes too
)
QUOTED = rf"{TIMED}|\"[^\"\n]*\"|“[^”\n]*”|'[^'\n]*'|(?!{DASHES}[A-Za-z])\S+"
FIRST = re.compile(rf"\s*{DASHES}{NAME}(?=[\s=.,!?]|$)[.,!?]*")
VALUE = re.compile(rf"(?:\s*=\s*|\s+)({QUOTED})")
ASSIGNED = re.compile(r"=\S*")
LAST = re.compile(rf"(?:^|\s){DASHES}{NAME}(?:=\S*)?[.,!?]*\s*$")
LAST_WITH_VALUE = re.compile(rf"(?:^|\s){DASHES}{NAME}(?:\s*=\s*|\s+)(?P<value>{QUOTED})\s*$")
TAIL = 600  # characters at the end in which flags are looked for
MOST_FLAGS = 12
LONGEST_VALUE = 300  # characters; a permalink has 100
SPELLINGS = {"summarise": "summarize", "?": "help", "-h": "help", "--help": "help", "hilfe": "help", "": "menu"}


@dataclass(frozen=True)
class Parsed:
    """`words` are the person's own, untouched but for what no database can hold."""

    verb: str
    words: str
    typed: str = ""


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

    In the middle of a sentence `--private` is a word: people ask about options of programs. At the ends, what looks like
    a flag of ours and is none is refused: a question that was meant to be private must not become public by a typo.
    Raises Refused.
    """
    flags: dict[str, str] = {}
    for _ in range(MOST_FLAGS):
        left = _without_last(_without_first(words, known, flags), known, flags)
        if left == words:
            return words.strip(), flags
        words = left
    raise Refused(help_texts.too_many_flags())


def _without_first(words: str, known: dict[str, bool], flags: dict[str, str]) -> str:
    match = FIRST.match(words)
    if match is None or not _is_ours(match["name"], known):
        return words
    name, rest = match["name"].casefold(), words[match.end() :]
    if not known[name]:
        assigned = ASSIGNED.match(rest)
        return _put(flags, name, "yes", rest[assigned.end() :] if assigned else rest)
    value = VALUE.match(rest)
    if value is None:
        raise Refused(help_texts.missing_value(name))
    return _put(flags, name, value[1], rest[value.end() :])


def _without_last(words: str, known: dict[str, bool], flags: dict[str, str]) -> str:
    """Only the very end is looked at: searching 200,000 characters for flags took hours."""
    start = max(0, len(words) - TAIL)
    valued = LAST_WITH_VALUE.search(words, start)
    if valued and known.get(valued["name"].casefold()):
        return _put(flags, valued["name"].casefold(), valued["value"], words[: valued.start()])
    match = LAST.search(words, start)
    if match is None or not _is_ours(match["name"], known):
        return words
    name = match["name"].casefold()
    if known[name]:
        raise Refused(help_texts.missing_value(name))
    return _put(flags, name, "yes", words[: match.start()])


def _is_ours(typed: str, known: dict[str, bool]) -> bool:
    """False: another program's flag, which is a word of the question. Raises Refused where it is nearly one of ours."""
    name = typed.casefold()
    if name in known:
        return True
    near = difflib.get_close_matches(name, known, 1, cutoff=0.75)
    if near:
        raise Refused(help_texts.unknown_flag(typed, near[0]))
    return False


def _put(flags: dict[str, str], name: str, value: str, rest: str) -> str:
    value = _unquote(value)
    if not value:
        raise Refused(help_texts.missing_value(name))
    if len(value) > LONGEST_VALUE:
        raise Refused(help_texts.long_value(name))
    flags.setdefault(name, value)
    return rest


def _first_word(text: str) -> tuple[str, str, str]:
    parts = re.split(r"(\s)", text, maxsplit=1)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (text, "", "")


def _plain(word: str) -> str:
    """A word as it is meant: full-width letters, capitals and invisible signs make no difference."""
    visible = "".join(sign for sign in unicodedata.normalize("NFKC", word) if unicodedata.category(sign) != "Cf")
    return visible.casefold()


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] + value[-1] in ('""', "“”", "''") else value
