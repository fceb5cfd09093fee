"""What somebody wants of a digest, understood: names become channels, and rights are asked for. I/O lane, no model."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from zoneinfo import ZoneInfo

from mmapp import plan, schedule
from mmapp.chat import audience
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import Source
from mmapp.errors import Refused
from mmapp.jobs import allowed, obstacles, pointed, scope, standin
from mmapp.jobs.base import Worker
from mmapp.jobs.digest_told import Names
from mmapp.jobs.obstacles import Obstacle
from mmapp.jobs.payload import Payload
from mmapp.mattermost import channel_names
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.payloads import Channel
from mmapp.models import Digest
from mmapp.plan import HERE, ME, Plan
from mmapp.schedule import Schedule
from mmapp.texts import digest_faults as faults
from mmapp.texts import digest_obstacles as texts
from mmapp.texts import summarize as summary_texts
from mmapp.texts.digest_obstacles import About


def understood(worker: Worker, payload: Payload, before: Plan, now: datetime, held: Digest | None = None) -> Plan:
    """The plan, with what was said otherwise: channels that who says it may read, and have posted in. `held`: the digest that
    there is, None for a new one. Raises Refused."""
    said, channels, to = payload.said, before.channels, before.to
    if "what" in said:
        named = (one if one in channels else _open_source(worker, payload, one) for one in said["what"].split())
        channels = tuple(dict.fromkeys(named))
    if "to" in said:
        to = "" if said["to"] == ME else _source(worker, payload, said["to"]).id
    wanted = dataclasses.replace(before.but(said), channels=channels, to=to, zone=said.get("zone") or before.zone)
    if to and "to" in said:
        _require_place(worker, payload, wanted, held)
    if not schedule.is_zone(wanted.zone):
        raise Refused(texts.refused("times", _about(worker, payload, wanted, Obstacle("times"), held)))
    line = plan.line(said, before.line, now.astimezone(ZoneInfo(wanted.zone)))
    return dataclasses.replace(wanted, line=Schedule.of(line, wanted.zone).line)


def require(worker: Worker, payload: Payload, wanted: Plan, held: Digest | None = None) -> None:
    """Whether its owner may have all that: what it reads, and where it is posted. `held` as above. Raises Refused."""
    person_id = held.person_id if held else payload.person_id
    if obstacle := obstacles.found(worker, person_id, wanted):
        raise Refused(texts.refused(obstacle.why, _about(worker, payload, wanted, obstacle, held)))


def require_model(worker: Worker, payload: Payload, wanted: Plan, held: Digest | None = None) -> None:
    """Whether the model that was named may write it, by what holds where it is posted and in what it reads. Raises Refused."""
    if not wanted.model or payload.said.keys().isdisjoint({"model", "what", "to"}):
        return
    if held:
        payload = payload.but(person_id=held.person_id, team_id=held.team_id)
    sources = tuple(Source(each, "") for each in wanted.channels)
    standin.require_allowed(
        worker, payload.but(model=wanted.model, channel_id=wanted.to, sources=sources, direct=not wanted.to)
    )


def _require_place(worker: Worker, payload: Payload, wanted: Plan, held: Digest | None) -> None:
    """Who has it posted there is an admin there, whosever it is. Raises Refused."""
    if obstacle := obstacles.of_place(worker, payload.person_id, wanted.to):
        about = _about(worker, payload, wanted, obstacle, held)
        raise Refused(texts.refused(obstacle.why, dataclasses.replace(about, own_right=True)))


def _about(worker: Worker, payload: Payload, wanted: Plan, obstacle: Obstacle, held: Digest | None) -> About:
    """Channels, and who is in them, are named to who may read them."""
    names = Names(worker, payload.person_id)
    channel = names[obstacle.about] if obstacle.about else ""
    return About(
        number=held.id if held else 0,
        bot=worker.bot,
        owner=held.person_name if held and held.person_id != payload.person_id else "",
        channel=channel,
        where=names[wanted.to] if wanted.to else "",
        missing=[one.username for one in obstacle.missing] if channel else (),
        sentence=obstacle.sentence,
    )


# Channels as they were named


def _open_source(worker: Worker, payload: Payload, typed: str) -> str:
    """The id of one that is to be read. Raises Refused."""
    found = _source(worker, payload, typed)
    with worker.database.read() as session:
        closed = Privacy.of(session).channels
    if found.id in closed:
        raise Refused(faults.closed(found.name))
    return found.id


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
        refused = texts.refused("off", About(channel=found.name))
        raise Refused(refused if is_open else _no_such(worker, channel_id))
    if not pointed.may_read(worker, found.id, payload.person_id):
        raise Refused(_no_such(worker, channel_id))
    return found


def _seen(worker: Worker, channel_id: str) -> Channel:
    """Raises Refused where there is no such channel any more, as far as the bot can see."""
    try:
        found = worker.client.channel(channel_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        raise Refused(_no_such(worker, channel_id)) from None
    if found.is_archived or found.type not in ("O", "P"):
        raise Refused(_no_such(worker, channel_id))
    return found


def _no_such(worker: Worker, typed: str) -> str:
    return summary_texts.no_such_channel(worker.bot, typed)
