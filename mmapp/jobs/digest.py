"""`/ai digest`, done: Mattermost is asked who may, then it holds, and who wanted it reads what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from mmapp import plan
from mmapp.chat import audience, when
from mmapp.db import clock
from mmapp.errors import BotGone, Refused
from mmapp.jobs import ahead, allowed, digest_told, notify, planned, queue, tick
from mmapp.jobs.ahead import BeingPosted
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.digest_told import Names
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.models import Digest, DigestItem, PersonSettings
from mmapp.plan import ACTIVE, ASKED, PAUSED, REMOVED, Plan
from mmapp.schedule import Schedule
from mmapp.texts import digest as texts
from mmapp.texts import digest_faults as faults

log = structlog.get_logger()

SOON = 0.5  # seconds until it is looked again whether one is still being posted
BEFORE = 3  # of its next times, between which the shortest span is what the first one tells of


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Do what was wanted; what is being posted at this moment comes first, so that nothing is posted by what was changed.
    Raises Refused where it may not be, a MattermostError or LeaseLost."""
    try:
        DOES[claimed.payload.doing](worker, claimed)
    except BeingPosted:
        queue.retry(worker.database, claimed, SOON, excused=True)
        return
    log.info("digest", doing=claimed.payload.doing)


# A new one, and one that is to be otherwise


def _create(worker: Worker, claimed: Claim) -> None:
    payload = claimed.payload
    allowed.require_asker(worker, payload)
    zone, known = _zone(worker, payload.person_id)
    wanted = planned.understood(worker, payload, Plan(zone=zone), _now(worker))
    planned.require(worker, payload, wanted, "")
    names = Names(worker, payload.person_id)
    told = digest_told.summed_up(names, wanted, "")
    with worker.database.write() as session:
        now = clock(session)
        _require_room(session, payload.person_id, wanted)
        digest = _made(session, worker, payload, wanted, now)
        sentence = [texts.started(digest.id, told), digest_told.coming(session, digest, now, digest.read_until)]
        if not (known or payload.said.get("zone")):
            sentence.append(texts.no_zone_known(f"/ai digest edit {digest.id} --zone Europe/Berlin"))
        sentence.append(texts.how_to_change(digest.id))
        _end(session, claimed, *sentence, digest_told.nobody_ticks(session, now))


def _made(session: Session, worker: Worker, payload: Payload, wanted: Plan, now: datetime) -> Digest:
    schedule = Schedule(wanted.line, wanted.zone)
    first = schedule.after(now)
    digest = Digest(
        bot=worker.bot,
        person_id=payload.person_id,
        person_name=payload.person_name,
        team_id=payload.team_id,
        team_name=payload.team_name,
        read_until=round(min(now, first.at - _span(schedule, now)).timestamp() * 1000),
        next_at=first.at,
        next_key=first.key,
        planned_at=now,
        created_at=now,
        **wanted.columns(),
    )
    session.add(digest)
    session.flush()
    return digest


def _span(schedule: Schedule, now: datetime) -> timedelta:
    """How long it is from one to the next: so far back the first one goes, as if there had been one before."""
    times = [one.at for one in schedule.upcoming(now, BEFORE + 1)]
    return min(later - earlier for earlier, later in pairwise(times))


def _require_room(session: Session, person_id: str, wanted: Plan, but: int = 0) -> None:
    """Raises Refused where there are too many, or that very one already."""
    mine = [one for one in plan.of_person(session, person_id) if one.id != but]
    if len(mine) >= plan.MOST:
        raise Refused(faults.too_many_of_yours(plan.MOST))
    there = [one for one in plan.in_channel(session, wanted.to) if one.id != but] if wanted.to else []
    if len(there) >= plan.MOST:
        raise Refused(faults.too_many_there(plan.MOST))
    twin = next((one.id for one in mine if Plan.of(one) == wanted), 0)
    if twin:
        raise Refused(texts.there_already(twin), words="")


