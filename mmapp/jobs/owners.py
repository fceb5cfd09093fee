"""What a digest's person is told of it, and whoever else is concerned: by direct message, and once for each change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from mmapp.errors import Refused
from mmapp.jobs import queue
from mmapp.jobs.claim import Claim
from mmapp.jobs.payload import Payload
from mmapp.models import Digest
from mmapp.texts import digest_run as texts

log = structlog.get_logger()

STANDS_IN = "stands in:"


@dataclass(frozen=True)
class Orphaned:
    """Who is told that a digest has lost its person: the ids of `admins` of the channel where it was posted."""

    admins: tuple[str, ...]
    sentence: str


class Trouble(Refused):
    """What only a person can mend: the digest is paused. `why` is one of texts/digest_obstacles.py's PAUSED, `about`
    the channel."""

    def __init__(self, why: str, sentence: str, *, about: str = "", orphaned: Orphaned | None = None) -> None:
        super().__init__(sentence)
        self.why, self.about, self.orphaned = why, about, orphaned


def pause(session: Session, digest: Digest, request_id: str, trouble: Trouble, *, by_hand: bool = False) -> None:
    """Plan nothing more of it, and say why, in the caller's transaction, which holds its row. It is said once, and each time to
    who has typed for it (`by_hand`)."""
    told = f"{trouble.why}:{trouble.about}"
    known = digest.state == "paused" and digest.told == told
    if digest.state == "removed" or (known and not by_hand):
        return
    digest.state, digest.why, digest.told = "paused", trouble.why, told
    log.warning("a digest is paused", digest=digest.id, why=trouble.why, channel=trouble.about)
    if trouble.sentence:
        _tell(session, digest, request_id, trouble.sentence, [digest.person_id])
    if trouble.orphaned and not known:
        _tell(session, digest, request_id, trouble.orphaned.sentence, trouble.orphaned.admins)


def done_by_another(session: Session, digest: Digest, claimed: Claim, sentence: str) -> None:
    """Tell its person what somebody else has done with it; nothing of what is their own doing."""
    if claimed.payload.person_id != digest.person_id:
        _tell(session, digest, claimed.request_id, sentence, [digest.person_id])


def missed(session: Session, digest: Digest, claimed: Claim, why: str, sentence: str) -> None:
    """Say that it was not made this time. Who has typed for it hears so each time, of others the first of a kind, `why`."""
    by_hand = claimed.class_ == queue.PERSON
    if by_hand or digest.told != why:
        _tell(session, digest, claimed.request_id, texts.missed(digest.id, sentence, digest.window), [digest.person_id])
    if not by_hand:
        digest.told = why


def nothing_new(session: Session, digest: Digest, claimed: Claim) -> None:
    """Say to who has typed for it that there is nothing to tell."""
    _tell(session, digest, claimed.request_id, texts.nothing_new(digest.id), [digest.person_id])


def worked(session: Session, digest: Digest, claimed: Claim) -> None:
    """It has come. Where another model has written it than its person expects, or that one again, say so."""
    payload = claimed.payload
    before, now = digest.told, f"{STANDS_IN}{payload.instead_of}" if payload.instead_of else ""
    digest.told = now
    if now and now != before:
        sentence = texts.stands_in(digest.id, payload.instead_of, payload.model)
    elif before.startswith(STANDS_IN) and not now:
        sentence = texts.back(digest.id, payload.model)
    else:
        return
    _tell(session, digest, claimed.request_id, sentence, [digest.person_id])


def _tell(session: Session, digest: Digest, request_id: str, sentence: str, people: Iterable[str]) -> None:
    for person_id in people:
        payload = Payload(bot=digest.bot, person_id=person_id, sentence=sentence)
        queue.enqueue(session, "notify", "notify", payload, request_id=request_id)
