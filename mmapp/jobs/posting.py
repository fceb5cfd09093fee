"""One answer on its way into posts, in one attempt: made or finished, put into another's place, or given up for the old one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import update

from mmapp.jobs import compose, posts, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.mattermost.errors import BadRequest, Forbidden, NotFound, TooLarge, Unreachable
from mmapp.models import Message

log = structlog.get_logger()

REFUSALS = (BadRequest, TooLarge, Forbidden, NotFound)


def put_back(delivery: Delivery) -> None:
    """Where a new answer may stand in the posts of an old one already, they read again as they did."""
    if not (before := delivery.claimed.payload.before):
        return
    delivery.count(0)
    old = Message(question_id=delivery.answer.question_id, **before["answer"])
    wanted = compose.pieces(delivery.worker, old)
    again = replace(delivery.claimed, attempts=delivery.claimed.attempts + 1)  # what reads so already stays as it is
    earlier = replace(delivery, claimed=again, answer=old, parts=len(wanted), anew=set(), made={})
    with suppress(Deleted, Nowhere):
        earlier.take_back(wanted)
        earlier.deliver(wanted)
        earlier.clear()


class Deleted(Exception):
    """A post that was made for the answer is gone: what somebody deleted is not made again."""


class Nowhere(Exception):
    """The place takes no posts, in no form."""


@dataclass
class Delivery:
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
        """Whether all of its words stand there already: an attempt before came so far. The posts of what is written anew are
        whole from the beginning, with the old answer."""
        brought = not self.claimed.payload.rewrite or self.claimed.parts_done >= self.parts
        return brought and posts.whole(self.worker, self.claimed.request_id) >= set(range(self.parts))

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

    def count(self, brought: int) -> None:
        """Keep how many of the posts of what is written anew have its words: all of them, or none for certain."""
        if self.claimed.payload.rewrite:
            with self.worker.database.write() as session:
                queue.counted(session, self.claimed, self.parts, brought=brought)

    def take_back(self, wanted: list[str]) -> None:
        """Posts that were given up, and still read as is wanted, carry it: nothing better has come into their place."""
        rows = posts.every(self.worker, self.claimed.request_id)
        for row in rows:
            given_up = row.state in (posts.GOES, posts.STAYS) and row.part < len(wanted)
            if not given_up or not self._still_reads(row.post_id, wanted[row.part]):
                continue
            for other in rows:
                if other.part == row.part and other.state in posts.CARRYING:
                    self._give_up(other.part, other.post_id)
            self._note({row.part: row.post_id})

    def _go_on_below(self, post_id: str) -> None:
        """What is left of a digest stands in the thread of its post, and so does what is asked about it."""
        root_id = self.claimed.payload.to_root or post_id
        self.claimed = replace(self.claimed, payload=self.claimed.payload.but(to_root=root_id))

    def settle(self) -> None:
        """All of them are there for certain: nothing of an old answer is shown any more. Where Stop may have come under the new
        one since it stood there, it is taken away in its time (rewrite.show)."""
        if not self.claimed.payload.rewrite or self.claimed.attempts > 1:
            return
        as_read = (Message.id == self.answer.id, Message.rewriting == self.answer.rewriting)
        with self.worker.database.write() as session:
            queue.require_ours(session, self.claimed)
            session.execute(update(Message).where(*as_read).values(rewriting=""))

    def _note(self, carrying: dict[int, str]) -> None:
        """Words stand there: people press what they see, and no later attempt is the first to show them."""
        with self.worker.database.write() as session:
            queue.counted(session, self.claimed, self.parts)
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
            raise Nowhere
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

    def _still_reads(self, post_id: str, message: str) -> bool:
        """One that is gone was deleted in its turn."""
        try:
            return self._reads(post_id, message)
        except Deleted:
            return False

    def _reads(self, post_id: str, message: str) -> bool:
        """Whether a post says this already. Raises Deleted where it is gone, Nowhere where the bot cannot look any more."""
        try:
            return same(self.worker.client.post(post_id).message, message)
        except (Forbidden, NotFound) as error:
            if not error.own:
                raise
            if isinstance(error, Forbidden):
                raise Nowhere from None
            if self.lost(post_id):
                raise Unreachable(error.what, path=error.path) from None
            raise Deleted from None


def same(read: str, wanted: str) -> bool:
    """Whether a post reads as it was written."""
    return read.rstrip() == wanted.rstrip()
