"""Telling somebody who waits for a summary how far it is: alone, seldom, and lossy. Whoever has gone on is not called back."""

from __future__ import annotations

import structlog

from mmapp import buttons
from mmapp.buttons import Button
from mmapp.db import clock
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.mattermost import messages
from mmapp.mattermost.errors import MattermostError
from mmapp.signing import Signer
from mmapp.texts import stop as stop_texts
from mmapp.texts import summarize as texts
from mmapp.texts.plain import begun_by

log = structlog.get_logger()

# Seconds after the question. A response_url takes five messages in 30 minutes; a dialog's first word and a note are two.
TIMES = (15.0, 60.0, 240.0)


def progress(worker: Worker, claimed: Claim, done: int, of: int, seconds: float | None) -> None:
    """Say it where it was asked for by a command, if it is time, and not where it is almost there."""
    payload = claimed.payload
    if not payload.response_url or done >= of or not _is_time(worker, claimed):
        return
    text = begun_by(worker.bot, texts.progress(done, of, seconds))
    stop = Button(stop_texts.button(), "stop", claimed.request_id, style="danger")
    row = buttons.row(worker.settings, Signer(worker.settings.secret_key.get_secret_value()), stop)
    try:
        worker.client.respond(payload.response_url, messages.ephemeral(text, attachments=[row]))
    except MattermostError as error:
        log.info("who waits could not be told how far it is", why=str(error))


def _is_time(worker: Worker, claimed: Claim) -> bool:
    """Whether one of TIMES has come since it was told last, which it is now."""
    with worker.database.read() as session:
        age = clock(session).timestamp() - claimed.payload.asked_at / 1000
    said = worker.told.get(claimed.request_id, 0.0)
    if not any(said < moment <= age for moment in TIMES):
        return False
    worker.told[claimed.request_id] = age
    while len(worker.told) > 100:
        worker.told.pop(next(iter(worker.told)))
    return True
