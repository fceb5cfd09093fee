"""The only reader of posts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mmapp.chat.people import People
from mmapp.mattermost.client import Client


@dataclass(frozen=True)
class Said:
    """A post that somebody wrote. `at` is its create_at in ms."""

    post_id: str
    person_id: str
    author: str
    text: str
    at: int


def thread(
    client: Client,
    people: People,
    channel_id: str,
    root_id: str,
    bot_id: str,
    questions: Collection[str] = (),
) -> list[Said]:
    """What people (and other bots) wrote in a thread, in order of time, without the bot's own posts and the `questions`.

    Those enter a prompt as its answers and questions, from the database; system messages ("joined the channel") are
    nobody's words. Only of the channel in which the right to read was checked. Raises what the client raises.
    """
    posts = [
        post
        for post in client.thread(root_id)
        if post.channel_id == channel_id
        and not post.type
        and post.user_id != bot_id
        and post.id not in questions
        and post.message.strip()
    ]
    names = people.names(post.user_id for post in posts)
    return [Said(post.id, post.user_id, names[post.user_id], post.message, post.create_at) for post in posts]
