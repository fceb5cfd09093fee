"""Admission: may this person ask this here, what is read for it, and where does the answer go. I/O lane, no model."""

from __future__ import annotations

from dataclasses import replace

import structlog
from sqlalchemy.orm import Session

from mmapp import choice
from mmapp.chat import history
from mmapp.chat.permalink import post_id_of
from mmapp.chat.source import Source
from mmapp.errors import NoModel, Refused
from mmapp.jobs import allowed, manner, marks, pointed, queue, scope, standin
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.payload import Payload
from mmapp.jobs.place import Place
from mmapp.mattermost import channel_names
from mmapp.mattermost.errors import MattermostError
from mmapp.mattermost.payloads import Member, Post
from mmapp.models import Conversation, Job, Message
from mmapp.texts import ask as texts
from mmapp.wanted import Wanted

log = structlog.get_logger()


def run(worker: Worker, claimed: Claim, _lease: Lease) -> None:
    """Admit one request: its answer is queued where the model's worker finds it. Raises Refused."""
    place = _found(worker, claimed.payload)
    _mark(worker, claimed.payload)
    let_in(worker, claimed, place)


def let_in(worker: Worker, claimed: Claim, place: Place) -> None:
    """Queue the answer of a request whose place was found, unless somebody has stopped it meanwhile. Raises NoModel."""
    payload = claimed.payload
    with worker.database.write() as session:
        job = session.get_one(Job, claimed.id)
        if job.stop:  # pressed while we asked Mattermost
            queue.finish(session, claimed, "cancelled")
            return
        question = session.get_one(Message, claimed.request_id)
        known = session.get(Conversation, question.conversation_id) if question.conversation_id else None
        conversation = known or _conversation(session, worker, payload, place)
        question.conversation_id = conversation.id
        admitted = payload.but(
            to_channel=place.to_channel,
            to_root=place.to_root,
            sources=_read(session, payload, place, conversation),
            direct=place.direct,
            wanted=place.wanted.to_json() if place.wanted else payload.wanted,
        )
        admitted = _chosen(session, worker, question, _spoken(session, worker, payload, admitted))
        queue.enqueue(
            session,
            "summarize" if payload.is_summary else "answer",
            queue.model_queue(admitted.model),
            admitted,
            request_id=claimed.request_id,
            dedupe_key=f"answer:{claimed.request_id}:{claimed.id}",
            class_=claimed.class_,
            run_at=job.created_at,  # admitted side by side, answered in the order in which they were asked
            estimate=job.estimate,
            thread=admitted.thread_read.root_id if admitted.thread_read else conversation.id,
        )
        if place.note:
            queue.tell(session, claimed.request_id, place.note)
        queue.finish(session, claimed)


def _spoken(session: Session, worker: Worker, asked: Payload, admitted: Payload) -> Payload:
    """A summary that was `asked` for in no language is written in what is set where it belongs; else in its reader's own."""
    typed = admitted.is_summary and not (admitted.makes_digest or admitted.rewrite)
    if not typed or Wanted.of(asked.wanted).language:
        return admitted
    language = choice.manner(session, standin.spot(worker, admitted)).language
    return admitted.but(wanted=admitted.wanted | {"language": language}) if language else admitted


def _chosen(session: Session, worker: Worker, question: Message, admitted: Payload) -> Payload:
    """With the model that answers and how it does, as it holds where the request belongs. Raises NoModel."""
    admitted = admitted.but(manner=manner.of(session, worker, admitted, question.id))
    if admitted.rewrite:
        return admitted
    chosen = standin.choose(session, worker, admitted, standin.channels_read(admitted))
    if chosen is None and (name := standin.unlisted(session, worker, admitted)):
        return admitted.but(model=name)
    if chosen is None:
        raise NoModel(standin.why_none(session, worker, admitted))
    return admitted.but(model=chosen.record.name, instead_of=chosen.instead_of)


def _read(session: Session, payload: Payload, place: Place, conversation: Conversation) -> tuple[Source, ...]:
    """What is read for it: as its place says, and for a question under a summary what that has read. Written anew, it is what
    was read then."""
    if payload.rewrite or place.wanted:
        return place.sources
    if not place.sources:
        return history.sources(session, conversation)
    return history.read_with(session, conversation, place.sources)


