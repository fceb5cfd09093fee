"""Delivery: an answer becomes posts, each exactly once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import update

from mmapp.chat import permalink
from mmapp.errors import Refused, Unposted
from mmapp.jobs import compose, digests, erase, late, outcome, overdue, posts, queue, withheld
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
    if claimed.attempts > 1 or claimed.payload.unsure:
        posts.recall(worker, claimed)  # also of what was deleted: whoever deletes it must know all that was
    if question.deleted:
        outcome.cancelled(worker, claimed)
        return
    wanted = compose.pieces(worker, answer)
    delivery = _Delivery(worker, claimed, lease, answer, question.person_name, len(wanted))
    if _ends_before(delivery):
        return
    try:
        done = delivery.deliver(wanted)
    except _Deleted:
        log.info("somebody deleted the answer while it was written", request=claimed.request_id, job=claimed.id)
        with worker.database.write() as session:
            queue.finish(session, claimed)
            if not claimed.payload.rewrite:  # its posts are remembered, and the listener hears of them
                erase.everywhere(session, claimed)
        return
    except _Nowhere:
        if claimed.payload.makes_digest:
            digests.refused(worker, claimed, Unposted(texts.undeliverable()), outcome.unread)
            return
        with worker.database.write() as session:
            outcome.undelivered(session, claimed, texts.undeliverable(), "failed")
        return
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
    since it was made, which ends its delivery."""
    begun = bool(posts.carrying(worker, claimed.request_id))
    with worker.database.write() as session:
        if not begun and digests.is_called_off(session, claimed):
            digests.ended(session, claimed.request_id, "stopped")
            outcome.unread(session, claimed)
            return False
        if not begun:
            digests.mark(session, claimed)
    return True


def _ends_before(delivery: _Delivery) -> bool:
    """Whether it is not posted after all: meanwhile what it was made from has changed, or what it
    tells again, or it may not be told any more."""
    worker, claimed = delivery.worker, delivery.claimed
    try:
        changed = () if delivery.stands else overdue.changed(worker, claimed, delivery.answer)
        stale = not changed and overdue.tells_what_is_gone(worker, claimed, delivery.answer)
    except Refused as error:
        _put_back(delivery)
        withheld.withhold(worker, claimed, error)
        return True
    if changed or stale:
        _put_back(delivery)
        withheld.make_again(worker, claimed, changed)
    return bool(changed) or stale


def _put_back(delivery: _Delivery) -> None:
    """Where a new answer may stand in the posts of an old one already, they read again as they did."""
    if not (before := delivery.claimed.payload.before) or delivery.claimed.attempts == 1:
        return
    old = Message(question_id=delivery.answer.question_id, **before["answer"])
    wanted = compose.pieces(delivery.worker, old)
    earlier = replace(delivery, answer=old, parts=len(wanted))
    with suppress(_Deleted, _Nowhere):
        earlier.deliver(wanted)
        earlier.clear()


class _Deleted(Exception):
    """A post that was made for the answer is gone: what somebody deleted is not made again."""


class _Nowhere(Exception):
    """The place takes no posts, in no form."""


