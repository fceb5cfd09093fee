"""What a summary is made from: all posts of its sources, with their files, or the sentence why there is nothing to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mmapp.chat import files, numbered, read
from mmapp.chat.files import FileRead
from mmapp.db import clock
from mmapp.errors import Nothing
from mmapp.jobs import minutes, seen, sought
from mmapp.jobs.base import Worker
from mmapp.jobs.claim import Claim
from mmapp.jobs.minutes import Read
from mmapp.jobs.payload import Payload
from mmapp.jobs.seen import Seen
from mmapp.mattermost.payloads import Post
from mmapp.models import Message
from mmapp.texts import files as file_texts
from mmapp.texts import summarize as texts
from mmapp.texts.plain import label
from mmapp.wanted import Wanted

SHORT = 1500  # characters of one message by itself; a longer one is worth a summary
Watched = Callable[[Iterator[FileRead | None]], Iterator[FileRead | None]]


def gathered(worker: Worker, claimed: Claim, watched: Watched, wanted: Wanted) -> tuple[Read, dict[str, Seen]]:
    """Everything, its files read under the eyes of `watched`; and the posts as they were read. Rights are asked for again:
    meanwhile they may be lost. Raises Nothing where there is nothing to read, and what `sought.afresh` does."""
    payload = claimed.payload
    with worker.database.read() as session:
        asked_by = session.get_one(Message, claimed.request_id).post_id
        until = sought.read_until(session, claimed)
    found = sought.afresh(worker, payload)
    every = [post for post in found.posts if post.id != asked_by and post.create_at <= until]
    posts = [post for post in every if post.id not in payload.unsteady]
    said = read.noted(worker.people, posts, threads=not payload.thread_read)
    if not said:
        raise Nothing(_why_nothing(worker.bot, payload, wanted, found))
    names = worker.people.names(post.user_id for post in posts if post.files)
    steps = files.read(worker.client, posts, names) if any(post.files for post in posts) else iter(())
    contents = [one for one in watched(steps) if one is not None]
    told = files.among(said, contents)
    # Of how few messages a digest is wanted, its person has said (prepare.py).
    if len(told) == 1 and len(told[0].text) <= SHORT and not payload.digest:
        raise Nothing(texts.only_one())
    notes = [file_texts.foot(files.told(contents, told), label)] if contents else []
    unsteady = [payload.changes.get(post.id, 2) for post in every if post.id in payload.unsteady]
    left_out = [*_left_out(posts, found, unsteady), *_left_off(worker, payload, wanted, asked_by)]
    got = Read(told, len(said) + len(unsteady), (*filter(None, notes), *left_out))
    return got, seen.of(worker.settings.secret_key.get_secret_value(), posts)


def _left_out(posts: list[Post], found: sought.Sought, unsteady: list[int]) -> Iterator[str]:
    """`unsteady`: how often those have changed that are left out for it."""
    if found.withheld:
        few = len({post.user_id for post in posts}) < minutes.FEW
        yield texts.withheld(None if few else found.withheld)
    if found.closed:
        yield texts.closed_too(found.closed)
    once = unsteady.count(1)
    if len(unsteady) > once:
        yield texts.unsteady(len(unsteady) - once)
    if once:
        yield texts.changed(once)


def _left_off(worker: Worker, payload: Payload, wanted: Wanted, asked_by: str) -> Iterator[str]:
    """What came later was not read, of a thread or anything else that goes on."""
    if payload.until and sought.goes_on(worker, payload, asked_by):
        with worker.database.read() as session:
            now = clock(session).timestamp() * 1000
        last, today = (numbered.local(round(at), wanted.zone) for at in (payload.until, now))
        yield texts.left_off(texts.moment(last, today))


def _why_nothing(bot: str, payload: Payload, wanted: Wanted, found: sought.Sought) -> str:
    if found.closed:
        return texts.closed()
    if payload.unsteady:
        return texts.nothing_steady()
    if wanted.author:  # also of who has opted out: the question is no way to learn of it
        return texts.nothing_by_them(wanted.author)
    if found.withheld:
        return texts.nobody_wants()
    if wanted.since == "unread":
        return texts.nothing_unread(bot)
    if payload.thread_read and not (wanted.since or wanted.until):
        return texts.nothing_in_thread()
    return texts.nothing_there(chosen=bool(wanted.since or wanted.until))
