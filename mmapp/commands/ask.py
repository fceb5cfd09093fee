"""`/ai ask`: the question and its job are saved together; what is in front of it is said."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp.buttons import Button
from mmapp.commands import entry, place
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import take_flags
from mmapp.errors import Refused
from mmapp.jobs import waiting
from mmapp.models import PersonSettings
from mmapp.texts import ask as texts
from mmapp.texts import stop as stop_texts

FLAGS = {"private": False, "public": False, "model": True, "thread": True}
MAX_CHARACTERS = 100_000  # more than any window that fits a machine without graphics cards
_PRIVATELY = select(PersonSettings.private)


def run(invocation: Invocation) -> Reply:
    typed = invocation.parsed.words
    if len(typed) > MAX_CHARACTERS:
        raise Refused(texts.too_long(len(typed), MAX_CHARACTERS))
    words, flags = take_flags(typed, FLAGS)
    if not words:
        raise Refused(texts.empty(), words="")
    if {"private", "public"} <= flags.keys():
        raise Refused(texts.both_ways())
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()  # by two listeners, or again after a gap
        return _ask(session, invocation, words, flags)


def _ask(session: Session, invocation: Invocation, words: str, flags: dict[str, str]) -> Reply:
    thread, private = flags.get("thread", ""), _is_private(session, invocation, flags)
    entered = entry.enter(
        session,
        invocation,
        words,
        model=flags.get("model", ""),
        unread=place.unread(session, invocation, flags),
        is_quotable=lambda: place.is_quotable(session, invocation, thread=thread, private=private),
        thread=thread,
        private=private,
        verb="ask",
        flags=" ".join(f"--{name} {value}" if FLAGS[name] else f"--{name}" for name, value in flags.items()),
    )
    if invocation.post_id:  # an hourglass under it says the rest
        worker = bool(entered.warm_models)
        return Reply("" if worker else texts.acknowledged(0, None, "", loading=False, worker=False))
    told = entered.told
    if not (invocation.tells_root or invocation.in_direct_message or {"thread", "private"} & flags.keys()):
        # It may have been typed in a thread, and nobody told us: then its person reads where the answer goes.
        told = " ".join(filter(None, (told, texts.outside_threads())))
    return Reply(told, (Button(stop_texts.button(), "stop", entered.request_id),) if told else ())


def _is_private(session: Session, invocation: Invocation, flags: dict[str, str]) -> bool:
    """As typed; else a command is answered as its person has set it, and a post, which others have read, where it stands."""
    if {"private", "public"} & flags.keys() or invocation.post_id:
        return "private" in flags
    return bool(session.scalar(_PRIVATELY.where(PersonSettings.person_id == invocation.person_id)))
