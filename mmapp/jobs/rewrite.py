"""An answer that is written anew: the old one stays, in the posts and in the database, until the new one has succeeded.

Meanwhile its last post shows Stop instead of More…: an edit of its props, of which nobody is notified.
`Message.rewriting` says what is to be seen there: "wanted" until the post says so, "shown" until it does no more.
"""

from __future__ import annotations

import structlog
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from llm.base import EmptyAnswer, Model, ModelError, Options
from mmapp import items
from mmapp.chat import history
from mmapp.chat.history import Exchange
from mmapp.chat.prompts import shorter
from mmapp.errors import Refused
from mmapp.jobs import before, compose, engines, notify, outcome, posts, queue
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.outcome import Kept
from mmapp.jobs.payload import Payload
from mmapp.jobs.waiting import ANSWERING
from mmapp.jobs.work import Work
from mmapp.mattermost.errors import MattermostError, Unreachable
from mmapp.models import OPEN, Conversation, Job, Message
from mmapp.texts import more as texts

log = structlog.get_logger()

EVERY = 1.0  # seconds
MOST = 20  # at a time
VARIED = Options(max_tokens=800, temperature=0.8)  # or the same model would say the same again
SHORT = Options(max_tokens=400, temperature=0.2)


def options(payload: Payload) -> Options:
    """How the model writes this time."""
    return SHORT if payload.rewrite == "shorter" else VARIED


def told(payload: Payload, request_id: str, exchanges: list[Exchange], question: str) -> tuple[list[Exchange], str]:
    """What was asked and answered before, and the question now: as it was then, so that the model has read all of it;
    for a shorter answer, the old one and the wish for less."""
    ids = [exchange.id for exchange in exchanges]
    if request_id not in ids:
        raise Refused(texts.no_answer())  # deleted meanwhile
    until = ids.index(request_id)
    if payload.rewrite == "shorter":
        return exchanges[: until + 1], shorter()
    return exchanges[:until], question


def answered(worker: Worker, claimed: Claim, model: Model, work: Work) -> None:
    """The new answer takes the place of the old one. Raises EmptyAnswer where nothing of it can be seen."""
    if work.blank:
        raise EmptyAnswer
    if not work.finish or work.finish.reason != "stop":
        keep(worker, claimed, texts.unfinished())
        return
    raw = work.marks.strike(work.words)
    with worker.database.read() as session:
        question = session.get_one(Message, claimed.request_id)
        heard = history.heard(session, session.get_one(Conversation, question.conversation_id))
    provenance = compose.provenance(worker, claimed.payload, model.name, work, heard)
    text = compose.text(worker, question, raw, provenance, "")
    if replace(worker, claimed, Kept(raw, text, provenance, work.read_until, whole=True)):
        with worker.database.write() as session:
            engines.worked(session, model.name, work.finish)


def replace(worker: Worker, claimed: Claim, kept: Kept) -> bool:
    """Put a new answer into the place of the old one: the end of the job. False where the old one stays."""
    if why := _not_better(worker, claimed, kept.raw.strip()):
        keep(worker, claimed, why)
        return False
    with worker.database.write() as session:
        question = session.get_one(Message, claimed.request_id)
        if question.deleted or session.scalar(select(Job.stop).where(Job.id == claimed.id).with_for_update()):
            queue.finish(session, claimed, "cancelled")
            return False
        _replace(session, claimed, kept)
        queue.finish(session, claimed)
        return True


def _not_better(worker: Worker, claimed: Claim, new: str) -> str:
    """Why the old answer stays though the model has written; empty where it need not. The same words again would look
    as if nothing had been done."""
    with worker.database.read() as session:
        old = session.scalar(select(Message.raw).where(Message.question_id == claimed.request_id)) or ""
    if claimed.payload.rewrite == "shorter" and len(new) >= len(old.strip()):
        return texts.no_shorter()
    return texts.the_same() if new == old.strip() else ""


def stopped(worker: Worker, claimed: Claim, _work: Work) -> None:
    """A person stopped it, and sees that it has ended under the old answer."""
    with worker.database.write() as session:
        queue.finish(session, claimed, "cancelled")


