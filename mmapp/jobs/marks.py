"""The hourglass under a post that asks: taken away as soon as nothing of its request is left to do."""

from __future__ import annotations

import structlog
from sqlalchemy import exists, select, update

from mmapp.jobs.base import Worker
from mmapp.mattermost.errors import MattermostError, Unauthorized
from mmapp.models import OPEN, Job, Message

log = structlog.get_logger()

EMOJI = "hourglass_flowing_sand"
EVERY = 1.0  # seconds
MOST = 20  # at a time


def take_away(worker: Worker) -> None:
    """Wherever a request has ended, however it did: a worker that died over it has left nobody else to do it.

    Each bot its own: those of one that Mattermost does not accept wait for it, and keep no other's.
    """
    for bot in worker.bots.accepted():
        _take_away(worker.as_bot(bot.name))


def _take_away(worker: Worker) -> None:
    busy = exists().where(Job.request_id == Message.id, Job.state.in_(OPEN), Job.kind != "notify")
    mine = (Message.marked, Message.bot == worker.bot, ~busy)
    with worker.database.read() as session:
        ended = list(session.execute(select(Message.id, Message.post_id).where(*mine).limit(MOST)))
    for message_id, post_id in ended:
        try:
            worker.client.remove_reaction(worker.bot_id, post_id, EMOJI)
        except MattermostError as error:
            log.info("an hourglass could not be taken away", why=str(error))
            if not error.own or isinstance(error, Unauthorized):
                return  # the server is down, or refuses the bot: later
        with worker.database.write() as session:
            session.execute(update(Message).where(Message.id == message_id).values(marked=False))
