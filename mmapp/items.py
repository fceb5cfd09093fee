"""What digests have told and is not done yet: kept with the message that says it, told again, and gone with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from mmapp.db import clock
from mmapp.errors import WrongKey
from mmapp.models import ClosedChannel, Digest, DigestItem, DigestRun, Message, PersonSettings

KEPT = timedelta(days=30)  # after it was done: longer than any digest reads back, so that none tells it anew
OLD = 14  # days; what is older stands in the reply alone, and behind what is not
_POSTED = exists().where(DigestRun.request_id == DigestItem.request_id, DigestRun.state == "posted")
_OPEN = DigestItem.done_at.is_(None)


def keep(session: Session, request_id: str, told: Collection[DigestItem]) -> None:
    """Keep what one digest has told first, in the transaction that keeps its words; nothing of who meanwhile does not want to be
    read any more, of a channel that was closed, or a digest that was removed. Where it is written anew, what it tells no more
    stays open all the same: people have read it, and nobody has done it."""
    known = set(session.scalars(select(DigestItem.id).where(DigestItem.request_id == request_id)))
    for one in told:
        if one.id in known:  # in other words now; whether it is done, others know better
            words = {"section": one.section, "words": one.words}
            session.execute(update(DigestItem).where(DigestItem.id == one.id).values(words))
        elif _may_be_kept(session, one):
            one.created_at = clock(session)
            session.add(one)


def _may_be_kept(session: Session, item: DigestItem) -> bool:
    person = session.get(PersonSettings, item.person_id)
    closed, digest = session.get(ClosedChannel, item.channel_id), session.get_one(Digest, item.digest_id)
    return not (person and person.unread) and closed is None and digest.state != "removed"


def told_first(session: Session, request_id: str) -> dict[str, list[str]]:
    """Section and words of all that one digest has told first, by id; no words of what is not to be read any more."""
    ids = list(session.scalars(select(DigestItem.id).where(DigestItem.request_id == request_id)))
    return {item_id: [] for item_id in ids} | {one.id: [one.section, one.words] for one in _readable(session, ids)}


def put_back(session: Session, request_id: str, before: Mapping[str, list[str]]) -> None:
    """What one digest has told first is what it was `before` it was written anew, but for what is gone or done since."""
    session.execute(delete(DigestItem).where(DigestItem.request_id == request_id, DigestItem.id.not_in(before)))
    for item_id, words in before.items():
        if words:
            values = {"section": words[0], "words": words[1]}
            session.execute(update(DigestItem).where(DigestItem.id == item_id).values(values))


def of(session: Session, run: DigestRun) -> list[DigestItem]:
    """All that a digest has told until then, done or not, the oldest first: in those that were posted, and in this one."""
    before = (DigestRun.request_id == DigestItem.request_id, DigestRun.state == "posted", DigestRun.due_at < run.due_at)
    told = or_(exists().where(*before), DigestItem.request_id == run.request_id)
    mine = (DigestItem.digest_id == run.digest_id, told)
    ids = session.scalars(select(DigestItem.id).where(*mine).order_by(DigestItem.post_at, DigestItem.id))
    return list(_readable(session, list(ids)))


def days_since(at: int, now: datetime) -> int:
    """Days of the reader's calendar since then (ms); `now` is where they are."""
    return max(0, (now.date() - datetime.fromtimestamp(at / 1000, now.tzinfo).date()).days)


def in_turn(found: Iterable[DigestItem], now: datetime) -> list[DigestItem]:
    """As they are told where not all are: the oldest first, but behind all others what nobody has done in OLD days, or that would
    hide for ever what was said since."""
    return sorted(found, key=lambda one: (days_since(one.post_at, now) > OLD, one.post_at, one.id))


def open_of(session: Session, digest_id: int) -> list[DigestItem]:
    """What it has told and is not done, the oldest first."""
    mine = (DigestItem.digest_id == digest_id, _POSTED, _OPEN)
    ids = session.scalars(select(DigestItem.id).where(*mine).order_by(DigestItem.post_at, DigestItem.id))
    return list(_readable(session, list(ids)))


def any_open(session: Session, request_id: str) -> bool:
    """Whether something can be done under this digest; under a preview nothing, nor where it was shared."""
    run = session.get(DigestRun, request_id)
    if run is None or run.preview:
        return False
    told = or_(_POSTED, DigestItem.request_id == request_id)
    return bool(session.scalar(select(exists().where(DigestItem.digest_id == run.digest_id, told, _OPEN))))