def _edit(worker: Worker, claimed: Claim) -> None:
    payload = claimed.payload
    allowed.require_asker(worker, payload)
    held, worker = _held(worker, payload)
    before, owner = Plan.of(held), _owner(held, payload)
    if payload.shown and Plan.from_json(payload.shown) != before:
        raise Refused(faults.changed_meanwhile(held.id))
    wanted = planned.understood(worker, payload, before, _now(worker))
    planned.require(worker, payload.but(person_id=held.person_id), wanted, owner)
    told = digest_told.summed_up(Names(worker, payload.person_id), wanted, owner)
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if Plan.of(digest) != before:
            raise Refused(faults.changed_meanwhile(held.id))
        ahead.require_at_rest(session, digest)
        if wanted == before:
            _end(session, claimed, texts.unchanged(held.id, told))
            return
        _require_room(session, digest.person_id, wanted, digest.id)
        for name, value in wanted.columns().items():
            setattr(digest, name, value)
        digest.told = ""
        if (wanted.channels, wanted.to) != (before.channels, before.to):
            ahead.call_off(session, digest)
        ahead.plan_anew(session, digest, now)
        further = texts.still_paused(digest.id) if digest.state == PAUSED else ""
        further = further or digest_told.coming(session, digest, now)
        _end(session, claimed, texts.changed(held.id, told), further, digest_told.nobody_ticks(session, now))


def _now(worker: Worker) -> datetime:
    with worker.database.read() as session:
        return clock(session)


def _zone(worker: Worker, person_id: str) -> tuple[str, bool]:
    """The person's own time zone, and whether Mattermost names one; kept, so that the next dialog can say it."""
    named = worker.client.user(person_id).timezone
    zone = when.zone(named).key
    with worker.database.write() as session:
        settings = PersonSettings.of(session, person_id)
        settings.zone = zone if named else ""
        session.add(settings)
    return zone, bool(named)


# Which one, and who may


def _held(worker: Worker, payload: Payload) -> tuple[Digest, Worker]:
    """The one that is meant, once it was seen that this person may change it; and the worker in its bot's name.

    Raises Refused.
    """
    with worker.database.read() as session:
        digest = plan.find(session, payload.number, payload.person_id)
    worker = _as_its_bot(worker, digest)
    if not _may(worker, payload, digest):
        raise Refused(faults.none_such(digest.id))
    return digest, worker


def _as_its_bot(worker: Worker, digest: Digest) -> Worker:
    """Where its bot is gone, it can be ended all the same."""
    try:
        return worker.as_bot(digest.bot)
    except BotGone:
        return worker


def _may(worker: Worker, payload: Payload, digest: Digest) -> bool:
    """Its owner may, and where it is posted the admins of that channel."""
    if digest.person_id == payload.person_id:
        return True
    return bool(digest.to_channel) and audience.may_manage(worker.client, digest.to_channel, payload.person_id)


def _owner(digest: Digest, payload: Payload) -> str:
    """Whose it is, where that is somebody else."""
    return "" if digest.person_id == payload.person_id else digest.person_name


def _standing(session: Session, held: Digest, payload: Payload) -> Digest:
    """As it is by now. Raises Refused where it was removed meanwhile."""
    return plan.find(session, held.id, payload.person_id)


# Pausing, going on, making one now, removing


def _pause(worker: Worker, claimed: Claim) -> None:
    held, worker = _held(worker, claimed.payload)
    with worker.database.write() as session:
        digest = _standing(session, held, claimed.payload)
        if digest.state == PAUSED:
            raise Refused(texts.paused_before(digest.id), words="")
        ahead.require_at_rest(session, digest)
        ahead.plan_anew(session, digest, clock(session))
        digest.state, digest.why = PAUSED, ASKED
        _end(session, claimed, texts.paused(digest.id, digest.window))


