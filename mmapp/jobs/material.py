"""What a summary is made from: all posts of its sources, with their files, or the sentence why there is nothing to read."""

from __future__ import annotations

from collections.abc import Iterator

from mmapp.chat import files, read
from mmapp.chat.privacy import Privacy
from mmapp.errors import Refused
from mmapp.jobs import allowed, minutes, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.lease import Lease
from mmapp.jobs.minutes import Read
from mmapp.jobs.payload import Payload
from mmapp.jobs.watch import watched
from mmapp.mattermost.payloads import Post
from mmapp.models import Message
from mmapp.texts import files as file_texts
from mmapp.texts import summarize as texts
from mmapp.texts.plain import label
from mmapp.wanted import Wanted


def gathered(worker: Worker, claimed: Claim, lease: Lease, wanted: Wanted) -> Read:
    """Everything. Rights are asked for again: meanwhile they may be lost. Raises Refused where there is nothing to read."""
    payload = claimed.payload
    member = allowed.require_place(worker, payload)
    with worker.database.read() as session:
        privacy = Privacy.of(session)
        asked_by = session.get_one(Message, claimed.request_id).post_id
    found = sought.posts(worker, payload, member, privacy)
    posts = [post for post in found.posts if post.id != asked_by]
    said = read.noted(worker.people, posts, threads=not payload.thread_read)
    _require_something(payload, wanted, len(said), found)
    names = worker.people.names(post.user_id for post in posts if post.files)
    steps = files.read(worker.client, posts, names) if any(post.files for post in posts) else iter(())
    contents = [one for one in watched(worker, lease, steps) if one is not None]
    told = files.among(said, contents)
    notes = [file_texts.foot(files.told(contents, told), label)] if contents else []
    return Read(told, len(posts), found.withheld, (*filter(None, notes), *_left_out(posts, found)))


def _left_out(posts: list[Post], found: sought.Sought) -> Iterator[str]:
    if found.withheld:
        few = len({post.user_id for post in posts}) < minutes.FEW
        yield texts.withheld(None if few else found.withheld)
    if found.closed:
        yield texts.closed_too(found.closed)


def _require_something(payload: Payload, wanted: Wanted, said: int, found: sought.Sought) -> None:
    if said > 1:
        return
    if said:
        raise Refused(texts.only_one())
    if found.closed:
        raise Refused(texts.closed())
    if found.withheld:
        raise Refused(texts.nobody_wants())
    if wanted.since == "unread":
        raise Refused(texts.nothing_unread())
    if wanted.author:
        raise Refused(texts.nothing_by_them(wanted.author))
    if payload.thread_read and not (wanted.since or wanted.until):
        raise Refused(texts.nothing_in_thread())
    raise Refused(texts.nothing_there())
