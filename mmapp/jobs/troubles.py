"""Whether a digest may still be made as it was ordered: asked at each time that it is due. I/O lane, no model."""

from __future__ import annotations

import dataclasses
from itertools import islice

from mmapp.chat import audience, read
from mmapp.errors import Refused, TooMuch, Unposted
from mmapp.jobs import obstacles
from mmapp.jobs.base import Worker
from mmapp.jobs.obstacles import Obstacle
from mmapp.jobs.owners import Orphaned, Trouble
from mmapp.mattermost.payloads import Channel
from mmapp.models import Digest
from mmapp.plan import Plan
from mmapp.texts import digest_obstacles as texts
from mmapp.texts import digest_run
from mmapp.texts.digest_obstacles import About

ADMINS = 5  # of a channel that are told at most
LOOKED = 200  # members of whom it is asked whether they are the team's, a call each: there is none for several


def require_none(worker: Worker, digest: Digest) -> None:
    """Raises Trouble where something must be mended first, or a MattermostError."""
    if trouble := found(worker, digest):
        raise trouble


def found(worker: Worker, digest: Digest) -> Trouble | None:
    """The first thing that must be mended; None where there is none. Raises a MattermostError."""
    obstacle = obstacles.found(worker, digest.person_id, Plan.of(digest))
    if obstacle is None:
        return None
    sentence = "" if obstacle.why == "deactivated" else texts.paused(obstacle.why, _about(worker, digest, obstacle))
    return Trouble(obstacle.why, sentence, about=obstacle.about, orphaned=_orphaned(worker, digest, obstacle))


def of(worker: Worker, digest: Digest, error: Refused) -> Trouble | None:
    """What lies behind a refusal in the middle of its way; None where nothing has to be mended. Raises a MattermostError."""
    if isinstance(error, TooMuch):
        return Trouble("too_many", texts.too_many(About(digest.id, window=digest.window), read.MOST_POSTS))
    if isinstance(error, Trouble):
        return error
    trouble = found(worker, digest)
    return _unposted(worker, digest) if trouble is None and isinstance(error, Unposted) else trouble


def _unposted(worker: Worker, digest: Digest) -> Trouble:
    """Nothing is wrong that can be asked for, and Mattermost takes no post of the bot there."""
    about = About(digest.id, bot=worker.bot, window=digest.window)
    if not digest.to_channel:
        return Trouble("unsent", texts.paused("unsent", about))
    about = dataclasses.replace(about, channel=_name(worker, digest, worker.client.channel(digest.to_channel)))
    return Trouble("unposted", texts.paused("unposted", about), about=digest.to_channel)


def _about(worker: Worker, digest: Digest, obstacle: Obstacle) -> About:
    """What a channel is called by now is nothing for its person who may not read it."""
    return About(
        number=digest.id,
        bot=worker.bot,
        window=digest.window,
        channel=_name(worker, digest, obstacle.channel),
        where=_name(worker, digest, obstacle.where),
        missing=[one.username for one in obstacle.missing],
        sentence=obstacle.sentence,
    )


def _name(worker: Worker, digest: Digest, channel: Channel | None) -> str:
    known = channel is not None and audience.is_reader(worker.client, channel.id, digest.person_id)
    return channel.display_name if channel and known else ""


def _orphaned(worker: Worker, digest: Digest, obstacle: Obstacle) -> Orphaned | None:
    """The channel's admins hear who has gone."""
    channel = obstacle.channel
    if channel is None or obstacle.why not in digest_run.GONE:
        return None
    sentence = digest_run.orphaned(digest.id, digest.person_name, channel.display_name, obstacle.why)
    return Orphaned(_admins(worker, digest, channel), sentence)


def _admins(worker: Worker, digest: Digest, channel: Channel) -> tuple[str, ...]:
    """Those of the channel; where it has no other, as most have none, those of its team that are members of it."""
    ours = {digest.person_id, *(bot.id for bot in worker.bots.accepted())}
    members = [one for one in worker.client.all_members(channel.id) if one.user_id not in ours]
    own = [one.user_id for one in members if one.scheme_admin]
    team_s = (one.user_id for one in members[:LOOKED] if worker.client.is_team_admin(channel.team_id, one.user_id))
    return tuple(islice(own or team_s, ADMINS))