def done_among(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these that are done."""
    if not ids:
        return set()
    return set(session.scalars(select(DigestItem.id).where(DigestItem.id.in_(ids), ~_OPEN)))


def close(session: Session, ids: Iterable[str], person_id: str, emoji: str = "") -> set[str]:
    """They are done, says this person. Those that were open until now."""
    values = {"done_at": clock(session), "done_by": person_id, "done_with": emoji}
    which = (DigestItem.id.in_(list(ids)), _OPEN)
    return set(session.scalars(update(DigestItem).where(*which).values(values).returning(DigestItem.id)))


def said_by(session: Session, post_id: str, *which: ColumnElement[bool]) -> list[str]:
    """The ids of what this message says."""
    return list(session.scalars(select(DigestItem.id).where(DigestItem.post_id == post_id, *which)))


def open_in(session: Session, post_id: str) -> list[str]:
    """Those of them that are open."""
    return said_by(session, post_id, _OPEN)


def closed_with(session: Session, post_id: str, person_id: str, emoji: str) -> list[str]:
    """Those of them that this reaction has closed."""
    return said_by(session, post_id, DigestItem.done_by == person_id, DigestItem.done_with == emoji)


def reopen(session: Session, ids: Collection[str]) -> None:
    """They are not done after all."""
    values = {"done_at": None, "done_by": "", "done_with": ""}
    session.execute(update(DigestItem).where(DigestItem.id.in_(ids)).values(values))


def hand_over(session: Session, ids: Collection[str], person_id: str, emoji: str) -> None:
    """They stay done, by another's reaction."""
    values = {"done_by": person_id, "done_with": emoji}
    session.execute(update(DigestItem).where(DigestItem.id.in_(ids)).values(values))


def newest_told(session: Session, ids: Collection[str]) -> set[str]:
    """The newest digest that stands posted, of each of those that these belong to: the one that people look at."""
    digests = session.scalars(select(DigestItem.digest_id).where(DigestItem.id.in_(ids)).distinct())
    found = set()
    for digest_id in list(digests):
        posted = (DigestRun.digest_id == digest_id, DigestRun.state == "posted", ~DigestRun.preview)
        there = select(DigestRun.request_id).join(Message, Message.id == DigestRun.request_id).where(~Message.deleted)
        newest = there.where(*posted).order_by(DigestRun.due_at.desc()).limit(1)
        found |= set(session.scalars(newest))
    return found


def channels(session: Session) -> set[str]:
    """Where something open was said."""
    return set(session.scalars(select(DigestItem.channel_id).where(_OPEN).distinct()))


# What goes


def drop(session: Session, ids: Collection[str]) -> None:
    """These."""
    session.execute(delete(DigestItem).where(DigestItem.id.in_(ids)))


def drop_post(session: Session, post_id: str) -> None:
    """What a message said that was deleted; a root takes its thread with it."""
    session.execute(delete(DigestItem).where(or_(DigestItem.post_id == post_id, DigestItem.root_id == post_id)))


def drop_edited(session: Session, post_id: str, edited_at: int) -> None:
    """What a message said before it was edited then (ms)."""
    stale = and_(DigestItem.post_id == post_id, DigestItem.edited_at != edited_at)
    session.execute(delete(DigestItem).where(stale))


def drop_person(session: Session, person_id: str) -> None:
    """What somebody said who does not want to be read any more."""
    session.execute(delete(DigestItem).where(DigestItem.person_id == person_id))


def drop_channel(session: Session, channel_id: str) -> None:
    """What was said in a channel that is closed, or that nobody hears any more."""
    session.execute(delete(DigestItem).where(DigestItem.channel_id == channel_id))


def drop_run(session: Session, request_id: str) -> None:
    """What one digest told first: it is deleted, or never came to stand there."""
    session.execute(delete(DigestItem).where(DigestItem.request_id == request_id))


def drop_digest(session: Session, digest_id: int) -> None:
    """All that it told: it is removed."""
    session.execute(delete(DigestItem).where(DigestItem.digest_id == digest_id))


def sweep(session: Session, digest_id: int) -> None:
    """Drop what was done long ago."""
    old = (DigestItem.digest_id == digest_id, DigestItem.done_at < clock(session) - KEPT)
    session.execute(delete(DigestItem).where(*old))


def _readable(session: Session, ids: Collection[str]) -> Iterable[DigestItem]:
    """One that was kept under a key that is gone keeps no other from being told."""
    for item_id in ids:
        try:
            yield session.scalars(select(DigestItem).where(DigestItem.id == item_id)).one()
        except WrongKey:
            continue
