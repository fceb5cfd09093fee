"""For whom a model is chosen, who may, and what answers then: one rule for what is typed and what is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.commands import place
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.models import Models
from mmapp.config import Settings
from mmapp.db import Database, clock
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.models import ModelSettings
from mmapp.texts import model as texts

WHOSE = {"me": choice.PERSON, "channel": choice.CHANNEL, "conversation": choice.CONVERSATION}


@dataclass(frozen=True)
class Whom:
    """For whom: `scope` is one of WHOSE. In a dialog it stands sealed, with what was `shown` there (choice.stamp), and whether
    that `resets` all that is set for them but what is filled in."""

    invocation: Invocation
    scope: str
    shown: str = ""
    resets: bool = False

    @classmethod
    def at(cls, invocation: Invocation, scope: str, words: str) -> Self:
        """As it was typed with these words. Raises Refused where there is no such thing here."""
        whom = cls(invocation, scope)
        if scope in whom.scopes():
            return whom
        if scope == "conversation":
            raise Refused(texts.no_conversation(invocation.bot, words or "NAME"))
        raise Refused(texts.no_channel(invocation.bot if invocation.in_direct_message else ""))

    @classmethod
    def unsealed(cls, settings: Settings, database: Database, sealed: str) -> Self:
        """From what `sealed` gave. Raises WrongKey."""
        invocation, carried = Invocation.unsealed(settings, database, sealed)
        return cls(invocation, carried["scope"], carried["shown"], carried["resets"])

    def sealed(self, saved: ModelSettings) -> str:
        """For a dialog that shows what is `saved` for them."""
        return self.invocation.sealed(scope=self.scope, shown=choice.stamp(saved), resets=self.resets)

    def but(self, scope: str) -> Self:
        return replace(self, scope=scope)

    @property
    def whose(self) -> str:
        """Whose settings these are (choice.py)."""
        return WHOSE[self.scope]

    @property
    def bot(self) -> str:
        """The bot with which the conversation is; empty for one of a thread."""
        return self.invocation.spot.bot

    @property
    def is_shared(self) -> bool:
        """Whether it is a thread, which is for everybody who asks in it."""
        return self.scope == "conversation" and not self.bot

    def scopes(self) -> list[str]:
        """For whom something can be chosen here: a direct or group message has no admins."""
        here = self.invocation
        may = {
            "me": True,
            "channel": not (here.in_direct_message or here.in_group_message),
            "conversation": bool(here.spot.conversation),
        }
        return [scope for scope in WHOSE if may[scope]]

    def kept(self, session: Session) -> ModelSettings:
        """What is set for them."""
        return choice.kept(session, self.invocation.spot, self.whose)

    def require_unchanged(self, session: Session) -> None:
        """Raises Refused where somebody has set it otherwise since it was shown."""
        if choice.stamp(choice.kept(session, self.invocation.spot, self.whose, lock=True)) != self.shown:
            raise Refused(texts.changed_meanwhile())


def models(session: Session, invocation: Invocation) -> Models:
    """All there are, as somebody sees them here."""
    quoting = place.is_quotable(session, invocation)
    return Models.at(session, invocation.settings, invocation.spot, quoting=quoting)


def now(found: Models, whom: Whom, name: str) -> str:
    """What answers here by now, and why; nothing where it is what was chosen for them."""
    chosen = found.chosen
    if chosen is None:
        return texts.none_allowed()
    if chosen.record.name == name:
        return ""
    if name and choice.is_nearer(chosen.origin, whom.whose):
        return texts.hides(chosen.origin, chosen.record.name)
    return texts.in_force(chosen.record.title, chosen.origin, chosen.instead_of)


def enqueue(session: Session, whom: Whom, fields: Mapping[str, Any], done: str) -> Reply:
    """Have the worker set these for a thread, where this person may, and tell that it is `done`."""
    invocation, at = whom.invocation, clock(session)
    request = invocation.request(at, "")
    session.add(request)
    session.flush()
    typed = {"verb": invocation.parsed.verb, "flags": invocation.parsed.words}
    payload = invocation.payload(at, chosen=dict(fields), sentence=done, **typed)
    queue.enqueue(session, "choose", "admit", payload, request_id=request.id, dedupe_key=invocation.heard_key, now=at)
    told = texts.choosing(worker=bool(waiting.warm_models(session, at)))
    return Reply("" if invocation.post_id else told)
