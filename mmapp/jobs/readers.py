"""Who reads what is told in a place, and whether they may: derived here alone, by where it goes. How it was asked says nothing
of that. Every way in which words leave asks here: reading for an answer, answering, sharing, posting, telling it alone."""

from __future__ import annotations

from collections.abc import Collection

from mmapp.chat import audience
from mmapp.errors import Refused
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.texts import ask as texts
from mmapp.texts import summarize as summary_texts


def require(worker: Worker, payload: Payload, channels: Collection[str]) -> None:
    """Whoever reads an answer that is made from these channels may read all of them; looked at again: people join and leave.

    What somebody was told in their own direct message they were told: of that, what is read now is looked at. Nothing is joined
    for it: who took the bot out of a channel wants it out. Raises Refused and a MattermostError.
    """
    elsewhere = set(channels) - {payload.to_channel}
    if payload.direct:
        elsewhere &= {source.channel_id for source in payload.sources}
    if not elsewhere:
        return
    if not _is_alone(worker, payload):
        require_others(worker, payload, elsewhere)
        return
    seen = [audience.reads(worker.client, channel_id, payload.person_id) for channel_id in sorted(elsewhere)]
    if False in seen:
        raise Refused(texts.not_a_member(goes_on=payload.goes_on))
    if None in seen:
        raise Refused(texts.cannot_see(worker.bot, goes_on=payload.goes_on))


def require_others(worker: Worker, payload: Payload, channels: Collection[str]) -> None:
    """The same where others read it than who asks, and nothing where not. Raises Refused and a MattermostError."""
    elsewhere = set(channels) - {payload.to_channel}
    if elsewhere and not _is_alone(worker, payload) and not all_may_read(worker, payload.to_channel, elsewhere):
        raise Refused(too_wide_now(payload))


def all_may_read(worker: Worker, channel_id: str, sources: Collection[str]) -> bool:
    """The audience guard (chat/audience.py): False where the bot itself may not look into a source any more."""
    ours = [bot.id for bot in worker.bots.accepted()]
    try:
        return audience.all_may_read(worker.client, channel_id, sources, ours)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False


def too_wide_now(payload: Payload) -> str:
    """Why it is not told, or not read, for all to see."""
    return summary_texts.too_wide_now(by_post=bool(payload.post_id)) if payload.is_summary else texts.too_wide_now()


def _is_alone(worker: Worker, payload: Payload) -> bool:
    return payload.direct or worker.client.channel(payload.to_channel).is_direct
