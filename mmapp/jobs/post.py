"""Delivery: an answer becomes posts, each exactly once, whatever happens in between."""

from __future__ import annotations

import structlog

from mmapp.chat import permalink
from mmapp.errors import Refused, Unposted
from mmapp.jobs import compose, digests, erase, late, outcome, overdue, posts, queue, withheld
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.posting import Deleted, Delivery, Nowhere, put_back, same
from mmapp.mattermost.errors import Forbidden, MattermostError, NotFound, Unreachable
from mmapp.models import Message, PersonSettings
from mmapp.texts import ask as texts

log = structlog.get_logger()

THUMBS = ("+1", "-1")
MENDED = 3  # attempts in which a post that reads otherwise is put right; then somebody else insists


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Post what is missing of an answer, and finish what was shown of it while it was written.

    Raises Refused, a MattermostError or LeaseLost.
    """
    if claimed.payload.makes_digest and not _mark(worker, claimed):
        outcome.cancelled(worker, claimed)
        return
    with worker.database.read() as session:
        answer = session.get_one(Message, claimed.payload.answer_id)
        question = session.get_one(Message, claimed.request_id)
    if question.deleted:
        outcome.cancelled(worker, claimed)
        return
    wanted = compose.pieces(worker, answer)
    delivery = Delivery(worker, claimed, lease, answer, question.person_name, len(wanted))
    try:
        if (done := _delivered(delivery, wanted)) is None:
            return
    except Deleted:
        log.info("somebody deleted the answer while it was written", request=claimed.request_id, job=claimed.id)
        with worker.database.write() as session:
            queue.finish(session, claimed)
            if not claimed.payload.rewrite:  # its posts are remembered, and the listener hears of them
                erase.everywhere(session, claimed)
        return
    except Nowhere:
        if not delivery.stands:
            _end_nowhere(worker, claimed)
            return
        done = posts.carrying(worker, claimed.request_id)  # an attempt before came so far
    _read_back(delivery, wanted, done)
    delivery.settle()
    delivery.clear()
    _thumbs(worker, claimed, done[compose.main_part(answer, len(wanted) - 1)])
    with worker.database.write() as session:
        late.note(session, claimed, permalink.link(worker.settings.mattermost_url, claimed.payload.team_name, done[0]))
        if claimed.payload.makes_digest:
            digests.posted(session, claimed)
        queue.finish(session, claimed)
    log.info("posted", request=claimed.request_id, job=claimed.id, posts=len(done))


def _mark(worker: Worker, claimed: Claim) -> bool:
    """Have a digest say that it is late, where it is; what stands there already stays as it is. False where it was called off
    since it was made, which ends its run."""
    if _has_begun(worker, claimed):
        return True
    with worker.database.write() as session:
        if digests.is_called_off(session, claimed):
            digests.ended(session, claimed.request_id, "stopped")
            return False
        digests.mark(session, claimed)
    return True


def _has_begun(worker: Worker, claimed: Claim) -> bool:
    """Whether words of it stand there, also where what told so was lost: the answer to their creation, or to their edit."""
    if posts.carrying(worker, claimed.request_id):
        return True
    with worker.database.read() as session:
        answer = session.get_one(Message, claimed.payload.answer_id)
    if answer.deleted or not _may_be_there(claimed):
        return False
    wanted = compose.pieces(worker, answer)
    try:
        posts.recall(worker, claimed)
        begun = [row for row in posts.every(worker, claimed.request_id) if row.state == posts.BEGUN]
        there = [(row.part, worker.client.post(row.post_id).message) for row in begun if row.part < len(wanted)]
        return any(same(message, wanted[part]) for part, message in there)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False  # the last look finds the same (_delivered)


def _may_be_there(claimed: Claim) -> bool:
    """Whether an attempt before may have made posts that nobody could remember."""
    return claimed.attempts > 1 or claimed.payload.unsure


def _end_nowhere(worker: Worker, claimed: Claim) -> None:
    if claimed.payload.makes_digest:
        digests.refused(worker, claimed, Unposted(texts.undeliverable()), outcome.unread)
        return
    with worker.database.write() as session:
        outcome.undelivered(session, claimed, texts.undeliverable(), "failed")


def _delivered(delivery: Delivery, wanted: list[str]) -> dict[int, str] | None:
    """Its posts by part, None where it ends before them. Raises Deleted, and Nowhere also where the bot may not even look."""
    worker, claimed = delivery.worker, delivery.claimed
    try:
        if _may_be_there(claimed):
            posts.recall(worker, claimed)
        if _ends_before(delivery):
            return None
        done = delivery.deliver(wanted)
        delivery.count(len(wanted))
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        log.warning("the place of an answer cannot be looked into", request=claimed.request_id, why=str(error))
        raise Nowhere from None
    return done


def _ends_before(delivery: Delivery) -> bool:
    """Whether it is not posted after all: meanwhile what it was made from has changed, or what it
    tells again, or it may not be told any more. What stands there whole stays, where no old answer can come back."""
    worker, claimed = delivery.worker, delivery.claimed
    if not claimed.payload.rewrite and delivery.stands:
        return False
    try:
        changed = overdue.changed(worker, claimed, delivery.answer)
        stale = not changed and overdue.tells_what_is_gone(worker, claimed, delivery.answer)
    except Refused as error:
        if claimed.attempts > 1:
            put_back(delivery)
        withheld.withhold(worker, claimed, error)
        return True
    if changed or stale:
        if claimed.attempts > 1:
            put_back(delivery)
        withheld.make_again(worker, claimed, changed)
    return bool(changed) or stale


def _thumbs(worker: Worker, claimed: Claim, post_id: str) -> None:
    """👍 and 👎, one click each, where the asker wants them. Ones that are lost are no loss: people can add their own."""
    with worker.database.read() as session:
        if claimed.payload.rewrite or not PersonSettings.of(session, claimed.payload.person_id).thumbs:
            return
    try:
        for emoji in THUMBS:
            worker.client.add_reaction(worker.bot_id, post_id, emoji)
    except MattermostError as error:
        log.info("thumbs could not be put under an answer", why=str(error))


def _read_back(delivery: Delivery, wanted: list[str], done: dict[int, str]) -> None:
    """A post that is not there was lost, whatever the answer to its creation said: the next attempt makes it again. And one that
    reads otherwise, because an earlier edit came late, is put right. Where the bot may not look any more, Mattermost's word on
    what it has taken holds."""
    client, attempts, late = delivery.worker.client, delivery.claimed.attempts, False
    for part, post_id in done.items():
        try:
            late = not same(client.post(post_id).message, wanted[part]) or late
        except NotFound as error:
            log.warning("a post is gone right after it was made", request=delivery.claimed.request_id)
            delivery.lost(post_id)
            if attempts == 1 or not error.own:
                raise Unreachable(error.what, path=error.path) from None
            return
        except MattermostError as error:
            if error.passes:
                raise
            log.warning("a post cannot be read back", request=delivery.claimed.request_id, why=str(error))
            return
    if late and attempts < MENDED:
        raise Unreachable("a post does not read as it was written", path="/posts/{post_id}")
