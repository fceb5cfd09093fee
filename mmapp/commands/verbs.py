"""Which verb is which file, and what is said to a word that is none."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from mmapp.commands import ask, help, new, stop  # noqa: A004 - the verb's own name
from mmapp.commands.invocation import Invocation, Reply
from mmapp.errors import Refused
from mmapp.texts import help as texts

VERBS: dict[str, Callable[[Invocation], Reply]] = {
    "ask": ask.run,
    "help": help.run,
    "menu": help.menu,
    "new": new.run,
    "stop": stop.run,
}
OFFERED = sorted(VERBS.keys() - {"menu"})


def dispatch(invocation: Invocation) -> Reply:
    """Do what the verb says. Raises AppError with the sentence for the person."""
    verb = VERBS.get(invocation.parsed.verb)
    if verb is None:
        raise _unknown(invocation)
    return verb(invocation)


def _unknown(invocation: Invocation) -> Refused:
    parsed = invocation.parsed
    near = difflib.get_close_matches(parsed.verb[:20], OFFERED, 1, cutoff=0.6)
    words = f"/ai {near[0] if near else f'ask {parsed.typed}'} {parsed.words}".rstrip()
    return Refused(texts.unknown_verb(parsed.typed[:40], near), words)
