"""Conversations and what was asked and answered in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from mmapp import direct as direct_messages
from mmapp.chat import delivery
from mmapp.chat.source import Origin, Source, from_json
from mmapp.choice import PERSON
from mmapp.db import clock
from mmapp.models import AnswerPost, Conversation, Message


@dataclass(frozen=True)
class Chosen:
    """What an answer's prompt held where not everything fitted into it.

    `posts` stood behind what the prompt before held. Or `anew`, and nothing of that before was kept: they stood first,
    and behind them the exchanges from the one with the id `since` (none where that is empty).
    """

    posts: frozenset[str]
    anew: bool = False
    since: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it stands in an answer's provenance."""
        return {"posts": sorted(self.posts), "anew": self.anew, "since": self.since}


@dataclass(frozen=True)
class Exchange:
    """A question and its answer, as the model met them. `read_until` is its place among the posts (ms).

    `chosen` is None where it had read every post until then. `id` is the question's, `post_id` the post that asked it;
    `manner` stood with it, and stays in place, or nothing behind it would be known any more: but for others, what somebody has
    set for themselves. `origin`: what the answer was made from.
    """

    question: str
    asker: str
    answer: str
    read_until: int
    id: str = ""
    chosen: Chosen | None = None
    post_id: str = ""
    manner: str = ""
    origin: Origin = Origin()  # noqa: RUF009 - frozen


def going_on(session: Session, bot: str, channel_id: str, root_id: str, person_id: str = "") -> Conversation:
    """The conversation that what is asked in this thread goes on with, or begins: the shared one, or the person's own."""
    found = continued(session, bot, root_id, person_id) if root_id else None
    return found or private(session, bot, channel_id, root_id, person_id)


def shared(session: Session, bot: str, channel_id: str, root_id: str) -> Conversation:
    """The conversation of all who may read this thread; a new one for a question outside threads."""
    found = find(session, bot, channel_id, root_id) if root_id else None
    return found or _new(session, bot, channel_id, root_id, "")


def find(session: Session, bot: str, channel_id: str, root_id: str) -> Conversation | None:
    """The shared conversation of this thread, where one has begun."""
    return session.scalar(_at(bot, channel_id, root_id, ""))


def private(session: Session, bot: str, channel_id: str, root_id: str, person_id: str) -> Conversation:
    """This person's own conversation over the same posts: nothing of it ever enters the shared one."""
    found = session.scalar(_at(bot, channel_id, root_id, person_id)) if root_id else None
    return found or _new(session, bot, channel_id, root_id, person_id)


def direct(session: Session, bot: str, channel_id: str, person_id: str) -> Conversation:
    """The conversation in the person's direct message with the bot, outside threads."""
    return direct_messages.going_on(session, bot, person_id) or _new(session, bot, channel_id, "", person_id)


