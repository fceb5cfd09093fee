"""A question's place: how long it will take, what is in front of it, and what its asker reads meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mmapp import choice, direct
from mmapp.choice import Spot
from mmapp.commands.invocation import Invocation
from mmapp.jobs import fairness
from mmapp.jobs.fairness import Request, Standing
from mmapp.models import Conversation, ModelRecord
from mmapp.texts import ask as texts

LINKED = re.compile(r"[a-z0-9]{26}(?=\W*$)")  # the post that a permalink ends with, or its id alone
SOON = 3.0  # an answer expected within so many seconds needs no place in the queue: nothing is said
USUAL_ANSWER = 150.0  # tokens, until this model has answered here
USUAL_THREAD = 1000  # tokens of a thread that nobody has asked about yet
CHARACTERS_A_TOKEN = 3.5


def unread(session: Session, invocation: Invocation, flags: dict[str, str]) -> int:
    """Tokens of a thread that are still to be read, guessed: nothing was fetched yet. One that was asked about is known."""
    named = LINKED.search(flags.get("thread", ""))
    root_id = named[0] if named else invocation.root_id
    if not root_id:
        return 0
    here = (Conversation.channel_id == invocation.channel_id, Conversation.root_id == root_id)
    begun = select(Conversation.id).where(Conversation.bot == invocation.bot, *here)
    return 0 if session.scalar(begun.limit(1)) else USUAL_THREAD


def spot(session: Session, invocation: Invocation, thread: str) -> tuple[Spot, bool]:
    """Where a question belongs, and whether that is known: a `thread` that it names is looked up later. By then a link may have
    led to a reply in one for which something is set, and in a direct message to one that is the message's own."""
    named = LINKED.search(thread)
    if named is None:
        return invocation.spot, True
    key, chosen = choice.thread_key(invocation.channel_id, named[0]), choice.threads(session)
    return replace(invocation.spot, bot="", thread=key), key in chosen or not (chosen or invocation.in_direct_message)


def is_quotable(session: Session, invocation: Invocation, *, thread: str = "", private: bool = False) -> bool:
    """Whether there is something to quote where it is asked: a thread, typed in or named, the post that asks, with its files,
    or a summary in the direct message that it belongs to."""
    if invocation.root_id or thread:
        return True
    alone = private or invocation.in_direct_message
    return alone and direct.has_summary(session, invocation.bot, invocation.person_id)


def estimate(record: ModelRecord | None, words: str, unread_tokens: int) -> float | None:
    """Seconds of the model; None where it was never measured here."""
    if record is None or not record.prefill or not record.decode:
        return None
    reading = (len(words) / CHARACTERS_A_TOKEN + unread_tokens) / record.prefill
    return reading + (record.answer_tokens or USUAL_ANSWER) / record.decode


def rivals(mine: Request, others: list[Request], records: dict[str, ModelRecord]) -> list[Request]:
    """What may be answered before this: requests to models of the same lane, and of any lane the answer that is written for the
    same person, who has one at a time."""
    lane = _lane(mine.model, records)
    return [
        each for each in others if _lane(each.model, records) == lane or (each.running and each.person == mine.person)
    ]


def _lane(model: str, records: dict[str, ModelRecord]) -> str:
    """The lane that serves a model: those that only quote have one, an endpoint has its own, all others share the processor."""
    engine = records[model].engine if model in records else ""
    return f"{engine}:{model}" if engine == "openai" else "light" if engine == "extractive" else "processor"


def before(mine: Request, others: list[Request], used: Mapping[str, float], at_a_time: int) -> Standing:
    """What stands before a request among its rivals, where its model writes so many answers at a time: how many of them end
    before its turn comes, and in how many seconds."""
    line = fairness.standing(mine, others, used)
    own = [each.estimate for each in others if each.running and each.person == mine.person]
    waits = line.ahead >= at_a_time
    ahead = line.ahead - at_a_time + 1 if waits else len(own[:1])
    return Standing(ahead, max([line.seconds / at_a_time if waits else 0.0, *own]))


def told(
    record: ModelRecord | None, before: Standing, seconds: float | None, warm_models: list[list[str]], comes: str = ""
) -> str:
    """What the asker reads at once; nothing where the answer will be there as soon, unless it `comes` elsewhere.
    `warm_models` of each living worker."""
    instant = record is not None and record.engine == "extractive"
    warm = instant or any(record is not None and record.name in loaded for loaded in warm_models)
    seconds = 0.0 if instant else seconds
    if not comes and warm_models and warm and before.ahead == 0 and seconds is not None and seconds < SOON:
        return ""
    if seconds is not None:
        seconds += before.seconds + (0 if warm or record is None else record.load_seconds)
    title = record.title if record else texts.default_model()
    loading = bool(warm_models) and not warm
    return texts.acknowledged(before.ahead, seconds, title, loading=loading, worker=bool(warm_models), comes=comes)
