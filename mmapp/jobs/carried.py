"""What earlier digests told and is not done: each time that it is to be told again, its message is looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mmapp import items
from mmapp.chat.brief import ONLY
from mmapp.chat.notes import Line
from mmapp.chat.privacy import Privacy
from mmapp.jobs.base import Worker
from mmapp.jobs.payload import Payload
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.mattermost.payloads import Post, Reaction
from mmapp.models import DigestItem, DigestRun

MOST = 23  # told at once: three in the post, and what fits well into one reply
COUNTED = 60  # days; what is older is told as a number alone

State = Literal["stands", "gone", "hidden"]


@dataclass(frozen=True)
class Carried:
    """`standing` are told again, the oldest first, and `more` are open besides, and counted. `done` need not be told, and `own`
    this digest has told first itself, before it was written anew."""

    standing: list[DigestItem]
    more: list[DigestItem]
    done: list[DigestItem]
    own: list[DigestItem]


def gathered(worker: Worker, payload: Payload, run: DigestRun, kind: str, now: datetime) -> Carried:
    """Of the channels that are read now: rights to these have just been asked for. What is gone is kept no longer, and what
    bears a tick is done. `now` is where its reader is. Raises a MattermostError; no transaction may be open."""
    with worker.database.read() as session:
        told = items.of(session, run)
        privacy = Privacy.of(session)
    own = [one for one in told if one.request_id == run.request_id]
    done = [one for one in told if one.done_at and one.request_id != run.request_id]
    channels, section = {source.channel_id for source in payload.sources}, ONLY.get(kind, "")
    waiting = [one for one in told if not one.done_at and one.request_id != run.request_id]
    waiting = [one for one in waiting if one.channel_id in channels and section in ("", one.section)]
    counted = [one for one in waiting if items.days_since(one.post_at, now) > COUNTED]
    waiting = [one for one in items.in_turn(waiting, now) if one not in counted]
    standing: list[DigestItem] = []
    for place, one in enumerate(waiting):
        if len(standing) == MOST:
            return Carried(_by_age(standing), [*waiting[place:], *counted], done, own)
        if not _has_twin(one, standing, done) and _still_open(worker, one, privacy):
            standing.append(one)
    return Carried(_by_age(standing), counted, done, own)


def _by_age(standing: list[DigestItem]) -> list[DigestItem]:
    return sorted(standing, key=lambda one: (one.post_at, one.id))


def is_same(item: DigestItem, words: str, posts: Collection[str]) -> bool:
    """Whether something is what this item is: the same message says it, or it is said in the same words."""
    return item.post_id in posts or _bare(item.words) == _bare(words)


def is_known(line: Line, posts: Collection[str], carried: Carried) -> bool:
    """Whether a new line tells what is told again already, or was done: the old words stay, as people know them, and tick
    them off. What is said anew in another message is new."""
    again = any(is_same(item, line.text, posts) for item in (*carried.standing, *carried.more))
    return again or any(item.post_id in posts for item in carried.done)


def is_stale(worker: Worker, told: Collection[str]) -> bool:
    """Whether one of these items stands there no more as it is told. Raises a MattermostError."""
    with worker.database.read() as session:
        found = [one for one in (session.get(DigestItem, item_id) for item_id in told) if one]
        privacy = Privacy.of(session)
    return len(found) < len(told) or any(_look(worker, one, privacy)[0] != "stands" for one in found)


def _has_twin(item: DigestItem, standing: list[DigestItem], done: list[DigestItem]) -> bool:
    """Whether another digest has told the same: two that were made at once know nothing of each other."""
    twins = [one for one in done if one.post_id == item.post_id]
    twins += [one for one in standing if is_same(one, item.words, [item.post_id])]
    return any(one.request_id != item.request_id for one in twins)


def _still_open(worker: Worker, item: DigestItem, privacy: Privacy) -> bool:
    state, post = _look(worker, item, privacy)
    tick = _tick(worker, post) if post else None
    if state == "gone":
        with worker.database.write() as session:
            items.drop(session, [item.id])
    elif tick:
        with worker.database.write() as session:
            items.close(session, [item.id], tick.user_id, tick.emoji_name)
    return state == "stands" and not tick


def _look(worker: Worker, item: DigestItem, privacy: Privacy) -> tuple[State, Post | None]:
    """Gone: deleted, edited, or of somebody who does not want to be read; hidden: not to be seen for now."""
    if item.person_id in privacy.people:
        return "gone", None
    if item.channel_id in privacy.channels:
        return "hidden", None
    try:
        post = worker.client.post(item.post_id)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return "gone" if isinstance(error, NotFound) else "hidden", None
    if post.delete_at or post.edit_at != item.edited_at:
        return "gone", None
    return "stands", post


def _tick(worker: Worker, post: Post) -> Reaction | None:
    """By a member: on v11 whoever may read a public channel may react there. By no bot."""
    try:
        found = [one for one in worker.client.reactions(post.id) if worker.settings.does("done", one.emoji_name)]
        return next((one for one in found if _is_a_member_s(worker, post.channel_id, one)), None)
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return None


def _is_a_member_s(worker: Worker, channel_id: str, reaction: Reaction) -> bool:
    is_bot = worker.client.user(reaction.user_id).is_bot
    return not is_bot and worker.client.member(channel_id, reaction.user_id) is not None


def _bare(words: str) -> str:
    return " ".join(words.casefold().split()).strip(" .!?…")
