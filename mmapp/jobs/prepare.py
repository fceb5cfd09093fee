"""A digest begins: its window closes, rights are asked for, and its summary is queued. I/O lane, no model."""

from __future__ import annotations

import dataclasses

from mmapp import languages
from mmapp.chat.source import Source
from mmapp.jobs import admit, allowed, scope
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.place import Place
from mmapp.models import Digest, DigestRun
from mmapp.wanted import Wanted

WINDOWS = {"day": 24 * 3_600_000, "week": 7 * 24 * 3_600_000}  # ms


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Prepare one. Raises Refused, a MattermostError or LeaseLost."""
    with worker.database.read() as session:
        digest = session.get_one(Digest, claimed.payload.digest)
    alone = claimed.payload.private
    channel = (
        worker.client.direct_channel(worker.bot_id, digest.person_id)
        if alone
        else worker.client.channel(digest.to_channel)
    )
    until = max(scope.newest(worker, channel_id) for channel_id in digest.channels)
    since = max(until - WINDOWS[digest.window], 0) if digest.window in WINDOWS else digest.read_until + 1
    sources = tuple(Source(channel_id, "", since, until) for channel_id in digest.channels)
    payload = claimed.payload.but(channel_id=channel.id, channel_name=channel.name, to_channel=channel.id, direct=alone)
    claimed = dataclasses.replace(claimed, payload=payload)
    allowed.require_place(worker, payload.but(sources=sources))
    wanted = Wanted.of(payload.wanted)
    if not wanted.language:
        reader = worker.client.user(digest.person_id)
        wanted = dataclasses.replace(wanted, language=languages.named(reader.locale))
    with worker.database.write() as session:
        found = session.get_one(DigestRun, claimed.request_id)
        found.since, found.until = since, until
    admit.let_in(worker, claimed, Place(channel.id, "", sources, wanted=wanted, direct=alone))
