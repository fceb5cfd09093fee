"""Pages of posts, as threads and channels come."""

from __future__ import annotations

from mmapp.mattermost.payloads import Post
from mmapp.mattermost.values import JsonObject

PAGE = 200
"""Posts a page: the most that a server gives."""
MAX_PAGES = 500
"""Pages of a thread: 100,000 posts, where a server that never says "no more" is left."""


def listed(page: JsonObject) -> list[Post]:
    """The posts that `order` names: `posts` also holds roots and replies that the page is not about."""
    posts = page.get("posts") or {}
    return [Post.from_json(posts[post_id]) for post_id in dict.fromkeys(page.get("order") or ()) if post_id in posts]


def in_time(post: Post) -> tuple[int, str]:
    """What posts are ordered by: two may have been made in one millisecond."""
    return post.create_at, post.id