def _resume(worker: Worker, claimed: Claim) -> None:
    """Rights are asked for again: it may be for one that was lost that it was paused."""
    payload = claimed.payload
    held, worker = _held(worker, payload)
    if held.state == PAUSED:
        planned.require(worker, payload.but(person_id=held.person_id), Plan.of(held), _owner(held, payload))
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if digest.state != PAUSED:
            raise Refused(texts.active_before(digest.id, digest_told.times(session, digest, now)), words="")
        ahead.require_at_rest(session, digest)
        ahead.plan_anew(session, digest, now)
        digest.state, digest.why, digest.told = ACTIVE, "", ""
        _end(session, claimed, digest_told.resumed(session, digest, now), digest_told.nobody_ticks(session, now))


def _make(worker: Worker, claimed: Claim) -> None:
    """One now: in its place, or as a preview for its owner alone."""
    payload = claimed.payload
    held, worker = _held(worker, payload)
    preview, owner = payload.doing == "preview", _owner(held, payload)
    if preview and owner:
        raise Refused(faults.only_its_owner(held.id))
    comes = digest_told.comes(Names(worker, payload.person_id), held, owner)
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if being := next(iter(ahead.being_made(session, digest)), None):
            raise Refused(digest_told.being_made(digest, being, now), words="")
        key = f"{payload.doing} {claimed.request_id}"
        tick.enqueue(session, digest, key, now, now=now, preview=preview, class_=queue.PERSON)
        _end(session, claimed, texts.previewing(digest.id) if preview else texts.running(digest.id, comes))


def _remove(worker: Worker, claimed: Claim) -> None:
    """Its row stays, as what was posted does; what it carried forward goes."""
    held, worker = _held(worker, claimed.payload)
    with worker.database.write() as session:
        digest = _standing(session, held, claimed.payload)
        ahead.require_at_rest(session, digest)
        digest.state = REMOVED
        ahead.take_back(session, ahead.being_made(session, digest))
        session.execute(delete(DigestItem).where(DigestItem.digest_id == digest.id))
        _end(session, claimed, texts.removed(digest.id))


def _end(session: Session, claimed: Claim, *told: str) -> None:
    notify.tell(session, claimed, "\n\n".join(filter(None, told)))
    queue.finish(session, claimed)


# Looking at them


def _list(worker: Worker, claimed: Claim) -> None:
    payload = claimed.payload
    with worker.database.read() as session:
        now = clock(session)
        mine = plan.of_person(session, payload.person_id)
        here = [one for one in plan.in_channel(session, payload.channel_id) if one.person_id != payload.person_id]
        states = {one.id: digest_told.state(session, one, now) for one in (*mine, *here)}
    names = {one.bot: Names(_as_its_bot(worker, one), payload.person_id) for one in (*mine, *here)}
    own, others = (
        [digest_told.line(names[one.bot], one, _owner(one, payload), states[one.id]) for one in each]
        for each in (mine, here)
    )
    told = texts.listed(own, others, (mine or here)[0].id) if mine or here else faults.none_yet()
    with worker.database.write() as session:
        _end(session, claimed, told)


def _show(worker: Worker, claimed: Claim) -> None:
    """To its owner, to who reads it where it is posted, and to the admins there."""
    payload = claimed.payload
    with worker.database.read() as session:
        digest = plan.find(session, payload.number, payload.person_id)
    worker = _as_its_bot(worker, digest)
    may = _may(worker, payload, digest)
    if not may and digest.to_channel != payload.channel_id:
        raise Refused(faults.none_such(digest.id))
    told = digest_told.shown(worker, digest, payload.person_id, _owner(digest, payload), may=may)
    with worker.database.write() as session:
        _end(session, claimed, told)


DOES: dict[str, Callable[[Worker, Claim], None]] = {
    "create": _create,
    "edit": _edit,
    "list": _list,
    "pause": _pause,
    "preview": _make,
    "remove": _remove,
    "resume": _resume,
    "run": _make,
    "show": _show,
}
