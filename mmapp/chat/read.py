"""The only reader of posts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mmapp.chat.people import People
from mmapp.mattermost.client import Client
from mmapp.mattermost.payloads import Post


@dataclass(frozen=True)
class Said:
    """A post that somebody wrote. `at` is its create_at in ms."""

    post_id: str
    person_id: str
    author: str
    text: str
    at: int


def thread(client: Client, channel_id: str, root_id: str, bot_id: str) -> list[Post]:
    """What people (and other bots) posted in a thread, in order of time, without the bot's own posts.

    Those enter a prompt as its answers, from the database; system messages ("joined the channel") are nobody's words.
    Only of the channel in which the right to read was checked. Raises what the client raises.
    """
    return [
        post
        for post in client.thread(root_id)
        if post.channel_id == channel_id and not post.type and post.user_id != bot_id
    ]


def said(people: People, posts: Iterable[Post], questions: Collection[str] = ()) -> list[Said]:
    """Their words, but for the posts that were `questions` to the bot: those enter a prompt as such."""
    found = [post for post in posts if post.id not in questions and post.message.strip()]
    names = people.names(post.user_id for post in found)
    return [Said(post.id, post.user_id, names[post.user_id], post.message, post.create_at) for post in found]
