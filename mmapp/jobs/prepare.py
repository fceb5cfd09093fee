"""A digest begins: what may have to be mended is looked for, its window closes, and its summary is queued. I/O lane, no model."""

from __future__ import annotations

import dataclasses

from mmapp import choice, languages
from mmapp.chat import read
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import Source
from mmapp.db import clock
from mmapp.errors import Nothing, Silence, TooMuch
from mmapp.jobs import admit, ahead, digests, owners, queue, scope, standin, tick, troubles
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.place import Place
from mmapp.mattermost.errors import TooMany
from mmapp.mattermost.payloads import Channel
from mmapp.models import Digest, DigestRun
from mmapp.texts import summarize as texts
from mmapp.wanted import Wanted

AGAIN = 15.0  # seconds until it is looked again whether the one before is done


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Prepare one, before anything is asked of Mattermost if it has to be. Raises Refused, a MattermostError or LeaseLost."""
    if _is_over(worker, claimed):
        return
    with worker.database.read() as session:
        digest, run = session.get_one(Digest, claimed.payload.digest), session.get_one(DigestRun, claimed.request_id)
        waits = digests.waits(session, run)
    if waits:
        queue.retry(worker.database, claimed, AGAIN, excused=True)
        return
    troubles.require_none(worker, digest)
    sources = _window(worker, claimed, digest)
    if sources is None:
        queue.retry(worker.database, claimed, AGAIN, excused=True)
        return
    if not run.typed:
        _require_enough(worker, digest, sources)
    payload = _payload(worker, claimed, digest, alone=run.preview or not digest.to_channel)
    wanted = _wanted(worker, digest, payload)
    place = Place(payload.to_channel, "", sources, wanted=wanted, direct=payload.direct)
    admit.let_in(worker, dataclasses.replace(claimed, payload=payload), place)


def examine(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Look now whether it may still be made, and pause it where not. Raises a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        digest = session.get_one(Digest, claimed.payload.digest)
    trouble = troubles.found(worker, digest) if digest.state == "active" else None
    with worker.database.write() as session:
        if trouble:
            held = session.get_one(Digest, digest.id, with_for_update=True)
            owners.pause(session, held, claimed.request_id, trouble)
        queue.finish(session, claimed)


def _is_over(worker: Worker, claimed: Claim) -> bool:
    """Whether it is not made any more, or a newer one makes up for it, and so has ended here."""
    with worker.database.write() as session:
        run = session.get_one(DigestRun, claimed.request_id)
        over = run.state != "planned" or digests.is_called_off(session, claimed)
        if not over and (run.typed or not ahead.fold(session, run, clock(session))):
            return False
        digests.ended(session, claimed.request_id, "stopped")
        queue.finish(session, claimed, "cancelled")
    return True


def _window(worker: Worker, claimed: Claim, digest: Digest) -> tuple[Source, ...] | None:
    """What it reads; None while another one of it is being made."""
    until = max(scope.newest(worker, channel_id) for channel_id in digest.channels)
    with worker.database.write() as session:
        queue.require_ours(session, claimed)
        found = digests.open_window(session, claimed, until, worker.client.now() - clock(session))
    return None if found is None else tuple(Source(channel_id, "", *found) for channel_id in digest.channels)


def _require_enough(worker: Worker, digest: Digest, sources: tuple[Source, ...]) -> None:
    """Raises Nothing where fewer messages than its threshold were written, in all of its channels, Silence where nobody has
    written any, and TooMuch where there are too many to look for them."""
    with worker.database.read() as session:
        privacy = Privacy.of(session)
    missing, nobody = digest.quiet, True
    for source in sources:
        if missing > 0:
            found = _counted(worker, source, privacy, missing)
            missing, nobody = missing - found.messages, nobody and found.nobody
    if missing > 0:
        raise (Silence if nobody else Nothing)(texts.nothing_there(chosen=True))


def _counted(worker: Worker, source: Source, privacy: Privacy, enough: int) -> read.Counted:
    try:
        return read.count(worker.client, worker.people, source, privacy, enough)
    except TooMany:
        raise TooMuch(texts.too_many(read.MOST_POSTS)) from None


def _payload(worker: Worker, claimed: Claim, digest: Digest, *, alone: bool) -> Payload:
    """As the digest is now, and no more as it was when this was planned."""
    client = worker.client
    channel: Channel = (
        client.direct_channel(worker.bot_id, digest.person_id) if alone else client.channel(digest.to_channel)
    )
    payload, asked = tick.payload(digest, claimed.payload.asked_at, alone=alone), claimed.payload
    payload = payload.but(asked_by=asked.asked_by, asked_in=asked.asked_in)
    return payload.but(channel_id=channel.id, channel_name=channel.name, to_channel=channel.id, direct=alone)


def _wanted(worker: Worker, digest: Digest, payload: Payload) -> Wanted:
    """In its person's own language, where none was chosen: to them alone in the one that they have set for answers."""
    wanted, own = Wanted.of(payload.wanted), ""
    if wanted.language:
        return wanted
    if payload.direct:
        with worker.database.read() as session:
            own = choice.manner(session, standin.spot(worker, payload)).language
    return dataclasses.replace(wanted, language=own or languages.named(worker.client.user(digest.person_id).locale))
