"""A model chosen for a thread, by name: Mattermost is asked who may ask there, then it holds, and who typed it reads so."""

from __future__ import annotations

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
    with worker.database.write() as session:
        choice.keep(session, standin.spot(worker, asked), choice.CONVERSATION, **payload.chosen)
        chosen = standin.choose(session, worker, asked, ())
        queue.tell(session, claimed.request_id, _told(payload, chosen))
        queue.finish(session, claimed)


def _told(payload: Payload, chosen: choice.Chosen | None) -> str:
    """What is done, and what answers there now where it is another than that which was named."""
    if chosen is None:
        return f"{payload.sentence} {texts.none_allowed()}"
    if chosen.record.name == payload.chosen.get("model"):
        return payload.sentence
    return f"{payload.sentence} {texts.in_force(chosen.record.title, chosen.origin, chosen.instead_of)}"