def failed(worker: Worker, claimed: Claim, model: str, error: ModelError, work: Work) -> None:
    """The model could not go on: one more try where that may help, then a sentence."""
    if outcome.tried_again(worker, claimed, model, error, work):
        return
    keep(worker, claimed, texts.empty() if isinstance(error, EmptyAnswer) else texts.failed())


def cannot_go_on(worker: Worker, claimed: Claim, _work: Work) -> None:
    """The model goes on from no words. Nobody has seen these: it begins anew."""
    queue.retry(worker.database, claimed, 0.0, words="", excused=True)


def keep(worker: Worker, claimed: Claim, why: str) -> None:
    """Leave the old answer where it is, and say why: the end of the job."""
    with worker.database.write() as session:
        notify.refuse(session, claimed, why)
        queue.finish(session, claimed, "failed")


def _replace(session: Session, claimed: Claim, kept: Kept) -> None:
    answer = session.scalars(select(Message).where(Message.question_id == claimed.request_id)).one()
    was = before.of(session, claimed, answer)
    told = {"raw": kept.raw, "text": kept.text, "provenance": kept.provenance, "manner": claimed.payload.manner_told}
    for name in before.TOLD:
        setattr(answer, name, told[name])
    if claimed.payload.digest:
        items.keep(session, claimed.request_id, kept.items)
    payload = claimed.payload.but(
        answer_id=answer.id, seen=kept.seen, before=was, take=claimed.payload.take or claimed.id
    )
    key = f"post:{answer.id}:{claimed.id}"
    queue.enqueue(session, "post", "post", payload, request_id=claimed.request_id, dedupe_key=key)


def show(worker: Worker) -> None:
    """Bring the posts of answers that are being written anew, or are no more, to where they are; each bot its own."""
    for bot in worker.bots.accepted():
        _show(worker.as_bot(bot.name))


def _show(worker: Worker) -> None:
    question = aliased(Message)
    busy = exists().where(Job.request_id == Message.question_id, Job.kind.in_(ANSWERING), Job.state.in_(OPEN))
    with worker.database.read() as session:
        due = (Message.rewriting == "wanted") | ((Message.rewriting == "shown") & ~busy)
        mine = (question.bot == worker.bot, Message.rewriting != "", ~Message.deleted, due)
        answers = select(Message, busy).join(question, question.id == Message.question_id)
        found = list(session.execute(answers.where(*mine).limit(MOST)))
    for answer, underway in found:
        try:
            _settle(worker, answer, underway=underway)
        except MattermostError as error:
            log.info("a rewriting could not be shown", why=str(error))
            if error.is_general:
                return  # later
            if not error.own or isinstance(error, Unreachable):
                continue  # this one later: it must not keep the others
            _note(worker, answer, "")  # gone, or not to be edited: nothing is to be shown there


def _settle(worker: Worker, answer: Message, *, underway: bool) -> None:
    """An end that comes meanwhile, or the new answer itself, is not overwritten: then the button is put back."""
    if answer.rewriting == "shown" or underway:
        _patch(worker, answer, underway=underway)
    if not _note(worker, answer, "shown" if underway else "") and underway:
        _patch(worker, answer, underway=False)


def _note(worker: Worker, answer: Message, now: str) -> bool:
    """False where somebody else has gone on meanwhile."""
    as_read = (Message.id == answer.id, Message.rewriting == answer.rewriting)
    with worker.database.write() as session:
        return session.scalar(update(Message).where(*as_read).values(rewriting=now).returning(Message.id)) is not None


def _patch(worker: Worker, answer: Message, *, underway: bool) -> None:
    request_id = answer.question_id or ""
    made = posts.carrying(worker, request_id)
    if not made:
        return
    with worker.database.read() as session:
        asker = session.get_one(Message, request_id).person_name
        answer = session.get_one(Message, answer.id)
    last = compose.main_part(answer, max(made))
    props = (
        compose.props_rewriting(worker, answer, asker, last)
        if underway
        else compose.props(worker, answer, asker, last, main=True)
    )
    worker.client.patch_post(made[last], props=props)
