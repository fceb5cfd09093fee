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


def pause(session: Session, digest: Digest, request_id: str, trouble: Trouble) -> bool:
    """Plan nothing more of it, and say why, in the caller's transaction, which holds its row. False where that was done
    before."""
    told = f"{trouble.why}:{trouble.about}"
    if digest.state == "removed" or (digest.state == "paused" and digest.told == told):
        return False
    digest.state, digest.why, digest.told = "paused", trouble.why, told
    log.warning("a digest is paused", digest=digest.id, why=trouble.why, channel=trouble.about)
    if trouble.sentence:
        tell(session, digest, request_id, trouble.sentence, [digest.person_id])
    if trouble.orphaned:
        tell(session, digest, request_id, trouble.orphaned.sentence, trouble.orphaned.admins)
    return True


def turned_down(session: Session, digest: Digest, claimed: Claim, trouble: Trouble, *, told: bool) -> None:
    """Say to who has typed for it that it is paused, and why; to its own person in full, unless they were `told` just now."""
    sentence = trouble.sentence
    if claimed.payload.asker != digest.person_id:
        sentence = texts.turned_down(digest.id, trouble.why)
    elif told:
        return
    tell(session, digest, claimed.request_id, sentence, [claimed.payload.asker])


def done_by_another(session: Session, digest: Digest, claimed: Claim, sentence: str) -> None:
    """Tell its person what somebody else has done with it; nothing of what is their own doing."""
    if claimed.payload.person_id != digest.person_id:
        tell(session, digest, claimed.request_id, sentence, [digest.person_id])


def missed(session: Session, digest: Digest, claimed: Claim, why: str, sentence: str, *, typed: bool) -> None:
    """Say that it was not made this time: to who has `typed` for it each time, else to its person the first time of a kind,
    `why`."""
    if typed:
        told = texts.not_made(digest.id, sentence, digest.window)
        tell(session, digest, claimed.request_id, told, [claimed.payload.asker])
    elif digest.told != why:
        told = texts.missed(digest.id, sentence, digest.window)
        tell(session, digest, claimed.request_id, told, [digest.person_id])
        digest.told = why


def nothing_new(session: Session, digest: Digest, claimed: Claim) -> None:
    """Say to who has typed for it that there is nothing to tell."""
    sentence = texts.nothing_new(digest.id, digest.window)
    tell(session, digest, claimed.request_id, sentence, [claimed.payload.asker])


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
    tell(session, digest, claimed.request_id, sentence, [digest.person_id])


def tell(session: Session, digest: Digest, request_id: str, sentence: str, people: Iterable[str]) -> None:
    """By a direct message to each of these people."""
    for person_id in people:
        payload = Payload(bot=digest.bot, person_id=person_id, sentence=sentence)
        queue.enqueue(session, "notify", "notify", payload, request_id=request_id)