def continued(session: Session, bot: str, post_id: str, person_id: str = "") -> Conversation | None:
    """The conversation that has an answer, or the rest of one, in this post: a question under it goes on with it.

    The shared one, or the person's own; each bot goes on with its own alone.
    """
    return session.scalar(
        select(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .join(AnswerPost, AnswerPost.request_id == Message.id)
        .where(AnswerPost.post_id == post_id, Conversation.bot == bot, Conversation.person_id == person_id)
    )


def sources(session: Session, conversation: Conversation) -> tuple[Source, ...]:
    """What a question in it reads: its thread, and what its summaries have read."""
    thread = [Source(conversation.channel_id, conversation.root_id)] if conversation.root_id else []
    return tuple(dict.fromkeys([*thread, *_summed_up(session, conversation)]))


def read_with(session: Session, conversation: Conversation, thread: Sequence[Source]) -> tuple[Source, ...]:
    """What a question in a channel's `thread` reads: it, and what summaries that stand there have read."""
    everybody_s = find(session, conversation.bot, conversation.channel_id, conversation.root_id)
    begun = [each for each in (everybody_s, conversation) if each is not None]
    return tuple(dict.fromkeys([*thread, *_summed_up(session, *begun)]))


def _summed_up(session: Session, *conversations: Conversation) -> list[Source]:
    """What the summaries have read that stand there now: one that is deleted, that never came to be, or that still waits to be
    told, gives nothing to read."""
    here = Message.conversation_id.in_([each.id for each in conversations])
    stands = (Message.role == "answer", ~Message.deleted, ~delivery.waits(session, Message))
    answers = select(Message.provenance).where(here, *stands)
    found = session.scalars(answers.order_by(Message.created_at, Message.id))
    return [source for each in found if "summary" in each for source in from_json(each["summary"]["read"])]


def heard(session: Session, conversation: Conversation) -> Origin:
    """What all was made from that was answered here so far; no word is decrypted for it. Also what waits to be told: it may
    have stood in a prompt before that."""
    here = select(Message.provenance).join(Conversation, Conversation.id == Message.conversation_id)
    answers = here.where(_belongs_to(conversation), Message.role == "answer", ~Message.deleted)
    return Origin.joined(map(Origin.of, session.scalars(answers)))


def exchanges(
    session: Session,
    conversation: Conversation,
    person_id: str = "",
    instead: Mapping[str, Message] = MappingProxyType({}),
) -> list[Exchange]:
    """What was asked and answered here, in the order of the answers, as it is told with a question of this person's. Errors,
    empty answers and what waits to be told never enter. `instead`: answers by their question's id that stand there, of those
    that were written anew.

    To a private conversation belongs what was answered publicly in the same thread, and never the other way round.
    """
    answer = aliased(Message)
    rows = session.execute(
        select(Message, answer)
        .join(answer, answer.question_id == Message.id)
        .join(Conversation, Conversation.id == answer.conversation_id)
        .where(_belongs_to(conversation), ~delivery.waits(session, answer))
        .order_by(answer.created_at, answer.id)
    )
    stands = [(question, answered, instead.get(question.id, answered)) for question, answered in rows]
    return [
        Exchange(
            question=question.text,
            asker=question.person_name,
            answer=told.raw,
            read_until=answered.read_until,
            id=question.id,
            chosen=_chosen(told),
            post_id=question.post_id,
            manner=_manner(question, told, person_id),
            origin=Origin.of(told.provenance),
        )
        for question, answered, told in stands
        if told.raw.strip()
    ]


def _manner(question: Message, answered: Message, person_id: str) -> str:
    """What somebody has set for themselves is told with nobody else's question: the model would know it."""
    own = PERSON in answered.provenance.get("manner", {}).values()
    return "" if own and question.person_id != person_id else answered.manner


def _chosen(answered: Message) -> Chosen | None:
    found = answered.provenance.get("chosen")
    return Chosen(frozenset(found["posts"]), found["anew"], found["since"]) if found else None


def _belongs_to(conversation: Conversation) -> ColumnElement[bool]:
    own = Conversation.id == conversation.id
    if not (conversation.person_id and conversation.root_id):
        return own
    same_thread = (
        Conversation.bot == conversation.bot,
        Conversation.channel_id == conversation.channel_id,
        Conversation.root_id == conversation.root_id,
    )
    return or_(own, and_(*same_thread, Conversation.person_id == ""))


def _at(bot: str, channel_id: str, root_id: str, person_id: str) -> Select[Conversation]:
    return select(Conversation).where(
        Conversation.bot == bot,
        Conversation.channel_id == channel_id,
        Conversation.root_id == root_id,
        Conversation.person_id == person_id,
    )


def _new(session: Session, bot: str, channel_id: str, root_id: str, person_id: str) -> Conversation:
    conversation = Conversation(
        bot=bot, channel_id=channel_id, root_id=root_id, person_id=person_id, created_at=clock(session)
    )
    session.add(conversation)
    session.flush()
    return conversation
