"""Delivery: an answer becomes posts, each exactly once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import update

from mmapp.chat import permalink
from mmapp.errors import Refused
from mmapp.jobs import compose, digests, late, notify, outcome, overdue, posts, queue, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.mattermost.errors import BadRequest, Forbidden, MattermostError, NotFound, TooLarge, Unreachable
from mmapp.models import Message, PersonSettings
from mmapp.texts import ask as texts

log = structlog.get_logger()

THUMBS = ("+1", "-1")
REFUSALS = (BadRequest, TooLarge, Forbidden, NotFound)
MENDED = 3  # attempts in which a post that reads otherwise is put right; then somebody else insists


def run(worker: Worker, claimed: Claim, lease: Lease) -> None:
    """Post what is missing of an answer, and finish what was shown of it while it was written.

    Raises Refused, a MattermostError or LeaseLost.
    """
    if claimed.payload.makes_digest and not _mark(worker, claimed):
        return
    with worker.database.read() as session:
        answer = session.get_one(Message, claimed.payload.answer_id)
        question = session.get_one(Message, claimed.request_id)
    if question.deleted:
        with worker.database.write() as session:
            queue.finish(session, claimed, "cancelled")
        return
    if _ends_before(worker, claimed, question, answer):
        return
    wanted = compose.pieces(worker, answer)
    delivery = _Delivery(worker, claimed, lease, answer, question.person_name, len(wanted))
    try:
        done = delivery.deliver(wanted)
    except _Deleted:
        log.info("somebody deleted the answer while it was written", request=claimed.request_id, job=claimed.id)
        with worker.database.write() as session:
            queue.finish(session, claimed)
        return
    except _TooWide:
        if claimed.payload.makes_digest:
            digests.refused(worker, claimed, Refused(sought.too_wide_now(claimed.payload)), outcome.unread)
            return
        with worker.database.write() as session:
            outcome.too_wide(session, claimed)
        return
    except _Nowhere:
        if claimed.payload.makes_digest:
            digests.refused(worker, claimed, Refused(texts.delivered_here("")), outcome.unread)
            return
        with worker.database.write() as session:
            outcome.undelivered(session, claimed, texts.delivered_here)
            outcome.give_up(session, worker, claimed, "", "failed")
        return
    _read_back(worker, claimed, wanted, done)
    delivery.remember(done)
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
    since it was made, which ends its delivery."""
    begun = bool(posts.known(worker, claimed.request_id))
    with worker.database.write() as session:
        if not begun and digests.is_called_off(session, claimed):
            digests.ended(session, claimed.request_id, "stopped")
            outcome.unread(session, claimed)
            return False
        if not begun:
            digests.mark(session, claimed)
    return True


def _ends_before(worker: Worker, claimed: Claim, question: Message, answer: Message) -> bool:
    """Whether it is not posted after all: it waited, and meanwhile what it was made from has changed, or what it tells again,
    or a right was lost."""
    try:
        changed = overdue.must_be_made_again(worker, claimed, question, answer)
        stale = not changed and overdue.tells_what_is_gone(worker, claimed, answer)
    except Refused as error:
        _withhold(worker, claimed, error)
        return True
    if changed or stale:
        overdue.make_again(worker, claimed, anew=changed)
    return changed or stale


def _withhold(worker: Worker, claimed: Claim, error: Refused) -> None:
    """A headline that stands already goes, and its person is told why."""
    made = posts.known(worker, claimed.request_id) | posts.found(worker, claimed)
    for post_id in made.values():
        posts.deleted(worker, post_id)
    if claimed.payload.makes_digest:
        digests.refused(worker, claimed, error, outcome.unread)
        return
    with worker.database.write() as session:
        notify.refuse(session, claimed, error.sentence)
        outcome.unread(session, claimed)


class _Deleted(Exception):
    """The post that showed the answer while it was written is gone: what somebody deleted is not made again."""


class _TooWide(Exception):
    """By now somebody reads there who may not read what it is made from."""


class _Nowhere(Exception):
    """The place takes no posts, in no form."""


