"""Done… under a digest: what of it is open, to be ticked off by whoever may read it there; judged at the click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import dialogs, items
from mmapp.chat import when
from mmapp.commands import done
from mmapp.db import clock
from mmapp.dialogs import Dialog, Element, Filled
from mmapp.errors import Refused
from mmapp.mattermost.incoming import ActionClick
from mmapp.models import AnswerPost, Conversation, Digest, DigestItem, DigestRun, Message
from mmapp.texts import digest_post as texts
from mmapp.texts import help as help_texts
from mmapp.texts import trust
from mmapp.web import rights
from mmapp.web.edge import edge

MOST = 10  # boxes


@dataclass(frozen=True)
class _Seen:
    """A digest, as far as its dialog depends on it: what is open, in the order in which it is told, `now` where it is read."""

    question: Message
    conversation: Conversation
    items: list[DigestItem]
    now: datetime


def dialog(click: ActionClick, request_id: str) -> Dialog:
    """What opens for this click. Raises Refused where the digest is gone, the button is not under it, or this person may not
    read it, and NotAsked where that is not known."""
    with edge().database.read() as session:
        if session.scalar(select(AnswerPost.request_id).where(AnswerPost.post_id == click.post_id)) != request_id:
            raise Refused(trust.stale_button())
        seen = _look(session, request_id)
    shown = _for(seen, click.user_id)
    if not shown:
        return Dialog("box", texts.done_title(), texts.nothing_open(), submit=help_texts.box_close())
    introduction = texts.introduction(len(shown) - MOST if len(shown) > MOST else 0)
    boxes = tuple(_box(one, seen.now) for one in shown[:MOST])
    return Dialog("done", texts.done_title(), introduction, boxes, submit=texts.submit(), subject=request_id)


def submitted(filled: Filled) -> None:
    """Close what was ticked, as far as it is open still. Raises Refused where it was sent already, this person may not any
    more, or some of it was closed before: the rest is closed then all the same."""
    request_id, person_id = filled.opened.subject, filled.opened.person_id
    with edge().database.read() as session:
        seen = _look(session, request_id)
    ticked = filled.ticked()
    if not ticked:
        raise Refused(texts.nothing_ticked(), words="")
    wanted = {one.id for one in _for(seen, person_id)} & set(ticked)
    with edge().database.write() as session:
        filled.spend(session)
        closed = done.close(session, wanted, person_id, under=request_id)
    if len(closed) < len(ticked):
        raise Refused(texts.closed_before(len(closed), len(ticked) - len(closed)), words="")


def _look(session: Session, request_id: str) -> _Seen:
    question, run = session.get(Message, request_id), session.get(DigestRun, request_id)
    if question is None or question.deleted or run is None or question.conversation_id is None:
        raise Refused(texts.no_digest(), words="")
    zone = when.zone(session.get_one(Digest, run.digest_id).zone)  # it may have another name by now
    conversation = session.get_one(Conversation, question.conversation_id)
    now = clock(session).astimezone(zone)
    return _Seen(question, conversation, items.in_turn(items.open_of(session, run.digest_id), now), now)


def _for(seen: _Seen, person_id: str) -> Sequence[DigestItem]:
    """What is open of what this person may read. Raises Refused where that is not the digest itself."""
    bot, where = seen.conversation.bot, seen.conversation.channel_id
    if seen.conversation.person_id not in ("", person_id) or not rights.may_read(bot, where, person_id):
        raise Refused(texts.not_a_reader(), words="")
    channels = {one.channel_id for one in seen.items}
    readable = {channel_id for channel_id in channels if rights.may_read(bot, channel_id, person_id)}
    return [one for one in seen.items if one.channel_id in readable]


def _box(item: DigestItem, now: datetime) -> Element:
    words = item.words if len(item.words) <= dialogs.MAX_HELP else item.words[: dialogs.MAX_HELP - 1].rstrip() + "…"
    return dialogs.tick(item.id, texts.label(item.section, items.days_since(item.post_at, now)), words, on=False)
