"""What a summary reads, understood: links, names and times as they were typed become sources. I/O lane, no model."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from mmapp import languages
from mmapp.chat import audience, when
from mmapp.chat.permalink import post_id_of
from mmapp.chat.source import NO_END, Source
from mmapp.errors import Refused
from mmapp.jobs import allowed, pointed
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.jobs.place import Place
from mmapp.mattermost import channel_names
from mmapp.mattermost.errors import NotFound
from mmapp.mattermost.errors import Refused as NotAnId
from mmapp.mattermost.payloads import Channel, Member, Post
from mmapp.texts import ask as ask_texts
from mmapp.texts import summarize as texts
from mmapp.wanted import Wanted

DAY = "24h"
UNREAD = "unread"


def place(worker: Worker, payload: Payload) -> Place:
    """What is read, and where the summary goes: to its person alone unless it is to be public. Raises Refused."""
    member = allowed.require_asker(worker, payload)
    sources, wanted = understood(worker, payload, member)
    allowed.require_on(worker, payload.but(sources=sources))
    found = Place(payload.channel_id, payload.root_id, sources, wanted=wanted)
    if channel_names.is_direct_with(payload.channel_name, worker.bot_id):
        return dataclasses.replace(found, direct=True)
    why = "" if payload.private else _why_not_here(worker, payload, member, sources)
    if payload.private or why:
        channel = worker.client.direct_channel(worker.bot_id, payload.person_id).id
        return dataclasses.replace(found, to_channel=channel, to_root="", note=why)
    return dataclasses.replace(found, to_root=_under(worker, payload, sources))


def _under(worker: Worker, payload: Payload, sources: tuple[Source, ...]) -> str:
    """The thread that it is posted in: the one that was read, else the one that it was asked in. Raises Refused."""
    only = sources[0] if len(sources) == 1 else None
    if only and only.root_id and only.channel_id == payload.channel_id:
        return only.root_id
    return _own_thread(worker, payload).id if _in_thread(payload) else payload.root_id


def _why_not_here(worker: Worker, payload: Payload, member: Member | None, sources: tuple[Source, ...]) -> str:
    """Why it is not posted where it was asked for, and goes to its person alone; empty where it may be."""
    if member is None:
        return ask_texts.elsewhere(worker.bot)
    ours = [bot.id for bot in worker.bots.accepted()]
    channels = [source.channel_id for source in sources]
    if not audience.all_may_read(worker.client, payload.channel_id, channels, ours):
        return texts.too_wide()
    return allowed.posts_for(worker, payload, member)


def understood(worker: Worker, payload: Payload, member: Member | None) -> tuple[tuple[Source, ...], Wanted]:
    """The sources, and the wish with the reader's language and time zone. Raises Refused."""
    wanted = Wanted.of(payload.wanted)
    reader = worker.client.user(payload.person_id)
    zone = when.zone(reader.timezone)
    wanted = dataclasses.replace(wanted, zone=zone.key, language=wanted.language or languages.named(reader.locale))
    times = _times(wanted, datetime.now(zone))
    author = _author(worker, wanted.author)
    if member is None and not (wanted.links or wanted.channel):
        _require_inside(worker, payload)
    if wanted.links:
        posts = [_linked(worker, payload, link) for link in wanted.links]
        found = [Source(post.channel_id, post.thread_id, *times, author) for post in posts]
    elif wanted.scope == "thread" or (not wanted.scope and _in_thread(payload)):
        found = [Source(payload.channel_id, _own_thread(worker, payload).id, *times, author)]
    else:
        where = channel(worker, payload, wanted.channel).id if wanted.channel else payload.channel_id
        since, until = times
        if wanted.since == UNREAD:
            since = _unread_since(worker, payload, where)
        found = [Source(where, "", since, min(until, newest(worker, where)), author)]
    for source in found:
        _require_readable(worker, payload, source, member)
    return tuple(dict.fromkeys(found)), wanted


