"""`/ai on [--public …]` and `/ai off`: whether models may be asked in a channel, and for whom the bot posts there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import access
from mmapp.commands.invocation import Invocation, Reply
from mmapp.commands.parse import take_flags
from mmapp.db import clock
from mmapp.errors import Refused
from mmapp.jobs import queue, waiting
from mmapp.models import OPEN, Job, Message
from mmapp.texts import access as texts

FLAGS = {"public": True}


def on(invocation: Invocation) -> Reply:
    """The worker asks whether this person is an admin of the channel."""
    words, flags = take_flags(invocation.parsed.words, FLAGS)
    public = flags.get("public", "").casefold()
    if public and public not in access.PUBLIC:
        raise Refused(texts.unknown_public(flags["public"]))
    return _switch(invocation, "on", words, public)


def off(invocation: Invocation) -> Reply:
    """The worker asks whether this person is an admin of the channel."""
    return _switch(invocation, "off", invocation.parsed.words, "")


def _switch(invocation: Invocation, verb: str, words: str, public: str) -> Reply:
    if words:
        raise Refused(texts.no_more_words(verb))
    if invocation.in_direct_message or invocation.in_group_message:
        raise Refused(texts.channels_alone())
    with invocation.database.write() as session:
        if waiting.is_known(session, invocation.heard_key):
            return Reply()
        _require_none_open(session, invocation)
        return _enqueued(session, invocation, verb, public)


def _require_none_open(session: Session, invocation: Invocation) -> None:
    """One switch of a person's in a channel at a time, with each bot: more of them say nothing new. Raises Refused."""
    here = (Job.person_id == invocation.person_id, Job.channel_id == invocation.channel_id)
    switches = select(Job.id).join(Message, Message.id == Job.request_id)
    mine = switches.where(*here, Job.kind.in_(("on", "off")), Job.state.in_(OPEN), Message.bot == invocation.bot)
    if session.scalar(mine.limit(1)) is not None:
        raise Refused(texts.still_switching())


def _enqueued(session: Session, invocation: Invocation, verb: str, public: str) -> Reply:
    now = clock(session)
    request = invocation.request(now, "")
    session.add(request)
    session.flush()
    payload = invocation.payload(now, verb=verb, flags=f"--public {public}" if public else "", public=public)
    queue.enqueue(session, verb, "admit", payload, request_id=request.id, dedupe_key=invocation.heard_key, now=now)
    told = texts.switching(verb, worker=bool(waiting.warm_models(session, now)))
    return Reply("" if invocation.post_id else told)