def _found(worker: Worker, payload: Payload) -> Place:
    if payload.rewrite:
        return _same_place(worker, payload)
    return scope.place(worker, payload) if payload.is_summary else _place(worker, payload)


def _mark(worker: Worker, payload: Payload) -> None:
    """An hourglass under the post that asks. One that is lost is no loss; marks.py takes it away."""
    if not payload.post_id or payload.rewrite:
        return
    try:
        worker.client.add_reaction(worker.bot_id, payload.post_id, marks.EMOJI)
    except MattermostError as error:
        log.info("a question could not be marked", why=str(error))


def _same_place(worker: Worker, payload: Payload) -> Place:
    """Where it was answered before, if that may still be: rights may have changed since."""
    allowed.require_place(worker, payload, joins=True)
    return Place(payload.to_channel, payload.to_root, payload.sources, direct=payload.direct)


def _place(worker: Worker, payload: Payload) -> Place:
    member = allowed.require_asker(worker, payload)
    if channel_names.is_direct_with(payload.channel_name, worker.bot_id):
        return _in_direct(worker, payload)
    return _with_the_bot(worker, payload, member) if member else _without_the_bot(worker, payload)


def _with_the_bot(worker: Worker, payload: Payload, member: Member) -> Place:
    """In a channel, or in a group message that the bot is part of."""
    thread = _thread(worker, payload)
    why = "" if payload.private else allowed.posts_for(worker, payload, member)
    if payload.private or why:
        return replace(_privately(worker, payload, thread), note=why)
    if thread is not None and thread.channel_id != payload.channel_id:
        raise Refused(texts.thread_elsewhere())
    return Place(payload.channel_id, thread.id if thread else "", _reads(thread))


def _in_direct(worker: Worker, payload: Payload) -> Place:
    thread = _thread(worker, payload)
    if thread is not None and thread.channel_id != payload.channel_id:
        return _privately(worker, payload, thread)
    return Place(payload.channel_id, thread.id if thread else "", direct=True)


def _privately(worker: Worker, payload: Payload, thread: Post | None) -> Place:
    channel = _direct_channel(worker, payload)
    if thread is None:
        return Place(channel, "", direct=True)
    allowed.require_on(worker, payload.but(to_channel=channel, sources=_reads(thread)))
    return Place(channel, "", _reads(thread))


def _reads(thread: Post | None) -> tuple[Source, ...]:
    return (Source(thread.channel_id, thread.id),) if thread else ()


def _without_the_bot(worker: Worker, payload: Payload) -> Place:
    thread = _thread(worker, payload) if payload.thread else None
    if thread is not None:
        return _privately(worker, payload, thread)
    return Place(_direct_channel(worker, payload), "", direct=True, note=texts.elsewhere(worker.bot))


def _direct_channel(worker: Worker, payload: Payload) -> str:
    return worker.client.direct_channel(worker.bot_id, payload.person_id).id


def _thread(worker: Worker, payload: Payload) -> Post | None:
    """The root post that the question is about, fetched and checked. Raises Refused."""
    if payload.thread:
        return _wanted_thread(worker, payload)
    if not payload.root_id:
        return None
    return pointed.root_here(worker, payload)


def _wanted_thread(worker: Worker, payload: Payload) -> Post:
    """The thread of a permalink or post id; a reply's is as good as the root's."""
    post_id = post_id_of(payload.thread, worker.settings.mattermost_url)
    post = pointed.post(worker, post_id)
    allowed.require_no_joining(worker, post.channel_id, payload.person_id)
    if post.channel_id != payload.channel_id and not pointed.may_read(worker, post.channel_id, payload.person_id):
        raise Refused(texts.no_such_thread())
    return pointed.post(worker, post.root_id) if post.root_id else post


def _conversation(session: Session, worker: Worker, payload: Payload, place: Place) -> Conversation:
    person = payload.person_id
    read = place.sources[0] if place.sources else None
    if place.direct and not (place.wanted or place.to_root):
        return history.direct(session, worker.bot, place.to_channel, person)
    if read and not place.wanted and place.to_channel != read.channel_id:
        return history.private(session, worker.bot, read.channel_id, read.root_id, person)
    own = place.direct or place.to_channel != payload.channel_id
    return history.going_on(session, worker.bot, place.to_channel, place.to_root, person if own else "")