@dataclass
class _Delivery:
    """One answer on its way into posts. `claimed` says where to; `anew`: parts whose post another takes the place of."""

    worker: Worker
    claimed: Claim
    lease: Lease
    answer: Message
    asker: str
    parts: int
    anew: set[int] = field(default_factory=set)

    def deliver(self, wanted: list[str]) -> dict[int, str]:
        """Make or finish every post; their ids by part."""
        rows = posts.every(self.worker, self.claimed.request_id)
        for row in rows:
            self._gave_up(row.part, row.post_id, row.state)
        shown = {row.part: row.post_id for row in rows if not row.state}
        made = {}
        if self.claimed.attempts > 1 or self.claimed.payload.unsure:
            made = posts.found(self.worker, self.claimed)
        done: dict[int, str] = {}
        for part, message in enumerate(wanted):
            post_id = shown.get(part) or made.get(part)
            done[part] = self._finish(part, message, post_id, part in shown) if post_id else self._make(part, message)
            if compose.is_digest(self.answer):
                self._go_on_below(done[0])
        for part in shown.keys() - done.keys():  # an answer that was written anew is shorter
            self._give_up(part, shown[part])
        return done

    def _go_on_below(self, post_id: str) -> None:
        """What is left of a digest stands in the thread of its post, and so does what is asked about it."""
        root_id = self.claimed.payload.to_root or post_id
        self.claimed = replace(self.claimed, payload=self.claimed.payload.but(to_root=root_id))

    def remember(self, done: dict[int, str]) -> None:
        """As soon as they are there for certain: people press what they see."""
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            session.execute(update(Message).where(Message.id == self.answer.id).values(rewriting=""))
            posts.remember(session, self.claimed, done)

    def clear(self) -> None:
        """Delete the posts that others have taken the place of. What cannot be, the next delivery or `delete` meets again."""
        for row in posts.every(self.worker, self.claimed.request_id) if self.anew else ():
            if row.state != posts.GOES or posts.has_replies(self.worker, row.post_id):
                continue
            if posts.deleted(self.worker, row.post_id):
                posts.forget(self.worker, row.post_id)

    def _give_up(self, part: int, post_id: str) -> None:
        """Nobody's reply is deleted with it: where there are some it stays, and the answer goes on among them."""
        state = posts.STAYS if posts.has_replies(self.worker, post_id) else posts.GOES
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            posts.mark(session, self.claimed, part, post_id, state)
        self._gave_up(part, post_id, state)

    def _gave_up(self, part: int, post_id: str, state: str) -> None:
        if state:
            self.anew.add(part)
        if state == posts.STAYS:
            self.claimed = replace(self.claimed, payload=self.claimed.payload.but(to_root=post_id))

    def _make(self, part: int, message: str) -> str:
        if part == 0 and not self.anew:
            self._require_audience()
        # Mattermost remembers what it was asked to make for a while, and would answer with the post that is given up.
        key = f":{self.claimed.id}" if part in self.anew or self.claimed.payload.rewrite else ""
        # A telephone rings with the words of the creation: of a summary those are its headline, and an edit fills it.
        headline = compose.headline(self.answer, part)
        if headline and not self.worker.edits.allowed(self.worker.client):
            headline = ""
        post_id = self._carded(part, partial(self._create, part, headline or message, key))
        if post_id is None:
            raise _Nowhere
        return self._finish(part, message, post_id, shown=False) if headline else post_id

    def _require_audience(self) -> None:
        """A delivery may have waited for long, and people join."""
        if not sought.may_be_told(self.worker, self.claimed.payload, self.answer.provenance["sources"]):
            raise _TooWide

    def _create(self, part: int, message: str, key: str, props: dict[str, Any]) -> str:
        return posts.create(self.worker, self.claimed, self.lease, part, message, props, key=key)

    def _finish(self, part: int, message: str, post_id: str, shown: bool) -> str:
        """The last words of a post that is there; the id of the post that has them now."""
        if self.claimed.attempts > 1 and self._reads(post_id, message, shown):
            return post_id  # the attempt before came so far; an edit without a change would only leave a revision

        def edit(props: dict[str, Any]) -> str:
            self.lease.check()
            return self.worker.client.patch_post(post_id, message=message, props=props).id

        if (edited := self._carded(part, edit)) is not None:
            return edited
        self._reads(post_id, message, shown)
        self.worker.edits.refused()
        self._give_up(part, post_id)
        return self._make(part, message)

    def _carded(self, part: int, send: Callable[[dict[str, Any]], str]) -> str | None:
        """Send it; its card is left out where the server takes it so alone (props and bodies have limits of their own).

        None where the server takes it in no way.
        """
        for carded in (True, False):
            try:
                main = part == compose.main_part(self.answer, self.parts - 1)
                return send(compose.props(self.worker, self.answer, self.asker, part, main=main, carded=carded))
            except REFUSALS as error:
                if not error.own:
                    raise
                log.warning("a post was refused", request=self.claimed.request_id, why=str(error), carded=carded)
        return None

    def _reads(self, post_id: str, message: str, shown: bool) -> bool:
        """Whether a post says this already. Raises _Deleted where it was `shown` before and is gone."""
        try:
            return _same(self.worker.client.post(post_id).message, message)
        except NotFound as error:
            if shown and error.own:
                raise _Deleted from None
            raise


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


def _same(read: str, wanted: str) -> bool:
    return read.rstrip() == wanted.rstrip()


def _read_back(worker: Worker, claimed: Claim, wanted: list[str], done: dict[int, str]) -> None:
    """A post that cannot be read was lost, whatever the answer to its creation said: the next attempt makes it again.

    Once: what is gone again was deleted, by a person or a filter. And one that reads otherwise, because an earlier edit
    came late, is put right.
    """
    try:
        late = [
            post_id for part, post_id in done.items() if not _same(worker.client.post(post_id).message, wanted[part])
        ]
    except NotFound as error:
        log.warning("a post is gone right after it was made", request=claimed.request_id)
        if claimed.attempts == 1 or not error.own:
            raise Unreachable(error.what, path=error.path) from None
        return
    if late and claimed.attempts < MENDED:
        raise Unreachable("a post does not read as it was written", path="/posts/{post_id}")
