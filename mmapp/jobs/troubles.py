"""Whether a digest may still be made as it was ordered: asked of Mattermost at each time that it is due. I/O lane, no model."""

from __future__ import annotations

from mmapp import access
from mmapp.chat import audience, read
from mmapp.errors import Refused, TooMuch
from mmapp.jobs import allowed
from mmapp.jobs.base import Worker
from mmapp.jobs.owners import Orphaned, Trouble
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Channel
from mmapp.models import Digest
from mmapp.texts import digest_run as texts

ADMINS = 5  # of a channel that are told at most


def require_none(worker: Worker, digest: Digest) -> None:
    """Raises Trouble where something must be mended first, or a MattermostError."""
    where = _place(worker, digest) if digest.to_channel else None
    if where is None:
        _require_person(worker, digest)
    sources = [_source(worker, digest, channel_id) for channel_id in digest.channels]
    if all(one.is_archived for one in sources):
        raise Trouble("over", texts.over(digest.id))
    if where is not None:
        _require_readers(worker, digest, where, sources)


def found(worker: Worker, digest: Digest) -> Trouble | None:
    """The first thing that must be mended; None where there is none. Raises a MattermostError."""
    try:
        require_none(worker, digest)
    except Trouble as trouble:
        return trouble
    return None


def _require_person(worker: Worker, digest: Digest) -> None:
    """Whose digest comes alone may still ask, alone."""
    if _is_deactivated(worker, digest.person_id):
        raise Trouble("deactivated", "")
    try:
        allowed.require_privately(worker, digest.person_id)
    except Refused as error:
        raise Trouble("access", texts.access(digest.id, error.sentence)) from None


def _is_deactivated(worker: Worker, person_id: str) -> bool:
    try:
        return worker.client.user(person_id).delete_at != 0
    except NotFound as error:
        if not error.own:
            raise
        return True


# Where it is posted


def _place(worker: Worker, digest: Digest) -> Channel:
    """The bot does not come back by itself to where it was removed from."""
    channel = _seen(worker, digest.to_channel)
    if channel is None or not audience.is_inside(worker.client, channel.id, worker.bot_id):
        raise Trouble("outside", texts.outside(digest.id, worker.bot), about=digest.to_channel)
    if channel.is_archived:
        raise Trouble("archived", texts.archived(digest.id, channel.display_name), about=channel.id)
    _require_on(worker, digest, channel)
    _require_there(worker, digest, channel)
    _require_rights(worker, digest, channel)
    return channel


def _seen(worker: Worker, channel_id: str) -> Channel | None:
    """None where it is gone, or a private one without the bot: Mattermost says the same of both."""
    try:
        return worker.client.channel(channel_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return None


def _require_on(worker: Worker, digest: Digest, channel: Channel) -> None:
    if allowed.is_off(worker, channel.id, channel.name):
        raise Trouble("off", texts.off(digest.id, channel.display_name), about=channel.id)


def _require_there(worker: Worker, digest: Digest, channel: Channel) -> None:
    """Its person is there, or the channel's admins hear who has gone."""
    if _is_deactivated(worker, digest.person_id):
        why, sentence = "deactivated", ""
    elif worker.client.member(channel.id, digest.person_id) is not None:
        return
    elif channel.team_id and not worker.client.is_in_team(channel.team_id, digest.person_id):
        why, sentence = "left_team", texts.left_team(digest.id, channel.display_name)
    else:
        why, sentence = "left", texts.left(digest.id, channel.display_name)
    told = texts.orphaned(digest.id, digest.person_name, channel.display_name, why)
    raise Trouble(why, sentence, about=channel.id, orphaned=Orphaned(_admins(worker, digest, channel), told))


def _admins(worker: Worker, digest: Digest, channel: Channel) -> tuple[str, ...]:
    others = {digest.person_id, *(bot.id for bot in worker.bots.accepted())}
    members = worker.client.all_members(channel.id)
    return tuple(one.user_id for one in members if one.scheme_admin and one.user_id not in others)[:ADMINS]


def _require_rights(worker: Worker, digest: Digest, channel: Channel) -> None:
    with worker.database.read() as session:
        public = access.public_in(session, channel.id)
    if public == access.NOBODY:
        raise Trouble("rights", texts.silent(digest.id, channel.display_name, worker.bot), about=channel.id)
    if not audience.may_manage(worker.client, channel.id, digest.person_id):
        raise Trouble("rights", texts.no_admin(digest.id, channel.display_name), about=channel.id)


# What it tells of


def _source(worker: Worker, digest: Digest, channel_id: str) -> Channel:
    channel = _seen(worker, channel_id)
    if channel is None:
        raise Trouble("unseen", texts.unseen(digest.id, worker.bot), about=channel_id)
    _require_on(worker, digest, channel)  # first: looking who may read makes the bot join a public one
    try:
        may = audience.may_read(worker.client, channel_id, digest.person_id, worker.bot_id)
    except Forbidden as error:
        if not error.own:
            raise
        raise Trouble("unseen", texts.unseen(digest.id, worker.bot), about=channel_id) from None
    if not may:  # what a private one is called by now is nothing for who has left it
        name = channel.display_name if channel.is_public else ""
        raise Trouble("unreadable", texts.unreadable(digest.id, name), about=channel_id)
    return channel


def _require_readers(worker: Worker, digest: Digest, where: Channel, sources: list[Channel]) -> None:
    ours = [bot.id for bot in worker.bots.accepted()]
    for source in sources:
        if not audience.all_may_read(worker.client, where.id, [source.id], ours):
            sentence = texts.readers(digest.id, source.display_name, where.display_name)
            raise Trouble("readers", sentence, about=source.id)


# In the middle of its way


def of(worker: Worker, digest: Digest, error: Refused) -> Trouble | None:
    """What lies behind a refusal; None where nothing has to be mended. Raises a MattermostError."""
    if isinstance(error, TooMuch):
        return Trouble("too_many", texts.too_many(digest.id, read.MOST_POSTS))
    return error if isinstance(error, Trouble) else found(worker, digest)
