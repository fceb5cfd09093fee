"""Lists of posts in the odd orders that Mattermost gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.playground import notifying, shapes
from tests.playground.server import Mattermost
from tests.playground.store import Doc

SINCE_LIMIT = 1_000


def thread(mm: Mattermost, post: Doc, args: Mapping[str, str]) -> Doc:
    """A post's thread. 5.37 knows no pages and repeats the id it was asked with; v11 sorts edited replies last."""
    root = mm.store.post(post["root_id"]) if post["root_id"] else post
    root = root or post
    replies = mm.store.posts("root_id = ? and delete_at = 0", root["id"])
    if mm.is_old:
        order = [post["id"], *(one["id"] for one in _scrambled(replies)), root["id"]]
        return _listed(mm, order, [root, *replies])
    more = False
    if "perPage" in args:
        size = min(int(args["perPage"]), 200)
        first = not args.get("fromPost")
        start = (int(args.get("fromCreateAt") or 0), args.get("fromPost") or "")
        later = [one for one in replies if first or (one["create_at"], one["id"]) > start]
        if args.get("direction") != "down":
            raise NotImplementedError("only pages downwards are played")
        page = later[: size - 1 if first else size]
        more = len(later) > len(page)
        replies = page
    # A reply's id loses the root on later pages.
    roots = [root] if post["id"] == root["id"] or not args.get("fromPost") else []
    page_posts = [*roots, *sorted(replies, key=lambda one: (one["edit_at"] > 0, one["id"]))]
    counts = [one | {"reply_count": root["reply_count"]} for one in page_posts]
    return _listed(mm, [one["id"] for one in page_posts], counts) | {
        "has_next": more,
        "first_inaccessible_post_time": 0,
    }


def _scrambled(posts: list[Doc]) -> list[Doc]:
    """In no order that anybody could rely on."""
    return sorted(posts, key=lambda one: one["id"])


def _listed(mm: Mattermost, order: list[str], posts: list[Doc], older: str = "", newer: str = "") -> Doc:
    shown = {one["id"]: shapes.shown(one, mm.age) for one in posts}
    return {"order": order, "posts": shown, "next_post_id": newer, "prev_post_id": older}


def channel(mm: Mattermost, channel_id: str, args: Mapping[str, str]) -> Doc:
    """A channel's posts, newest first: a page, those before or after a post, or those changed since."""
    if args.get("since"):
        return _since(mm, channel_id, int(args["since"]))
    posts = mm.store.posts("channel_id = ? and delete_at = 0 and original_id = ''", channel_id)[::-1]
    posts = _from(mm, posts, args)
    size = min(int(args.get("per_page") or 60), 200)
    start = int(args.get("page") or 0) * size
    page = posts[start : start + size]
    older = posts[start + size]["id"] if len(posts) > start + size else ""
    newer = posts[start - 1]["id"] if start and page else ""
    # Threads of the page's replies come along, without being in `order`.
    roots = {one["root_id"] for one in page if one["root_id"]}
    mates = [one for one in posts if one["id"] in roots or one["root_id"] in roots]
    found = _listed(mm, [one["id"] for one in page], [*page, *mates], older, newer)
    return found if mm.is_old else found | {"first_inaccessible_post_time": 0}


def _from(mm: Mattermost, posts: list[Doc], args: Mapping[str, str]) -> list[Doc]:
    edge: Any = mm.store.post(args.get("before") or args.get("after") or "")
    if edge is None:
        return posts
    # By the time alone, as read in the servers' source: of posts made in its millisecond none comes along.
    if args.get("before"):
        return [one for one in posts if one["create_at"] < edge["create_at"]]
    return [one for one in posts if one["create_at"] > edge["create_at"]]


def _since(mm: Mattermost, channel_id: str, since: int) -> Doc:
    """By time of update, deleted posts and old revisions included, and some of more than 1,000 silently missing."""
    posts = mm.store.posts("channel_id = ? and update_at > ?", channel_id, since)
    if len(posts) > SINCE_LIMIT:
        cut = SINCE_LIMIT - 100
        posts = posts[:cut] + _scrambled(posts[cut:])[:100]
    posts = sorted(posts, key=lambda one: -one["create_at"])
    hidden = [_emptied(one) if one["delete_at"] else one for one in posts]
    found = _listed(mm, [one["id"] for one in posts], hidden)
    return found if mm.is_old else found | {"first_inaccessible_post_time": 0}


def threads(mm: Mattermost, user_id: str, team_id: str, args: Mapping[str, str]) -> Doc:
    """The threads of a team and of direct messages that somebody follows: so many of them, and the counts of all."""
    every = [notifying.thread(mm, one, whole=args.get("extended") == "true") for one in _followed(mm, user_id, team_id)]
    unread = [one for one in every if one["unread_replies"]]
    since = int(args.get("since") or 0)
    asked = unread if args.get("unread") == "true" else every
    listed = [one for one in asked if max(one["last_reply_at"], one["last_viewed_at"]) >= since]
    listed.sort(key=lambda one: -int(one["last_reply_at"]))
    return {
        "total": len(listed),
        "total_unread_threads": len(unread),
        "total_unread_mentions": sum(one["unread_mentions"] for one in every),
        "total_unread_urgent_mentions": 0,
        "threads": listed[: int(args.get("per_page") or 30)],
    }


def _followed(mm: Mattermost, user_id: str, team_id: str) -> list[Doc]:
    """Of channels that he is still in, and of threads whose root still stands."""
    found = []
    for follower in mm.store.every("follower"):
        root = mm.store.post(follower["root_id"])
        if follower["user_id"] == user_id and root and not root["delete_at"] and mm.member(root["channel_id"], user_id):
            channel = mm.channel(root["channel_id"])
            found += [follower] if channel and channel["team_id"] in ("", team_id) else []
    return found


def _emptied(post: Doc) -> Doc:
    props = {"deleteBy": post["deleted_by"]} if post.get("deleted_by") else {}
    return post | {"message": "", "props": props}