@dataclass
class _Delivery:
    """One answer on its way into posts. `claimed` says where to; `anew`: parts whose post another takes the place of; `made`:
    the posts that were made in this attempt, and their parts."""

    worker: Worker
    claimed: Claim
    lease: Lease
    answer: Message
    asker: str
    parts: int
    anew: set[int] = field(default_factory=set)
    made: dict[str, int] = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        """Whether all of its words stand there already: an attempt before came so far."""
        whole = posts.whole(self.worker, self.claimed.request_id)
        return not self.claimed.payload.rewrite and whole >= set(range(self.parts))

    def deliver(self, wanted: list[str]) -> dict[int, str]:
        """Make or finish every post; their ids by part."""
        rows = posts.every(self.worker, self.claimed.request_id)
        for row in rows:
            self._gave_up(row.part, row.post_id, row.state)
        begun = {row.part: row.post_id for row in rows if row.state in (posts.BEGUN, posts.GROWS)}
        shown = {row.part: row.post_id for row in rows if not row.state}
        there, done = begun | shown, {}
        for part, message in enumerate(wanted):
            post_id = there.get(part)
            done[part] = self._finish(part, message, post_id) if post_id else self._make(part, message)
            if shown.get(part) != done[part]:
                self._note({part: done[part]})
            if compose.is_digest(self.answer):
                self._go_on_below(done[0])
        for part in there.keys() - done.keys():  # an answer that was written anew is shorter
            self._give_up(part, there[part])
        return done

    def _go_on_below(self, post_id: str) -> None:
        """What is left of a digest stands in the thread of its post, and so does what is asked about it."""
        root_id = self.claimed.payload.to_root or post_id
        self.claimed = replace(self.claimed, payload=self.claimed.payload.but(to_root=root_id))

    def settle(self) -> None:
        """All of them are there for certain: nothing of an old answer is shown any more."""
        if not self.claimed.payload.rewrite:
            return
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            session.execute(update(Message).where(Message.id == self.answer.id).values(rewriting=""))

    def _note(self, carrying: dict[int, str]) -> None:
        """Words stand there: people press what they see, and no later attempt is the first to show them."""
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            posts.remember(session, self.claimed, carrying)

    def lost(self, post_id: str) -> bool:
        """Whether a post that is gone was lost, and not deleted: it was made just now, and is to be made anew. Once: what is
        gone again was deleted, by a person or a filter."""
        if self.claimed.attempts > 1 or post_id not in self.made:
            return False
        self._give_up(self.made[post_id], post_id)
        return True

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
        if state in (posts.GOES, posts.STAYS, posts.TOLD):
            self.anew.add(part)
        if state == posts.STAYS:
            self.claimed = replace(self.claimed, payload=self.claimed.payload.but(to_root=post_id))

    def _make(self, part: int, message: str) -> str:
        # Mattermost remembers what it was asked to make for a while, and would answer with the post that is given up.
        key = f":{self.claimed.id}" if part in self.anew or self.claimed.payload.rewrite else ""
        # A telephone rings with the words of the creation: of a summary those are its headline, and an edit fills it.
        headline = compose.headline(self.answer, part)
        if headline and not self.worker.edits.allowed(self.worker.client):
            headline = ""
        send = partial(self._begin, part, headline, key) if headline else partial(self._create, part, message, key)
        post_id = self._carded(part, send)
        if post_id is None:
            raise _Nowhere
        self.made[post_id] = part
        return self._finish(part, message, post_id) if headline else post_id

    def _create(self, part: int, message: str, key: str, props: dict[str, Any]) -> str:
        return posts.create(self.worker, self.claimed, self.lease, part, message, props, key=key)

    def _begin(self, part: int, headline: str, key: str, _props: dict[str, Any]) -> str:
        """Nothing can be done yet with what it stands above; if that never comes, it goes (begun.py)."""
        bare = compose.props_bare(self.worker, self.claimed.request_id, part)
        post_id = self._create(part, headline, key, bare)
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            posts.mark(session, self.claimed, part, post_id, posts.BEGUN)
        return post_id

    def _finish(self, part: int, message: str, post_id: str) -> str:
        """The last words of a post that is there; the id of the post that has them now."""
        if self.claimed.attempts > 1 and self._reads(post_id, message):
            return post_id  # the attempt before came so far; an edit without a change would only leave a revision

        def edit(props: dict[str, Any]) -> str:
            self.lease.check()
            return self.worker.client.patch_post(post_id, message=message, props=props).id

        if (edited := self._carded(part, edit)) is not None:
            return edited
        self._reads(post_id, message)
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

    def _reads(self, post_id: str, message: str) -> bool:
        """Whether a post says this already. Raises _Deleted where it is gone."""
        try:
            return _same(self.worker.client.post(post_id).message, message)
        except NotFound as error:
            if not error.own:
                raise
            if self.lost(post_id):
                raise Unreachable(error.what, path=error.path) from None
            raise _Deleted from None


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


def _read_back(delivery: _Delivery, wanted: list[str], done: dict[int, str]) -> None:
    """A post that cannot be read was lost, whatever the answer to its creation said: the next attempt makes it again. And one
    that reads otherwise, because an earlier edit came late, is put right."""
    client, attempts, late = delivery.worker.client, delivery.claimed.attempts, False
    for part, post_id in done.items():
        try:
            late = not _same(client.post(post_id).message, wanted[part]) or late
        except NotFound as error:
            log.warning("a post is gone right after it was made", request=delivery.claimed.request_id)
            delivery.lost(post_id)
            if attempts == 1 or not error.own:
                raise Unreachable(error.what, path=error.path) from None
            return
    if late and attempts < MENDED:
        raise Unreachable("a post does not read as it was written", path="/posts/{post_id}")
