"""Whether a digest may be: asked when it is set up, changed and let go on, and at each time that it is due. I/O lane, no model.

What people read of it differs, by whether they have typed (planned.py) or not (troubles.py); what is so does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mmapp import access
from mmapp.chat import audience
from mmapp.errors import Refused
from mmapp.jobs import allowed
from mmapp.jobs.base import Worker
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Channel, User
from mmapp.plan import Plan
from mmapp.schedule import NoSchedule, Schedule


@dataclass(frozen=True)
class Obstacle:
    """Why it may not be, one of texts/digest_obstacles.py's PAUSED. `about` is the id of the channel that it is about, and
    `channel` that one, None where the bot cannot see it. `missing`: who in `where` it is posted may not read that channel;
    `sentence`: why its person may not ask."""

    why: str
    about: str = ""
    channel: Channel | None = None
    where: Channel | None = None
    missing: tuple[User, ...] = ()
    sentence: str = ""


def found(worker: Worker, person_id: str, wanted: Plan) -> Obstacle | None:
    """The first thing that keeps such a digest of this person's from being; None where there is none. Joins nothing but public
    channels that it tells of, as a summary does. Raises a MattermostError."""
    return (
        _of_times(wanted)
        or (of_place(worker, person_id, wanted.to) if wanted.to else _of_person(worker, person_id))
        or _of_sources(worker, person_id, wanted)
    )


def _of_times(wanted: Plan) -> Obstacle | None:
    try:
        Schedule(wanted.line, wanted.zone).after(datetime.now(UTC))
    except NoSchedule:
        return Obstacle("times")
    return None


def _of_person(worker: Worker, person_id: str) -> Obstacle | None:
    """Whose digest comes alone may still ask, alone."""
    if _is_deactivated(worker, person_id):
        return Obstacle("deactivated")
    try:
        allowed.require_privately(worker, person_id)
    except Refused as error:
        return Obstacle("access", sentence=error.sentence)
    return None


def _is_deactivated(worker: Worker, person_id: str) -> bool:
    try:
        return worker.client.user(person_id).delete_at != 0
    except NotFound as error:
        if not error.own:
            raise
        return True


# Where it is posted


def of_place(worker: Worker, person_id: str, channel_id: str) -> Obstacle | None:
    """What keeps this person from having one posted there. The bot does not come back by itself to where it was removed from."""
    channel = _seen(worker, channel_id)
    if channel is None or not audience.is_inside(worker.client, channel_id, worker.bot_id):
        return Obstacle("outside", channel_id, channel)
    if channel.is_archived:
        return Obstacle("archived", channel_id, channel)
    if allowed.is_off(worker, channel_id, channel.name):
        return Obstacle("off", channel_id, channel)
    why = _gone(worker, person_id, channel) or _without_rights(worker, person_id, channel)
    return Obstacle(why, channel_id, channel) if why else None


def _seen(worker: Worker, channel_id: str) -> Channel | None:
    """None where it is gone, or a private one without the bot: Mattermost says the same of both."""
    try:
        return worker.client.channel(channel_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return None


def _gone(worker: Worker, person_id: str, channel: Channel) -> str:
    """Why its person is not there; empty where they are."""
    if _is_deactivated(worker, person_id):
        return "deactivated"
    if worker.client.member(channel.id, person_id) is not None:
        return ""
    return "left" if worker.client.is_in_team(channel.team_id, person_id) else "left_team"


def _without_rights(worker: Worker, person_id: str, channel: Channel) -> str:
    with worker.database.read() as session:
        public = access.public_in(session, channel.id)
    if public == access.NOBODY:
        return "silent"
    return "" if audience.may_manage(worker.client, channel.id, person_id) else "rights"


# What it tells of


def _of_sources(worker: Worker, person_id: str, wanted: Plan) -> Obstacle | None:
    """One that was archived has nothing new to tell, and is none unless all of them were."""
    sources = [_seen(worker, channel_id) for channel_id in wanted.channels]
    for channel_id, channel in zip(wanted.channels, sources, strict=True):
        if channel is None:
            return Obstacle("unseen", channel_id)
        if why := _unreadable(worker, person_id, channel):
            return Obstacle(why, channel_id, channel)
    if all(channel.is_archived for channel in sources if channel):
        return Obstacle("over")
    return _of_readers(worker, wanted) if wanted.to else None


def _unreadable(worker: Worker, person_id: str, channel: Channel) -> str:
    """Why its person may not have it read; empty where they may."""
    if allowed.is_off(worker, channel.id, channel.name):  # first: looking who may read makes the bot join a public one
        return "off"
    try:
        may = audience.may_read(worker.client, channel.id, person_id, worker.bot_id)
    except Forbidden as error:
        if not error.own:
            raise
        return "unseen"
    return "" if may else "unreadable"


def _of_readers(worker: Worker, wanted: Plan) -> Obstacle | None:
    ours = [bot.id for bot in worker.bots.accepted()]
    shut_out = audience.shut_out(worker.client, wanted.to, wanted.channels, ours)
    if shut_out is None:
        return None
    channel_id, missing = shut_out
    named = tuple(worker.client.users(missing))
    return Obstacle("readers", channel_id, _seen(worker, channel_id), _seen(worker, wanted.to), named)
