"""A model chosen for a thread, by name: Mattermost is asked who may ask there, then it holds, and who typed it reads so."""

from __future__ import annotations

from datetime import UTC, datetime

from mmapp import choice
from mmapp.chat.source import Source
from mmapp.jobs import allowed, pointed, queue, standin
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.texts import model as texts


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Set it. Raises Refused where this person may not ask there, a MattermostError or LeaseLost."""
    payload = claimed.payload
    allowed.require_asker(worker, payload)
    root = pointed.root_here(worker, payload)
    # Where a question in this thread belongs, by the same function.
    asked = payload.but(to_channel=root.channel_id, to_root=root.id, sources=(Source(root.channel_id, root.id),))
    spot, at = standin.spot(worker, asked), datetime.fromtimestamp(payload.asked_at / 1000, UTC)
    with worker.database.write() as session:
        before = choice.kept(session, spot, choice.CONVERSATION, lock=True)
        # What was typed later holds, in whatever order it is done.
        is_last = before.set_at is None or before.set_at <= at
        if is_last:
            choice.keep(session, spot, choice.CONVERSATION, at, **payload.chosen)
        chosen = standin.choose(session, worker, asked, ())
        queue.tell(session, claimed.request_id, _told(payload.sentence if is_last else "", payload, chosen))
        queue.finish(session, claimed)


def _told(done: str, payload: Payload, chosen: choice.Chosen | None) -> str:
    """What is done, and what answers there now where it is another than that which was named."""
    if chosen is None:
        now = texts.none_allowed()
    elif done and chosen.record.name == payload.chosen.get("model"):
        now = ""
    else:
        now = texts.in_force(chosen.record.title, chosen.origin, chosen.instead_of)
    return " ".join(filter(None, [done, now]))
