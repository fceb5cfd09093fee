"""`/ai digest`, done: Mattermost is asked who may, then it holds, and who wanted it reads what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from mmapp import items, plan
from mmapp.chat import audience, when
from mmapp.db import clock
from mmapp.errors import BotGone, Refused
from mmapp.jobs import ahead, allowed, digest_kept, digest_told, notify, owners, planned, queue, tick
from mmapp.jobs.ahead import BeingPosted
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.digest_told import Names
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.models import Digest, DigestRun, PersonSettings
from mmapp.plan import ACTIVE, ASKED, PAUSED, REMOVED, Plan
from mmapp.texts import digest as texts
from mmapp.texts import digest_faults as faults
from mmapp.texts import digest_obstacles as obstacle_texts
from mmapp.texts import digest_run as run_texts

log = structlog.get_logger()

SOON = 0.5  # seconds until it is looked again whether one is still being posted


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
    planned.require(worker, payload, wanted)
    planned.require_model(worker, payload, wanted)
    names = Names(worker, payload.person_id)
    told = digest_told.summed_up(names, wanted, "")
    with worker.database.write() as session:
        now = clock(session)
        digest_kept.require_room(session, payload.person_id, wanted)
        digest = digest_kept.made(session, worker, payload, wanted, now)
        sentence = [texts.started(digest.id, told), digest_told.coming(session, digest, now, digest.read_until)]
        if not (known or payload.said.get("zone")):
            sentence.append(texts.no_zone_known(f"/ai digest edit {digest.id} --zone Europe/Berlin"))
        sentence.append(texts.how_to_change(digest.id))
        _end(session, claimed, *sentence, digest_told.nobody_ticks(session, now))


def _edit(worker: Worker, claimed: Claim) -> None:
    payload = claimed.payload
    allowed.require_asker(worker, payload)
    held, worker = _kept_going(worker, payload)
    before, owner = Plan.of(held), _owner(held, payload)
    if payload.shown and Plan.from_json(payload.shown) != before:
        raise Refused(faults.changed_meanwhile(held.id))
    wanted = planned.understood(worker, payload, before, _now(worker), held)
    planned.require(worker, payload, wanted, held)
    planned.require_model(worker, payload, wanted, held)
    told = digest_told.summed_up(Names(worker, payload.person_id), wanted, owner)
    its = digest_told.summed_up(Names(worker, held.person_id), wanted, "") if owner else ""
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if Plan.of(digest) != before:
            raise Refused(faults.changed_meanwhile(held.id))
        ahead.require_at_rest(session, digest)
        if wanted == before:
            _end(session, claimed, texts.unchanged(held.id, told))
            return
        digest_kept.require_room(session, digest.person_id, wanted, digest.id)
        for name, value in wanted.columns().items():
            setattr(digest, name, value)
        digest.told = ""
        if (wanted.channels, wanted.to) != (before.channels, before.to):
            ahead.call_off(session, digest, texts.called_off(digest.id))
        ahead.plan_anew(session, digest, now)
        further = texts.still_paused(digest.id) if digest.state == PAUSED else ""
        further = further or digest_told.coming(session, digest, now)
        owners.done_by_another(
            session, digest, claimed, run_texts.changed(digest.id, payload.person_name, its, further)
        )
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


def _kept_going(worker: Worker, payload: Payload) -> tuple[Digest, Worker]:
    """The same of one that is to come again: without its bot none does. Raises Refused."""
    held, worker = _held(worker, payload)
    if worker.bot != held.bot:
        raise Refused(obstacle_texts.bot_is_gone(held.id, held.bot))
    return held, worker


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
        owners.done_by_another(session, digest, claimed, run_texts.paused(digest.id, claimed.payload.person_name))
        _end(session, claimed, texts.paused(digest.id, digest.window))


def _resume(worker: Worker, claimed: Claim) -> None:
    """Rights are asked for again: it may be for one that was lost that it was paused."""
    payload = claimed.payload
    held, worker = _kept_going(worker, payload)
    if held.state == PAUSED:
        planned.require(worker, payload, Plan.of(held), held)
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if digest.state != PAUSED:
            raise Refused(texts.active_before(digest.id, digest_told.times(session, digest, now)), words="")
        ahead.require_at_rest(session, digest)
        ahead.plan_anew(session, digest, now)
        digest.state, digest.why, digest.told = ACTIVE, "", ""
        times = digest_told.times(session, digest, now)
        owners.done_by_another(session, digest, claimed, run_texts.resumed(digest.id, payload.person_name, times))
        _end(session, claimed, digest_told.resumed(session, digest, now), digest_told.nobody_ticks(session, now))


def _make(worker: Worker, claimed: Claim) -> None:
    """One now: in its place, or as a preview for its owner alone."""
    payload = claimed.payload
    held, worker = _kept_going(worker, payload)
    preview, owner = payload.doing == "preview", _owner(held, payload)
    if preview and owner:
        raise Refused(faults.only_its_owner(held.id))
    planned.require(worker, payload, Plan.of(held), held)
    comes = digest_told.comes(Names(worker, payload.person_id), held, owner)
    with worker.database.write() as session:
        now, digest = clock(session), _standing(session, held, payload)
        if other := _in_the_way(session, digest, preview=preview):
            raise Refused(digest_told.being_made(digest, other, now), words="")
        key = f"{payload.doing} {claimed.request_id}"
        tick.enqueue(session, digest, key, now, now=now, preview=preview, class_=queue.PERSON, asked=payload)
        running = texts.running(digest.id, comes, digest.window)
        owners.done_by_another(session, digest, claimed, run_texts.run(digest.id, payload.person_name))
        _end(session, claimed, texts.previewing(digest.id, digest.window) if preview else running)


def _in_the_way(session: Session, digest: Digest, *, preview: bool) -> DigestRun | None:
    """Another preview; or of what is told for good, what somebody has typed for, or has begun. One that is only planned tells
    what is left for it."""
    others = (one for one in ahead.being_made(session, digest) if one.preview == preview)
    return next((one for one in others if one.typed or one.until), None)


def _remove(worker: Worker, claimed: Claim) -> None:
    """Its row stays, as what was posted does; what it carried forward goes."""
    held, worker = _held(worker, claimed.payload)
    with worker.database.write() as session:
        digest = _standing(session, held, claimed.payload)
        ahead.require_at_rest(session, digest)
        digest.state = REMOVED
        ahead.call_off(
            session, digest, texts.removed_meanwhile(digest.id), but=(digest.person_id, claimed.payload.person_id)
        )
        ahead.take_back(session, ahead.unposted(session, digest))
        items.drop_digest(session, digest.id)
        owners.done_by_another(session, digest, claimed, run_texts.removed(digest.id, claimed.payload.person_name))
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
    first = next(iter((*mine, *here)), None)
    may = first is not None and _may(_as_its_bot(worker, first), payload, first)
    told = texts.listed(own, others, first.id, may=may) if first else faults.none_yet()
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
