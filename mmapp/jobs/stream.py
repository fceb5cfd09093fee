"""Showing an answer while it is being written: one post, made with its first sentence and edited ever more seldom.

Notifications go out when a post is created, with the words that it has then, and never when it is edited (measured on
5.37 and 11.6): so there is no placeholder, and one creation an answer. What is shown was saved before, and ours.
"""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType
from typing import Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from mmapp.errors import LeaseLost
from mmapp.jobs import compose, posts, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.work import Work
from mmapp.mattermost import render
from mmapp.mattermost.errors import BadRequest, Forbidden, MattermostError, NotFound, RateLimited

log = structlog.get_logger()

# Seconds after the post was made; the last words are one more. Each edit is a revision in Mattermost's database, and
# past the fold of a long post nobody sees them.
EDITS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610)
TICK = 0.1  # seconds between two looks whether it is time
PATIENCE = 4.0  # seconds after the first word; then what there is will do
LONGEST = 160  # characters that a first sentence may have
WITHIN = 5.0  # seconds for one request, less where a lease is short; twice as much of it must be left
REFUSALS = (BadRequest, Forbidden, NotFound)

_SENTENCE = re.compile(r"[.!?…][\"'”’)*_]*(?=\s)|[。！？]|\n")
_NUMBER = re.compile(r"\W*\w{0,3}[.)]")  # "1." and "e." are no sentences
_HELD_BACK = re.compile(r"(?:\[[^\]\n]{0,40}|\d+)$")  # may become a delimiter, which is nobody's business


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence, "" where there is none yet."""
    for end in _SENTENCE.finditer(text):
        sentence = text[: end.end()]
        if not _NUMBER.fullmatch(sentence.strip()) and not render.is_blank(sentence):
            return sentence
    return text if len(text) >= LONGEST else ""


def _quiet(claimed: Claim) -> float:
    """Seconds from its claim in which an attempt before may still be writing to Mattermost."""
    return (claimed.quiet_until - claimed.started_at).total_seconds() if claimed.quiet_until else 0.0


class Stream:
    """One answer's post while the answer is written, by a thread of its own: no server that is slow delays the model.

    It ends with its block, whatever is under way; the last words are the delivery's. Where something was sent and
    nobody knows whether it arrived, `work.unsure` is set.
    """

    def __init__(self, worker: Worker, claimed: Claim, lease: Lease, work: Work, question: str) -> None:
        self._worker, self._claimed, self._lease, self._work = worker, claimed, lease, work
        self._question = question
        self._within = min(WITHIN, worker.settings.lease_seconds / 6)
        self._post_id = ""
        self._shown = ""
        self._begun = self._made = 0.0  # time.monotonic()
        self._not_before = time.monotonic() + _quiet(claimed)
        self._edits = 0
        self._asked = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"stream-{claimed.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(TICK):
                if (words := self._due()) and not (self._ready() and self._show(words)):
                    return
        except LeaseLost:
            return  # the model's own thread meets it as well
        except SQLAlchemyError as error:
            log.warning("an answer is not shown further: the database did not take it", exc_info=error)
        except MattermostError as error:
            self._work.unsure = True
            log.info("an answer is not shown further", why=str(error))

    def _ready(self) -> bool:
        """The first time: may posts be edited here, and has an attempt before shown something to go on with?"""
        if self._asked:
            return True
        self._asked = True
        if not self._worker.edits.allowed(self._worker.client):
            return False
        made = posts.carrying(self._worker, self._claimed.request_id)
        if not made and self._claimed.attempts > 1:
            made = posts.found(self._worker, self._claimed)
        if 0 in made:
            self._remember(made[0])
        return True

    def _due(self) -> str:
        """The words to show now, "" where it is not time."""
        now = time.monotonic()
        words = self._visible(self._lease.words)
        if not words or now < self._not_before:
            return ""
        self._begun = self._begun or now
        if self._post_id:
            return words if self._edits < len(EDITS) and now - self._made >= EDITS[self._edits] else ""
        return first_sentence(words) or (words if now - self._begun >= PATIENCE else "")

    def _visible(self, words: str) -> str:
        found = self._work.marks.strike(_HELD_BACK.sub("", words))
        return "" if render.is_blank(found) else found

    def _show(self, words: str) -> bool:
        """Show them. False where nothing more can be shown before the answer is whole."""
        self._lease.save()  # what people have seen must not be lost
        if self._lease.left < 2 * self._within:
            return True
        text = compose.so_far(self._worker, self._claimed.payload, self._question, words, self._work.people)
        try:
            if not self._post_id:
                self._create(text)
            elif text != self._shown:
                self._edit(text)
        except RateLimited as error:
            self._not_before = time.monotonic() + error.wait
        except REFUSALS as error:
            if not error.own:
                raise
            self._refused(error)
            return False
        return True

    def _create(self, text: str) -> None:
        props = compose.props_so_far(self._worker, self._claimed.request_id)
        post_id = posts.create(self._worker, self._claimed, self._lease, 0, text, props, within=self._within)
        self._shown = text
        try:
            self._remember(post_id)
        except SQLAlchemyError:
            self._work.unsure = True  # the delivery looks for it
            raise

    def _remember(self, post_id: str) -> None:
        self._post_id, self._made = post_id, time.monotonic()
        with self._worker.database.write() as session:
            queue.require_ours(session, self._claimed)
            posts.remember(session, self._claimed, {0: post_id}, posts.GROWS)

    def _edit(self, text: str) -> None:
        self._edits = sum(time.monotonic() - self._made >= second for second in EDITS)  # a late one is not made up for
        try:
            self._worker.client.patch_post(self._post_id, message=text, once=True, within=self._within)
        except RateLimited:
            raise
        except MattermostError as error:
            if error.own and isinstance(error, REFUSALS):
                raise
            self._work.unsure = True  # it may arrive later than the next one; the delivery waits and reads back
            log.info("an edit got lost; the next one holds its words", why=str(error))
        else:
            self._shown = text

    def _refused(self, error: MattermostError) -> None:
        """The place takes no posts, the post takes no edits, or somebody has deleted it: then the answer is stopped."""
        log.info("an answer is not shown further", why=str(error))
        if not self._post_id:
            return
        try:
            self._worker.client.post(self._post_id)
        except NotFound as gone:
            if not gone.own:
                raise
            with self._worker.database.write() as session:
                queue.stop(session, self._claimed.request_id)
        else:
            self._worker.edits.refused()
