"""What the page shows of the world: people, channels, streams of posts, who is typing, and what each has not read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.playground import posting, private, shapes
from tests.playground.server import Mattermost
from tests.playground.store import Doc

SHOWN = 100
TYPING_MS = 5_000
EMOJI = {
    "+1": "👍", "-1": "👎", "white_check_mark": "✅", "memo": "📝", "wastebasket": "🗑️", "grinning": "😀", "thumbsup": "👍",
    "thumbsdown": "👎", "hourglass_flowing_sand": "⏳", "hourglass": "⌛", "eyes": "👀", "heart": "❤️", "robot": "🤖",
    "tada": "🎉", "warning": "⚠️",
}  # fmt: skip
PICKER = dict(list(EMOJI.items())[:6])
"""What the page offers; any other reaction is shown by its sign or name."""


def people(mm: Mattermost) -> list[Doc]:
    """Those whom a visitor can be, by name, each with the notifications that wait for him."""
    persons = [one for one in mm.store.every("user") if not one.get("is_bot") and not one["delete_at"]]
    waiting = Counter({one["id"]: 0 for one in persons})
    for member in mm.store.every("member"):
        waiting[member["user_id"]] += member["mention_count"]
    for follower in mm.store.every("follower"):  # there are none on 5.37
        waiting[follower["user_id"]] += follower["unread_replies"] - follower["unread_mentions"]
    found = [
        one | {"notifications": waiting[one["id"]], "pushes": len(mm.store.every("push", one["id"])), "hue": hue(one)}
        for one in persons
    ]
    return sorted(found, key=lambda one: str(one["username"]))


def channels(mm: Mattermost, user: Doc) -> list[Doc]:
    """Somebody's channels and the public ones of his teams; direct ones are `conversations`."""
    found = []
    for channel in mm.store.every("channel"):
        joined = mm.member(channel["id"], user["id"]) is not None
        listed = joined or (channel["type"] == "O" and mm.may_read(user, channel))
        if listed and channel["type"] != "D" and not channel["delete_at"]:
            found.append(channel | _standing(mm, user, channel))
    return sorted(found, key=lambda one: (one["type"] == "G", one["label"]))


def conversations(mm: Mattermost, user: Doc) -> list[Doc]:
    """Everybody with whom somebody can talk alone, bots first; `channel` is None where they have not yet."""
    found = []
    for other in mm.store.every("user"):
        if other["id"] == user["id"] or other["delete_at"]:
            continue
        channel = mm.store.find("channel", name="__".join(sorted((user["id"], other["id"]))), type="D")
        standing = _standing(mm, user, channel) if channel else {"mentions": 0, "unread": False}
        found.append(other | standing | {"channel": channel, "hue": hue(other)})
    return sorted(found, key=lambda one: (not one.get("is_bot"), one["username"]))


def _standing(mm: Mattermost, user: Doc, channel: Doc) -> Doc:
    """What somebody has not read of a channel. On v11 replies count in their threads alone."""
    member = mm.member(channel["id"], user["id"])
    last = channel["last_post_at"] if mm.is_old else channel.get("last_root_post_at", 0)
    return {
        "label": label(mm, user, channel),
        "joined": member is not None,
        "mentions": member["mention_count"] if member else 0,
        "unread": member is not None and last > max(member["last_viewed_at"], 0),
        "size": len(mm.members(channel["id"])),
    }


def shown(mm: Mattermost, user: Doc, channel: Doc | None) -> Doc | None:
    """A channel that somebody may read, as the page's head names it."""
    if channel is None or not mm.may_read(user, channel):
        return None
    return channel | _standing(mm, user, channel)


def label(mm: Mattermost, user: Doc, channel: Doc) -> str:
    """A channel's name as the list shows it."""
    if channel["type"] != "D":
        return str(channel["display_name"] or channel["name"])
    others = [one for one in channel["name"].split("__") if one != user["id"]]
    other = mm.store.get("user", others[0] if others else user["id"])
    return str(other["username"]) if other else channel["name"]


def stream(mm: Mattermost, user: Doc, channel: Doc, root_id: str) -> list[Doc]:
    """The posts of a channel or thread and the ephemerals among them, in order of time.

    5.37 does not collapse threads: their replies stand in the channel too.
    """
    if root_id:
        posts = mm.store.posts("(id = ? or root_id = ?) and delete_at = 0 and original_id = ''", root_id, root_id)
    else:
        roots = "" if mm.is_old else "and root_id = ''"
        posts = mm.store.posts(f"channel_id = ? {roots} and delete_at = 0 and original_id = ''", channel["id"])
    mine = [
        one for one in private.ephemerals(mm, user) if one["channel_id"] == channel["id"] and one["root_id"] == root_id
    ]
    found = sorted([*posts, *mine], key=lambda one: one["create_at"])[-SHOWN:]
    return [dressed(mm, user, one) for one in found]


