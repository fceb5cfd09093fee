"""Posts as they were read: by this it is seen later whether they still stand. Of what is in them it holds a mark, and no word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from mmapp.chat import tree
from mmapp.mattermost.payloads import Post

MARK = 16  # characters


@dataclass(frozen=True)
class Seen:
    """One of them: where, its create_at (ms), and a mark of all that is told of it."""

    channel_id: str
    at: int
    mark: str


def of(secret: str, posts: Iterable[Post]) -> dict[str, Seen]:
    """Each as it is read now, by its id."""
    return {post.id: Seen(post.channel_id, post.create_at, _mark(secret, post)) for post in posts}


def to_json(posts: Mapping[str, Seen]) -> dict[str, Any]:
    """As a delivery carries them."""
    return {post_id: astuple(post) for post_id, post in posts.items()}


def from_json(found: Mapping[str, Any]) -> dict[str, Seen]:
    return {post_id: Seen(*one) for post_id, one in found.items()}


def _mark(secret: str, post: Post) -> str:
    return tree.key(secret, "read", post.message, post.attached_text, [one.id for one in post.files])[:MARK]