def _times(wanted: Wanted, now: datetime) -> tuple[int, int]:
    """From and until, in ms. A channel without a beginning is read for a day: nobody means all of it."""
    end = _moment("until", wanted.until, now, end=True) if wanted.until else None
    begin = _begin(wanted, end or now, now)
    since, until = _ms(begin) if begin else 0, _ms(end) - 1 if end else NO_END
    if until < since:
        raise Refused(texts.backwards())
    return since, until


def _begin(wanted: Wanted, end: datetime, now: datetime) -> datetime | None:
    """None where it is read from its beginning, or since its reader looked."""
    if wanted.since:
        return _moment("since", wanted.since, now) if wanted.since != UNREAD else None
    whole_thread = wanted.links or wanted.scope != "channel"
    return None if whole_thread else _moment("since", DAY, end)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(flag: str, typed: str, now: datetime, *, end: bool = False) -> datetime:
    try:
        return when.moment(typed, now, end=end)
    except when.NoSuchDate as error:
        raise Refused(texts.no_such_date(str(error))) from None
    except when.NoSuchClock as error:
        raise Refused(texts.no_such_clock(str(error))) from None
    except when.NoTime:
        raise Refused(texts.no_time(flag, typed)) from None


def _author(worker: Worker, typed: str) -> str:
    name = typed.strip().lstrip("@").casefold()
    if not name:
        return ""
    try:
        return worker.client.user_by_name(name).id
    except (NotFound, NotAnId) as error:
        if isinstance(error, NotFound) and not error.own:
            raise
        raise Refused(texts.no_such_person(typed)) from None


def _in_thread(payload: Payload) -> bool:
    """A post in a channel begins a thread of its own, which is nobody's to summarise."""
    return bool(payload.root_id) and payload.root_id != payload.post_id


def _own_thread(worker: Worker, payload: Payload) -> Post:
    if not _in_thread(payload):
        raise Refused(texts.no_thread(tells_root=payload.tells_root))
    return pointed.root_here(worker, payload)


def _linked(worker: Worker, payload: Payload, link: str) -> Post:
    post = pointed.post(worker, post_id_of(link, worker.settings.mattermost_url))
    allowed.require_no_joining(worker, post.channel_id, payload.person_id)
    return post


def channel(worker: Worker, payload: Payload, typed: str) -> Channel:
    """One of the bot's channels by its name or id, or as people see it, those of the command's team first. Raises Refused."""
    name = typed.strip().lstrip("~").casefold()
    mine = [one for one in worker.client.channels() if one.type in ("O", "P") and not one.is_archived]
    named = [one for one in mine if name in (one.name.casefold(), one.display_name.casefold(), one.id)]
    named.sort(key=lambda one: (one.team_id != payload.team_id, one.name.casefold() != name, one.id))
    for one in named:
        if pointed.may_read(worker, one.id, payload.person_id):
            return one
    raise Refused(texts.no_such_channel(worker.bot, typed))


def newest(worker: Worker, channel_id: str) -> int:
    """When the newest message of a channel was posted (ms), by Mattermost's own clock: what comes later is not read either when
    the same is read again."""
    posts = worker.client.channel_posts_before(channel_id, per_page=1)
    return posts[0].create_at if posts else 0


def _unread_since(worker: Worker, payload: Payload, channel_id: str) -> int:
    member = worker.client.member(channel_id, payload.person_id)
    if member is None:
        raise Refused(texts.never_looked())
    return member.last_viewed_at + 1


def _require_inside(worker: Worker, payload: Payload) -> None:
    """Raises Refused where the bot cannot read what is said here."""
    if channel_names.is_direct_with(payload.channel_name, worker.bot_id):
        return
    if channel_names.is_direct(payload.channel_name) or channel_names.is_group(payload.channel_name):
        raise Refused(texts.no_part(worker.bot))
    raise Refused(texts.not_inside(worker.bot))


def _require_readable(worker: Worker, payload: Payload, source: Source, member: Member | None) -> None:
    """Raises Refused, with the same words for what does not exist and what may not be read."""
    here = source.channel_id == payload.channel_id and member is not None
    if not here and not pointed.may_read(worker, source.channel_id, payload.person_id):
        raise Refused(ask_texts.no_such_thread())