def changes(mm: Mattermost) -> int:
    """A number that grows with everything that is written."""
    return int(mm.store._connection.total_changes)


def hue(user: Doc) -> int:
    """The colour of somebody's face."""
    return sum(map(ord, user["username"])) * 47 % 360


def dressed(mm: Mattermost, user: Doc, post: Doc) -> Doc:
    """A post with everything that the page shows of it to somebody."""
    author = mm.store.get("user", post["user_id"]) or {"username": "?"}
    props = post["props"] if isinstance(post["props"], dict) else {}
    at = datetime.fromtimestamp(post["create_at"] / 1000, UTC).astimezone()
    system = post["type"].startswith("system_")
    team = mm.store.every("team")[0]["name"]  # a permalink leads from any team to the post's own
    more: dict[str, Any] = {
        "link": f"/{team}/pl/{post['id']}",
        "author": author,
        "name": props.get("override_username") or author["username"],
        "bot": author.get("is_bot") or "override_username" in props,
        "at": at.strftime("%H:%M"),
        "day": at.strftime("%A, %d %B"),
        "reactions": _reactions(mm, user, post),
        "hue": hue(author),
        "card": props.get("card", ""),
        "by_model": "ai_generated_by" in props,
        "ephemeral": post["type"] == "system_ephemeral",
        "system": system and post["type"] != "system_ephemeral",
        "mine": post["user_id"] == user["id"] and not system,
        "attachments": shapes.attachments(post),
        "files": (post.get("metadata") or {}).get("files") or [],
        "news": _news(mm, user, post),
        "answers": _answered(mm, post),
    }
    return post | more


def _reactions(mm: Mattermost, user: Doc, post: Doc) -> list[Doc]:
    """Each emoji once, in the order of arrival, with the names of those who gave it."""
    names: dict[str, list[str]] = {}
    given = sorted(mm.store.every("reaction", f"{post['id']}:"), key=lambda one: one["create_at"])
    for one in given:
        who = mm.store.get("user", one["user_id"]) or {"username": "?"}
        names.setdefault(one["emoji_name"], []).append(who["username"])
    return [
        {"emoji": emoji, "sign": EMOJI.get(emoji, f":{emoji}:"), "names": who, "mine": user["username"] in who}
        for emoji, who in names.items()
    ]


def _news(mm: Mattermost, user: Doc, post: Doc) -> int:
    """How many replies of a thread that he follows somebody has not read."""
    follower = mm.store.get("follower", f"{post['id']}:{user['id']}")
    return int(follower["unread_replies"]) if follower else 0


def _answered(mm: Mattermost, post: Doc) -> str:
    """Whose message a reply answers, for 5.37, which shows replies in the channel."""
    root = mm.store.post(post["root_id"]) if post["root_id"] else None
    author = mm.store.get("user", root["user_id"]) if root else None
    return str(author["username"]) if author else ""


def read(mm: Mattermost, user: Doc, channel: Doc, root: Doc | None) -> None:
    """Who has a channel or thread before him has read it; nothing is written where nothing was new."""
    standing = _standing(mm, user, channel)
    if standing["unread"] or standing["mentions"]:
        posting.view(mm, channel["id"], user["id"])
    key = f"{root['id']}:{user['id']}" if root else ""
    follower = mm.store.get("follower", key) if key else None
    if follower and (follower["unread_replies"] or follower["unread_mentions"]):
        mm.store.put("follower", key, follower | {"unread_replies": 0, "unread_mentions": 0})


def typing(mm: Mattermost, user: Doc, channel: Doc, root_id: str) -> str:
    """Who was seen typing here in the last five seconds."""
    names = []
    for event in mm.store.events_since(mm.clock.now() - TYPING_MS, "typing"):
        data, where = event["data"], event["broadcast"]
        if where["channel_id"] == channel["id"] and data["parent_id"] == root_id and data["user_id"] != user["id"]:
            names.append((mm.store.get("user", data["user_id"]) or {"username": "?"})["username"])
    distinct = sorted(set(names))
    return f"{', '.join(distinct)} {'is' if len(distinct) == 1 else 'are'} typing…" if distinct else ""
