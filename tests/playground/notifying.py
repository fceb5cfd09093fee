"""What a new post does to those who may read it: unread counts, mentions, followers of threads, pushes, events."""

from __future__ import annotations

import json

from tests.playground import mentions, shapes
from tests.playground.server import Mattermost
from tests.playground.store import Doc

ADDED = "system_add_to_channel"


def count(mm: Mattermost, channel: Doc, post: Doc, author: Doc) -> None:
    """Unread messages, mentions, followers, pushes, and the events."""
    root_too = 0 if post["root_id"] else 1
    channel |= {"last_post_at": post["create_at"], "total_msg_count": channel["total_msg_count"] + 1}
    channel["total_msg_count_root"] += root_too
    if root_too and "last_root_post_at" in channel:
        channel["last_root_post_at"] = post["create_at"]
    mm.store.put("channel", channel["id"], channel)
    notified = _notified(mm, channel, post, author)
    for user_id in notified:
        member = mm.member(channel["id"], user_id) or {}
        member |= {"mention_count": member["mention_count"] + 1}
        member["mention_count_root"] += root_too
        mm.save_member(member)
    mm.emit("posted", _posted(mm, channel, post, author), channel_id=channel["id"], own={"mentions": notified})
    if post["root_id"] and not mm.is_old:  # 5.37 without collapsed threads, its default, counts no unread replies
        _follow(mm, channel, post, author, notified)
    _push(mm, channel, post, author, notified)
    if _reads(mm, post, author):
        view(mm, channel["id"], author["id"])


def _reads(mm: Mattermost, post: Doc, author: Doc) -> bool:
    """Whether its author has read the channel by it: not by what apps say for him; on v11 a reply reads its thread alone."""
    by_himself = (
        not author.get("is_bot") and "from_webhook" not in post["props"] and not post["type"].startswith("system_")
    )
    return by_himself and (mm.is_old or not post["root_id"])


def _notified(mm: Mattermost, channel: Doc, post: Doc, author: Doc) -> list[str]:
    if post["type"].startswith("system_"):
        return [post["props"]["addedUserId"]] if post["type"] == ADDED else []
    return [user["id"] for user in _others(mm, channel, author) if _notifies(channel, post, user)]


def _others(mm: Mattermost, channel: Doc, author: Doc) -> list[Doc]:
    users = (mm.store.get("user", member["user_id"]) for member in mm.members(channel["id"]))
    return [user for user in users if user and user["id"] != author["id"]]


def _notifies(channel: Doc, post: Doc, user: Doc) -> bool:
    return channel["type"] == "D" or mentions.mentioned(post, user)


def _posted(mm: Mattermost, channel: Doc, post: Doc, author: Doc) -> Doc:
    sender = f"@{author['username']}"
    if mm.settings["EnablePostUsernameOverride"] and post["props"].get("from_webhook"):
        sender = post["props"].get("override_username") or sender
    by_server = post["type"].startswith("system_")
    shown = shapes.shown(post, mm.age)
    if by_server:
        shown.pop("remote_id", None)
    return {
        "channel_display_name": sender if channel["type"] == "D" else channel["display_name"],
        "channel_name": channel["name"],
        "channel_type": channel["type"],
        "post": json.dumps(shown, ensure_ascii=False),
        "sender_name": "System" if by_server else sender,
        "set_online": True,
        "team_id": channel["team_id"],
    }


def view(mm: Mattermost, channel_id: str, user_id: str) -> None:
    """Who opens a channel or posts in it has read it."""
    member, channel = mm.member(channel_id, user_id), mm.channel(channel_id)
    if member and channel:
        now = mm.clock.now()
        member |= {"mention_count": 0, "mention_count_root": 0, "last_viewed_at": now}
        mm.save_member(member | {"msg_count": channel["total_msg_count"]})
        if mm.is_old:
            mm.emit("channel_viewed", {"channel_id": channel_id}, user_id=user_id)
        else:
            mm.emit("multiple_channels_viewed", {"channel_times": {channel_id: now}}, user_id=user_id)


# Threads, which v11 alone counts


