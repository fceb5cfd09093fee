"""What a summary is kept as: its text, and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mmapp.chat import files
from mmapp.chat.prompts import SUMMARY_VERSION
from mmapp.chat.source import to_json
from mmapp.chat.summary import Summary
from mmapp.db import clock
from mmapp.jobs import compose, digested, minutes, seen
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.making import Making
from mmapp.jobs.minutes import Links, Read, Shown
from mmapp.jobs.outcome import Kept
from mmapp.jobs.payload import Payload
from mmapp.jobs.work import Receipt
from mmapp.mattermost import render
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.models import Message
from mmapp.texts import model as model_texts
from mmapp.texts import summarize as texts
from mmapp.texts.plain import label

NAMED = 1000  # members of a channel whose names are looked for: a call a hundred
_WORD = re.compile(r"[^\W_]+")


def kept(worker: Worker, claimed: Claim, model: str, made: Making, cut: str) -> Kept:
    """As far as it came; `cut` says why not further. Asks Mattermost for channels, and a digest for what it tells again: no
    transaction may be open."""
    payload, summary, found = claimed.payload, made.summary, made.read
    with worker.database.read() as session:
        now, question = clock(session), session.get_one(Message, claimed.request_id)
    begun = summary.posts_begun  # once: it looks at each post
    told = Read([post for post in found.posts if post.post_id in begun], found.of)
    read, seconds = _receipt(told, summary), claimed.spent(now)
    stood_in = compose.stood_in(worker, payload)
    title, links = worker.title(model), _links(worker, claimed, summary)
    foot = [*_foot(title, payload, summary, cut), *found.notes, *map(model_texts.stands_in, stood_in.values())]
    foot += [texts.in_part(read.cut)] if read.cut else []
    if payload.digest:
        shown = digested.shown(worker, claimed, summary, told, read, links, [title, *foot])
    else:
        shown = _summary(summary, told, read, links, texts.foot(title, seconds, foot), now)
    authors = frozenset(post.person_id for post in found.posts) | shown.authors
    origin = compose.read_from(payload, authors)
    return Kept(
        raw=shown.raw,
        text=_below_question(payload, question, shown.text),
        provenance=compose.known_of(
            worker, model, SUMMARY_VERSION, read, _names(worker, payload, shown.text, authors), origin
        )
        | {"seconds": round(seconds, 2), **_tokens(summary)}
        | {"summary": _made(payload, summary, shown.when) | {"cut": bool(cut)}}
        | shown.known
        | stood_in,
        read_until=_told_until(payload, summary, max(post.at for post in made.posts.values())),
        whole=not cut,
        items=shown.items,
        seen=seen.to_json(made.posts),
    )


def _names(worker: Worker, payload: Payload, text: str, authors: Collection[str]) -> list[str]:
    """Words that must notify nobody, should it be created whole: the names of those whose posts it is from, and of a digest in a
    channel also of members who are only talked about."""
    told = set(_WORD.findall(text.casefold()))
    members = _members(worker, payload.to_channel) if payload.digest and not payload.direct else []
    names = worker.people.notifying(members)
    spoken_of = {name for name in names if not told.isdisjoint(_WORD.findall(name.casefold()))}
    return sorted(worker.people.notifying(authors) | spoken_of)


def _members(worker: Worker, channel_id: str) -> list[str]:
    """Nobody where the bot may not look there any more: then it posts nothing there either."""
    try:
        return [one.user_id for one in worker.client.all_members(channel_id, most=NAMED)]
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return []


def _receipt(told: Read, summary: Summary) -> Receipt:
    own = {post.post_id for post in told.posts if not files.file_of(post)}
    return Receipt(len(own & summary.posts_read), told.of, cut=len(own - summary.posts_read))


def _summary(summary: Summary, told: Read, read: Receipt, links: Links, foot: str, now: datetime) -> Shown:
    zone, notes = summary.brief.zone, summary.root
    when = told.when(zone, now.astimezone(ZoneInfo(zone)))
    receipt = texts.receipt(read.read, read.of, when, told.people)
    return Shown(minutes.text(notes, summary.brief.kind, receipt, links, foot), minutes.plain(notes), when)


def _below_question(payload: Payload, question: Message, text: str) -> str:
    """What a command asked for nobody else has seen: where others read the summary, it says so. Nobody types a digest."""
    alone = payload.direct or payload.to_channel != payload.channel_id
    if question.post_id or alone or payload.digest:
        return text
    return f"{render.quote_question(question.person_name, question.text)}\n\n{text}"


def _foot(title: str, payload: Payload, summary: Summary, cut: str) -> list[str]:
    """What else is to be known of it. A digest is short: how many citations hold it tells where few do."""
    notes = summary.root
    unchecked = sum(line.support == "unchecked" for line in notes.all_lines)
    given, found = notes.cited + notes.removed, sum(len(line.posts) for line in notes.all_lines if not line.author)
    told = [cut] if cut else []
    if notes.quoted and summary.model is not None:
        told.append(texts.floor(title))
    elif given and not notes.quoted and not payload.digest:
        told.append(texts.checked(notes.held, given, notes.mended))
    elif found and not notes.quoted and not payload.digest:
        told.append(texts.found_afterwards(found))
    return told + ([texts.unchecked(unchecked)] if unchecked else [])


def _tokens(summary: Summary) -> dict[str, int]:
    return {name: sum(getattr(one, name) for one in summary.finishes) for name in ("read", "reused", "written")}


def _told_until(payload: Payload, summary: Summary, until: int) -> int:
    """The rest of a digest that was broken off is the next one's to tell, and not that of what is made from this one. A summary
    has no next one."""
    return summary.told_until(until) if payload.digest else until


def _made(payload: Payload, summary: Summary, when: str) -> dict[str, Any]:
    """What its headline and its card tell besides; how long it is, for a shorter one; and the sources that it has read, which
    questions that follow read too."""
    return {
        "when": when,
        "kind": summary.brief.kind,
        "length": summary.brief.length,
        "read": to_json(replace(one, until=_told_until(payload, summary, one.until)) for one in payload.sources),
        "parts": summary.parts,
        "quoted": summary.quoted_parts,
        "removed": summary.removed,
    }


def _links(worker: Worker, claimed: Claim, summary: Summary) -> Links:
    """Links only into channels that every reader has joined: who follows one into another joins it, for all to see.

    In a direct message that is the asker; elsewhere the audience guard has seen to it (scope.py, readers.py).
    """
    payload = claimed.payload
    channels = {source.channel_id for source in payload.sources}
    joined = {one for one in channels if one == payload.to_channel or _has_joined(worker, one, payload.person_id)}
    names = {one: label(worker.client.channel(one).display_name) for one in channels - joined}
    posts = {post.post_id: post for post in summary.posts}
    return Links(worker.settings.mattermost_url, payload.team_name, posts, joined, names, {})


def _has_joined(worker: Worker, channel_id: str, person_id: str) -> bool:
    try:
        return worker.client.member(channel_id, person_id) is not None
    except (Forbidden, NotFound) as error:
        if not error.own:
            raise
        return False
