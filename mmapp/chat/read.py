"""The only reader of posts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mmapp.chat.people import People
from mmapp.chat.privacy import Privacy
from mmapp.chat.source import Source
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import TooMany
from mmapp.mattermost.payloads import Post

MOST_POSTS = 20_000  # of one source; more is no summary that anybody waits for


@dataclass(frozen=True)
class Said:
    """A post that somebody wrote. `at` is its create_at in ms; `note` what else is to be known of it ("to alice, edited").

    A piece of a file has an id of its own, and `opens` is the post to open for it; `channel_id` is where that is. `root_id`:
    the thread that it replies to; `edited_at`: when it was edited last (ms, 0 for never).
    """

    post_id: str
    person_id: str
    author: str
    text: str
    at: int
    note: str = ""
    channel_id: str = ""
    opens: str = ""
    root_id: str = ""
    edited_at: int = 0


@dataclass(frozen=True)
class Found:
    """What of a source may be told, in order of time, and how many posts of it may not: their people do not want it.

    `closed`: nothing of the channel is read, as its admins want it.
    """

    posts: list[Post]
    withheld: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Counted:
    """So many messages of people are there to be read. `nobody`: nor is there any other of theirs, that may not be read now."""

    messages: int
    nobody: bool


def source(client: Client, wanted: Source, bot_id: str, privacy: Privacy, asked_by: str = "") -> Found:
    """What people (and other bots) posted there, in order of time, without the bot's own posts.

    Those enter a prompt as its answers, from the database; system messages ("joined the channel") are nobody's words.
    Only of the channel in which the right to read was checked. Who asks with the post `asked_by` tells us what is in it,
    whatever they want of other requests. Raises what the client raises, TooMany beyond MOST_POSTS.
    """
    if wanted.channel_id in privacy.channels:
        return Found([], closed=True)
    posts = [
        post
        for post in _all(client, wanted)
        if post.channel_id == wanted.channel_id and not post.is_system and post.user_id != bot_id
        if wanted.holds(post.create_at, post.user_id)
    ]
    told = [post for post in posts if post.id == asked_by or post.user_id not in privacy.people]
    return Found(told, len(posts) - len(told))


def count(client: Client, people: People, wanted: Source, privacy: Privacy, enough: int) -> Counted:
    """The messages of people that `source` would find in a channel, looked for from the newest on until there are `enough`.

    A webhook posts under the name of who has made it, and is nobody's word either. Raises what the client raises, TooMany where
    there are not enough among MOST_POSTS.
    """
    if wanted.channel_id in privacy.channels:
        return Counted(0, nobody=False)
    found, nobody, looked, before = 0, True, 0, ""
    while True:
        page = client.channel_posts_before(wanted.channel_id, before)
        held = [post for post in page if wanted.holds(post.create_at, post.user_id)]
        by = [post.user_id for post in held if not post.is_system and post.props.get("from_webhook") != "true"]
        wrote = people.without_bots(by)
        told, nobody, looked = wrote - privacy.people, nobody and not wrote, looked + len(held)
        found += sum(each in told for each in by)
        if found >= enough or not page or page[-1].create_at < wanted.since:
            return Counted(found, nobody)
        if looked > MOST_POSTS:
            raise TooMany(f"more than {MOST_POSTS} posts")
        before = page[-1].id


def said(people: People, posts: Collection[Post], questions: Collection[str] = ()) -> list[Said]:
    """Their words, but for the posts that were `questions` to the bot: those enter a prompt as such.

    Alerts of other bots often stand in attachments alone, and so does what they say here.
    """
    found = [post for post in posts if post.id not in questions and (post.message.strip() or post.attached_text)]
    names = people.names(post.user_id for post in found)
    return [Said(post.id, post.user_id, names[post.user_id], _words(post), post.create_at) for post in found]


def noted(people: People, posts: Collection[Post], *, threads: bool) -> list[Said]:
    """The same with what notes on them need besides: whom a post replies to, where there are several `threads`; whether it was
    edited; the names of its files, also where there are no words."""
    found = [post for post in posts if post.message.strip() or post.attached_text or post.files]
    authors = {post.id: post.user_id for post in posts}
    names = people.names([post.user_id for post in found])

    def note(post: Post) -> str:
        root = authors.get(post.root_id, "") if threads else ""
        reply = f"to {names[root]}" if root in names else "reply" if threads and post.root_id else ""
        return ", ".join(filter(None, [reply, "edited" if post.edit_at else ""]))

    return [
        Said(
            post.id,
            post.user_id,
            names[post.user_id],
            _with_files(post),
            post.create_at,
            note(post),
            post.channel_id,
            root_id=post.root_id,
            edited_at=post.edit_at,
        )
        for post in found
    ]


def _all(client: Client, wanted: Source) -> Iterable[Post]:
    if wanted.root_id:
        return client.thread(wanted.root_id)
    return client.channel_posts_between(wanted.channel_id, wanted.since, wanted.until, MOST_POSTS)


def _words(post: Post) -> str:
    return "\n".join(filter(str.strip, [post.message, post.attached_text]))


def _with_files(post: Post) -> str:
    files = [f"[file: {info.name}]" for info in post.files if info.name]
    return "\n".join(filter(None, [_words(post), " ".join(files)]))
