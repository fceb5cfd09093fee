""" "ai is typing…" wherever an answer is waited for: it shows for 5 s and notifies nobody."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from mmapp.jobs import queue
from mmapp.jobs.base import Worker
from mmapp.mattermost.errors import MattermostError
from mmapp.models import AnswerPost, Job

log = structlog.get_logger()

EVERY = 4.0  # seconds; the server's clients show it for 5.0


def announce(worker: Worker) -> None:
    """Say it once in every place. A sign of life that gets lost is no loss: the next one comes."""
    with worker.database.read() as session:
        shown = select(AnswerPost.request_id)  # where words are seen already, more of them need no announcement
        waiting = [queue.payload_of(job) for job in queue.running(session, Job.request_id.not_in(shown))]
    for channel_id, root_id in dict.fromkeys((each.to_channel, each.to_root) for each in waiting if each.to_channel):
        try:
            worker.client.typing(worker.bot_id, channel_id, root_id)
        except MattermostError as error:
            log.info("typing could not be shown", why=str(error))
