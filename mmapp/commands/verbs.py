"""Which verb is which file, and what is said to a word that is none."""

from __future__ import annotations

from collections.abc import Callable
from os.path import commonprefix

from mmapp.commands import (
    admin,
    ask,
    delete,
    digest,
    feedback,
    help,  # noqa: A004 - the verb's own name
    model,
    new,
    privacy,
    prompts,
    settings,
    stop,
    summarize,
    switch,
)
from mmapp.commands.invocation import Invocation, Reply
from mmapp.errors import Refused
from mmapp.texts import help as texts

VERBS: dict[str, Callable[[Invocation], Reply]] = {
    "admin": admin.run,
    "ask": ask.run,
    "delete": delete.run,
    "digest": digest.run,
    "feedback": feedback.run,
    "help": help.run,
    "menu": help.menu,
    "model": model.run,
    "new": new.run,
    "off": switch.off,
    "on": switch.on,
    "privacy": privacy.run,
    "prompts": prompts.run,
    "settings": settings.run,
    "stop": stop.run,
    "summarize": summarize.run,
}
OFFERED = sorted(VERBS.keys() - {"menu"})


def dispatch(invocation: Invocation) -> Reply:
    """Do what the verb says. Raises AppError with the sentence for the person."""
    verb = VERBS.get(invocation.parsed.verb)
    if verb is None:
        raise _unknown(invocation)
    return verb(invocation)


def _unknown(invocation: Invocation) -> Refused:
    """A verb with a slip is put right; any other word is the first one of a question, and none of it is left out."""
    parsed = invocation.parsed
    near = [verb for verb in OFFERED if is_slip(parsed.verb, verb) and (verb == "ask" or not parsed.words)]
    words = f"/ai {near[0] if near else f'ask {parsed.typed}'} {parsed.words}".rstrip()
    return Refused(texts.unknown_verb(parsed.typed[:40], near[:1]), words)


def is_slip(typed: str, verb: str) -> bool:
    """Whether one letter is missing, too many or another, or two neighbours are swapped."""
    at = len(commonprefix((typed, verb)))  # noqa: RUF071 - of letters, not of paths
    mine, right = typed[at:], verb[at:]
    swapped = mine[:2] == right[1::-1] and mine[2:] == right[2:]
    return swapped or mine[1:] == right[1:] or mine[1:] == right or mine == right[1:]