def _follow(mm: Mattermost, channel: Doc, post: Doc, author: Doc, notified: list[str]) -> None:
    """The root's author, whoever replies and whoever is named follow a thread; its followers get unread replies."""
    root = mm.store.post(post["root_id"]) or {}
    for user_id in {root["user_id"], author["id"], *notified}:
        key = f"{root['id']}:{user_id}"
        if mm.store.get("follower", key) is None:
            fresh = {"user_id": user_id, "root_id": root["id"], "unread_replies": 0, "unread_mentions": 0}
            mm.store.put("follower", key, fresh | {"last_viewed_at": 0})
    for follower in mm.store.every("follower", f"{root['id']}:"):
        before = {f"previous_{key}": follower[key] for key in ("unread_replies", "unread_mentions")}
        if follower["user_id"] == author["id"]:
            follower |= {"unread_replies": 0, "unread_mentions": 0, "last_viewed_at": post["create_at"]}
        else:
            follower["unread_replies"] += 1
            follower["unread_mentions"] += follower["user_id"] in notified
        mm.store.put("follower", f"{root['id']}:{follower['user_id']}", follower)
        data = before | {"thread": json.dumps(thread(mm, follower, whole=True), ensure_ascii=False)}
        mm.emit("thread_updated", data, user_id=follower["user_id"], team_id=channel["team_id"])


def thread(mm: Mattermost, follower: Doc, *, whole: bool) -> Doc:
    """A thread as one of its followers gets it: with those who replied, `whole` or as ids in empty accounts."""
    root = mm.store.post(follower["root_id"]) or {}
    replies = mm.store.posts("root_id = ? and delete_at = 0 and original_id = ''", root["id"])
    users = (mm.store.get("user", user_id) or {} for user_id in dict.fromkeys(one["user_id"] for one in replies))
    shown = {key: value for key, value in shapes.shown(root, mm.age).items() if key != "metadata"}
    return {
        "id": root["id"],
        "reply_count": len(replies),
        "last_reply_at": replies[-1]["create_at"] if replies else 0,
        "last_viewed_at": follower["last_viewed_at"],
        "participants": [shapes.user_shown(user) if whole else shapes.nobody(user["id"]) for user in users],
        "post": shown | {"reply_count": 0},
        "unread_replies": follower["unread_replies"],
        "unread_mentions": follower["unread_mentions"],
        "is_urgent": False,
        "delete_at": 0,
    }


# Phones


def _push(mm: Mattermost, channel: Doc, post: Doc, author: Doc, notified: list[str]) -> None:
    """One push for everybody who is told of a post: once, with the words of its creation."""
    told = {user_id for user_id in notified if _is_pushed(mm, channel, post, user_id)}
    if post["root_id"] and not mm.is_old:
        told |= {one["user_id"] for one in mm.store.every("follower", f"{post['root_id']}:")}
    for user_id in sorted(told - {author["id"]}):
        user = mm.store.get("user", user_id) or {}
        if not user.get("is_bot"):
            mm.store.put("push", f"{user_id}:{mm.store.last_event():09}", _pushed(mm, channel, post, author))


def _is_pushed(mm: Mattermost, channel: Doc, post: Doc, user_id: str) -> bool:
    """`@here` reaches no phone: its owner is away."""
    if channel["type"] == "D" or post["type"] == ADDED:
        return True
    return mentions.mentioned(post, mm.store.get("user", user_id) or {}, here=False)


def _pushed(mm: Mattermost, channel: Doc, post: Doc, author: Doc) -> Doc:
    """What the push proxy is sent, without what is the phone's own (platform, badge, signature)."""
    sender = f"@{author['username']}"
    fallbacks = [one["fallback"] for one in shapes.attachments(post) if one["fallback"]]
    text = "\n".join([post["message"], *fallbacks])
    place = sender if channel["type"] == "D" else channel["display_name"]
    found = {
        "post_id": post["id"],
        "category": "CAN_REPLY",
        "message": text if channel["type"] == "D" else f"{sender}: {text}",
        "channel_id": channel["id"],
        "channel_name": f"Reply in {place}" if post["root_id"] and not mm.is_old else place,
        "type": "message",
        "sender_id": author["id"],
        "sender_name": sender,
        "version": "v2",
        "is_crt_enabled": not mm.is_old,
        "is_id_loaded": False,
    }
    found |= {"team_id": channel["team_id"]} if channel["team_id"] else {}
    return found | ({"root_id": post["root_id"]} if post["root_id"] else {})
