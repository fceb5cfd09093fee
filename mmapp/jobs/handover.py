"""What a summary is kept as: its text, and where it comes from."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from mmapp.chat import files
from mmapp.chat.notes import Notes
from mmapp.chat.prompts import SUMMARY_VERSION
from mmapp.chat.summary import Summary
from mmapp.db import clock
from mmapp.jobs import compose, minutes
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.minutes import Links, Read
from mmapp.jobs.outcome import Kept
from mmapp.mattermost.errors import Forbidden, NotFound
from mmapp.texts import summarize as texts
from mmapp.texts.plain import label


def kept(worker: Worker, claimed: Claim, model: str, summary: Summary, found: Read, cut: str) -> Kept:
    """As far as it came; `cut` says why not further. Asks Mattermost for channels: no transaction may be open."""
    with worker.database.read() as session:
        now = clock(session)
    notes, brief, seconds = summary.root, summary.brief, claimed.spent(now)
    own_posts, read = [post for post in found.posts if not files.file_of(post)], summary.posts_read
    told = Read([post for post in own_posts if post.post_id in read] or own_posts, found.of)
    when = told.when(brief.zone, now.astimezone(ZoneInfo(brief.zone)))
    receipt = texts.receipt(len(told.posts), found.of, when, told.people)
    foot = texts.foot(worker.title(model), seconds, _foot(worker.title(model), summary, notes, cut) + list(found.notes))
    return Kept(
        raw=minutes.plain(notes),
        text=minutes.text(notes, brief.kind, receipt, _links(worker, claimed, summary), foot),
        provenance=_provenance(worker, claimed, model, summary, found)
        | {"seconds": round(seconds, 2), "posts": len(told.posts)}
        | {"summary": _made(summary, when)},
        read_until=max(post.at for post in found.posts),
        whole=not cut,
    )


def _foot(title: str, summary: Summary, notes: Notes, cut: str) -> list[str]:
    unchecked = sum(line.support == "unchecked" for line in notes.all_lines)
    given, found = notes.cited + notes.removed, sum(len(line.posts) for line in notes.all_lines if not line.author)
    told = [cut] if cut else []
    if notes.quoted and summary.model is not None:
        told.append(texts.floor(title))
    elif given and not notes.quoted:
        told.append(texts.checked(notes.held, given))
    elif found and not notes.quoted:
        told.append(texts.found_afterwards(found))
    return told + ([texts.unchecked(unchecked)] if unchecked else [])


def _provenance(worker: Worker, claimed: Claim, model: str, summary: Summary, found: Read) -> dict[str, Any]:
    """In the form that answers have it (compose.provenance)."""
    return {
        "model": model,
        "title": worker.title(model),
        "sha256": worker.registry.sha256(model),
        "prompt": SUMMARY_VERSION,
        "of": found.of,
        "cut": 0,
        "forgotten": 0,
        "first": True,
        "newest": True,
        "people": sorted(worker.people.notifying({post.person_id for post in found.posts})),
        "sources": compose.source_channels(claimed.payload),
        "read": sum(one.read for one in summary.finishes),
        "reused": sum(one.reused for one in summary.finishes),
        "written": sum(one.written for one in summary.finishes),
    }


def _made(summary: Summary, when: str) -> dict[str, Any]:
    """What its headline and its card tell besides."""
    return {
        "when": when,
        "kind": summary.brief.kind,
        "parts": summary.parts,
        "quoted": summary.quoted_parts,
        "removed": summary.removed,
    }


def _links(worker: Worker, claimed: Claim, summary: Summary) -> Links:
    """Links only into channels that every reader has joined: who follows one into another joins it, for all to see.

    In a direct message that is the asker; elsewhere the audience guard has seen to it (scope.py, sought.py).
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
