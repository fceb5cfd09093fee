"""What somebody wants of a digest, understood: names become channels, and rights are asked for. I/O lane, no model."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

from mmapp import access, plan
from mmapp.chat import audience
from mmapp.chat.privacy import Privacy
from mmapp.errors import Refused
from mmapp.jobs import allowed, pointed, scope
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.mattermost import channel_names
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.payloads import Channel
from mmapp.plan import HERE, ME, Plan
from mmapp.schedule import Schedule
from mmapp.texts import digest_faults as texts
from mmapp.texts import summarize as summary_texts


def understood(worker: Worker, payload: Payload, before: Plan, now: datetime) -> Plan:
    """The plan, with what was said otherwise: channels that its person may read, and have posted in. Raises Refused."""
    said, channels, to = payload.said, before.channels, before.to
    if "what" in said:
        channels = tuple(dict.fromkeys(_source(worker, payload, typed).id for typed in said["what"].split()))
    if "to" in said:
        to = "" if said["to"] == ME else _source(worker, payload, said["to"]).id
        if to:
            _require_place(worker, payload, to)
    zone = said.get("zone") or before.zone
    line = plan.line(said, before.line, now.astimezone(ZoneInfo(zone)))
    line = Schedule.of(line, zone).line
    return dataclasses.replace(before.but(said), channels=channels, to=to, zone=zone, line=line)


def require(worker: Worker, payload: Payload, wanted: Plan, owner: str) -> None:
    """Whether its owner, whose name is given where it is another, may have all that: what it reads, and where it is posted.

    Raises Refused.
    """
    with worker.database.read() as session:
        closed = Privacy.of(session).channels
    lost = texts.owner_lost(owner) if owner else texts.lost(worker.bot)
    sources = [_seen(worker, channel_id, lost) for channel_id in wanted.channels]
    for one in sources:
        if not pointed.may_read(worker, one.id, payload.person_id):
            raise Refused(lost)
        if allowed.is_off(worker, one.id):
            raise Refused(texts.off(one.name))
        if one.id in closed:
            raise Refused(texts.closed(one.name))
    if wanted.to:
        to = _require_place(worker, payload, wanted.to, owner)
        _require_audience(worker, to, sources)


def _source(worker: Worker, payload: Payload, typed: str) -> Channel:
    """A channel by its name or id, or the one that it was typed in, which its person may read. Raises Refused."""
    name = typed.removeprefix("~")
    in_channel = not (channel_names.is_direct(payload.channel_name) or channel_names.is_group(payload.channel_name))
    if in_channel and name.casefold() in (HERE, payload.channel_name, payload.channel_id):
        if not pointed.may_read(worker, payload.channel_id, payload.person_id):
            raise Refused(summary_texts.not_inside(worker.bot))
        return worker.client.channel(payload.channel_id)
    return _by_id(worker, payload, name) if is_id(name) else scope.channel(worker, payload, typed)


def _by_id(worker: Worker, payload: Payload, channel_id: str) -> Channel:
    """Looking who may read a public channel would have the bot join it: not where Chorus is off."""
    found = _seen(worker, channel_id)
    if allowed.is_off(worker, found.id) and not audience.is_inside(worker.client, found.id, worker.bot_id):
        is_open = audience.is_open_to(worker.client, found.id, payload.person_id)
        raise Refused(texts.off(found.name) if is_open else _no_such(worker, channel_id))
    if not pointed.may_read(worker, found.id, payload.person_id):
        raise Refused(_no_such(worker, channel_id))
    return found


def _seen(worker: Worker, channel_id: str, why: str = "") -> Channel:
    """Raises Refused, and says `why`, where there is no such channel any more, as far as the bot can see."""
    why = why or _no_such(worker, channel_id)
    try:
        found = worker.client.channel(channel_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        raise Refused(why) from None
    if found.is_archived or found.type not in ("O", "P"):
        raise Refused(why)
    return found


def _no_such(worker: Worker, typed: str) -> str:
    return summary_texts.no_such_channel(worker.bot, typed)


def _require_place(worker: Worker, payload: Payload, channel_id: str, owner: str = "") -> Channel:
    """Whether a digest of this person's may be posted there: its admins alone have one posted. Raises Refused."""
    found = _seen(worker, channel_id)
    if allowed.is_off(worker, channel_id):
        raise Refused(texts.off(found.name))
    member = _is_member(worker, payload, channel_id)
    may = member and audience.may_manage(worker.client, channel_id, payload.person_id)
    if not may and owner:
        raise Refused(texts.owner_no_admin(found.name, owner))
    if not may:
        raise Refused(texts.no_admin(found.name) if member else texts.not_a_member(found.name))
    with worker.database.read() as session:
        public = access.public_in(session, channel_id)
    if public == access.NOBODY:
        raise Refused(texts.silent(found.name, worker.bot))
    return found


def _is_member(worker: Worker, payload: Payload, channel_id: str) -> bool:
    """The bot comes into a public channel that it is to post in."""
    try:
        return audience.membership(worker.client, channel_id, payload.person_id, worker.bot_id) is not None
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        raise Refused(_no_such(worker, channel_id)) from None


def _require_audience(worker: Worker, to: Channel, sources: list[Channel]) -> None:
    ours = [bot.id for bot in worker.bots.accepted()]
    for one in sources:
        if not audience.all_may_read(worker.client, to.id, [one.id], ours):
            raise Refused(texts.too_wide(to.name, one.name))
