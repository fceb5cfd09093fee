"""Digests in words, as far as that takes what only Mattermost or the database knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import plan, schedule
from mmapp.chat import audience, read, when
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import NO_END, Source
from mmapp.db import clock
from mmapp.jobs import ahead, allowed
from mmapp.jobs.base import Worker
from mmapp.jobs.digests import WINDOWS
from mmapp.mattermost.errors import TooMany
from mmapp.models import Digest, DigestRun, Installation
from mmapp.plan import PAUSED, Plan
from mmapp.texts import digest as texts
from mmapp.texts import digest_when

NEXT = 3  # times that are told
SLEEPS = timedelta(minutes=1)  # since a scheduler looked last: then none runs


class Names:
    """The names of channels, for one person: empty for one that they may not read, or that is gone."""

    def __init__(self, worker: Worker, person_id: str) -> None:
        self._worker, self._person_id = worker, person_id
        self._known: dict[str, str] = {}

    def __getitem__(self, channel_id: str) -> str:
        if channel_id not in self._known:
            self._known[channel_id] = self._asked(channel_id)
        return self._known[channel_id]

    def _asked(self, channel_id: str) -> str:
        """Looking at a list brings the bot into no channel."""
        if not audience.is_reader(self._worker.client, channel_id, self._person_id):
            return ""
        return self._worker.client.channel(channel_id).name


def summed_up(names: Names, wanted: Plan, owner: str) -> str:
    """Of what, where and when. `owner` is whose it is, where that is not who reads it."""
    what = texts.channels([names[each] for each in wanted.channels])
    where = texts.posted_in(names[wanted.to]) if wanted.to else texts.to_person(owner)
    return texts.summed_up(what, where, regularly(wanted))


def regularly(wanted: Plan) -> str:
    return digest_when.regularly(plan.when(wanted.line), plan.time(wanted.line), wanted.line)


def times(session: Session, digest: Digest, now: datetime) -> str:
    """The next ones, by its clock."""
    zone = ZoneInfo(digest.zone)
    upcoming = [at.astimezone(zone) for at in ahead.dues(session, digest, now, NEXT) if at > now]
    return digest_when.coming(upcoming, now.astimezone(zone), digest.zone)


def coming(session: Session, digest: Digest, now: datetime, since: int = 0) -> str:
    """When it comes, also one that is late; and for a new one, of what: since when (ms) its first tells, where it is not always
    the same span."""
    told = times(session, digest, now)
    if not since:
        return " ".join(filter(None, [texts.next_time(told), late(session, digest, now)]))
    first = texts.first_tells(moment(_at(since), now, digest.zone))
    return texts.next_times(told, first if digest.window == "last" else texts.each_tells(digest.window))


def late(session: Session, digest: Digest, now: datetime) -> str:
    """What is said where one is: empty where none is."""
    due = ahead.dues(session, digest, now, 1)[0]
    return texts.late(moment(due, now, digest.zone)) if due <= now else ""


def moment(at: datetime, now: datetime, zone: str) -> str:
    """By the clock of its zone; in UTC where that has another name by now."""
    here = when.zone(zone)
    return digest_when.moment(at.astimezone(here), now.astimezone(here))


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def nobody_ticks(session: Session, now: datetime) -> str:
    """What is said where no scheduler runs."""
    ticked = session.scalar(select(Installation.ticked_at))
    return texts.no_scheduler() if ticked is None or abs(now - ticked) > SLEEPS else ""


def resumed(session: Session, digest: Digest, now: datetime) -> str:
    told = texts.tells_since(moment(_at(digest.read_until), now, digest.zone))
    if digest.window != "last":
        told = texts.tells_window(digest.window)
    told = " ".join(filter(None, [late(session, digest, now), told]))
    return texts.resumed(digest.id, times(session, digest, now), told)


def comes(names: Names, digest: Digest, owner: str) -> str:
    """Where the next one goes."""
    return texts.comes_in(names[digest.to_channel]) if digest.to_channel else texts.comes_directly(owner)


def being_made(digest: Digest, run: DigestRun, now: datetime) -> str:
    if run.preview:
        return texts.previewed_already(digest.id)
    if run.due_at <= now:
        return texts.being_made(digest.id)
    return texts.planned_already(digest.id, moment(run.due_at, now, digest.zone))


def line(names: Names, digest: Digest, owner: str, state: str) -> str:
    """One of a list, whose `state` was looked up."""
    wanted = Plan.of(digest)
    told = f"{summed_up(names, wanted, owner)} ({wanted.zone})"
    return texts.line(digest.id, told, owner, state)


def _why(digest: Digest) -> str:
    """Why it does not come; empty where it does. One whose zone has another name by now is paused at the next look."""
    if digest.state == PAUSED:
        return digest.why
    return "" if schedule.is_zone(digest.zone) else "times"


def state(session: Session, digest: Digest, now: datetime) -> str:
    """When it comes next, or why it does not."""
    if why := _why(digest):
        return texts.is_paused(why)
    due = ahead.dues(session, digest, now, 1)[0]
    told = moment(due, now, digest.zone)
    return texts.comes(told) if due > now else texts.comes_late(told)


def shown(worker: Worker, digest: Digest, person_id: str, owner: str, *, may: bool) -> str:
    """All of one, for who `may` change it or not. Counts its messages: asks Mattermost."""
    wanted, names, why = Plan.of(digest), Names(worker, person_id), _why(digest)
    waiting = _waiting(worker, digest, names)
    with worker.database.read() as session:
        now = clock(session)
        last = select(DigestRun.ended_at).where(DigestRun.digest_id == digest.id, DigestRun.state == "posted")
        ended = session.scalar(last.where(~DigestRun.preview).order_by(DigestRun.ended_at.desc()).limit(1))
        following = "" if why else _following(session, digest, now)
    values = {
        "what": texts.channels([names[each] for each in wanted.channels]),
        "where": texts.posted_in(names[wanted.to]) if wanted.to else texts.to_person(owner),
        "when": f"{regularly(wanted)} ({wanted.zone})",
        "window": texts.WINDOWS[wanted.window],
        "how": texts.how(wanted.kind, wanted.length, wanted.language, wanted.model),
        "quiet": texts.quiet(wanted.quiet, wanted.window),
        "owner": owner,
        "state": texts.is_paused(why) if why else "",
        "next": following,
        "last": moment(ended, now, wanted.zone) if ended else texts.never_yet(),
        "counts": texts.counts(digest.made, digest.late),
        "waiting": waiting,
    }
    note = texts.still_paused(digest.id) if digest.state == PAUSED else texts.how_to_change(digest.id)
    note = note if may else ""
    return texts.facts(digest.id, [(name, values[key]) for key, name in texts.fact_names().items()], note)


def _following(session: Session, digest: Digest, now: datetime) -> str:
    told = times(session, digest, now)
    return f"{told}. {late(session, digest, now)}" if late(session, digest, now) else told


def _waiting(worker: Worker, digest: Digest, names: Names) -> str:
    """How many messages of it nobody was told of yet; nothing where the bot is not to look."""
    channels = [each for each in digest.channels if names[each]]
    if any(allowed.is_off(worker, one) or not _is_inside(worker, one) for one in channels):
        return ""
    with worker.database.read() as session:
        privacy = Privacy.of(session)
    since = digest.read_until + 1
    if digest.window in WINDOWS:  # what is older is told by nobody any more
        begin = worker.client.now() - WINDOWS[digest.window]
        since = max(since, round(begin.timestamp() * 1000))
    sources = [Source(each, "", since, NO_END) for each in channels]
    try:
        found = sum(len(read.source(worker.client, one, worker.bot_id, privacy).posts) for one in sources)
    except TooMany:
        return texts.waiting(None, read.MOST_POSTS)
    return texts.waiting(found, read.MOST_POSTS)


def _is_inside(worker: Worker, channel_id: str) -> bool:
    return audience.is_inside(worker.client, channel_id, worker.bot_id)
