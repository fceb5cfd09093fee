""" "ai is typing…" wherever an answer is waited for: it shows for 5 s and notifies nobody."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import defer

from mmapp.jobs.base import Worker
from mmapp.jobs.fairness import PERSON
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import WRITING
from mmapp.mattermost.errors import MattermostError
from mmapp.models import OPEN, AnswerPost, Job

log = structlog.get_logger()

EVERY = 4.0  # seconds; the server's clients show it for 5.0
# Admitted and waited for by somebody, and nothing of the answer is seen yet. Payloads are read one by one: one under another
# key stops no other.
_SHOWN = select(AnswerPost.request_id)
_WAITING = (
    select(Job)
    .options(defer(Job.payload), defer(Job.words))
    .where(Job.kind.in_(WRITING), Job.state.in_(OPEN), Job.class_ == PERSON, Job.request_id.not_in(_SHOWN))
    .order_by(Job.id)
)


def announce(worker: Worker) -> None:
    """Say it once in every place. A sign of life that gets lost is no loss: the next one comes."""
    with worker.database.read() as session:
        waiting = [Payload.of(job) for job in session.scalars(_WAITING)]
    places = dict.fromkeys((each.bot, each.to_channel, each.to_root) for each in waiting if each.to_channel)
    for name, channel_id, root_id in places:
        bot = worker.bots.find(name or worker.bot)
        try:
            if bot is not None:
                bot.client.typing(bot.id, channel_id, root_id)
        except MattermostError as error:
            log.info("typing could not be shown", why=str(error))
