"""What the page shows of the world: people, channels, streams of posts, who is typing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.playground.server import Mattermost
from tests.playground.store import Doc

SHOWN = 100
TYPING_MS = 5_000


def people(mm: Mattermost) -> list[Doc]:
    """Those whom a visitor can be, by name."""
    return sorted(
        (one for one in mm.store.every("user") if not one.get("is_bot")), key=lambda one: str(one["username"])
    )


def channels(mm: Mattermost, user: Doc) -> list[Doc]:
    """Somebody's channels and the public ones of his teams, with unread mentions, direct ones last."""
    found = []
    for channel in mm.store.every("channel"):
        member = mm.member(channel["id"], user["id"])
        if member or (channel["type"] == "O" and mm.may_read(user, channel)):
            mentions = (member or {}).get("mention_count", 0)
            found.append(
                channel | {"label": label(mm, user, channel), "mentions": mentions, "joined": member is not None}
            )
    return sorted(found, key=lambda one: (one["type"] in "DG", one["label"]))


def label(mm: Mattermost, user: Doc, channel: Doc) -> str:
    """A channel's name as the list shows it."""
    if channel["type"] != "D":
        return str(channel["display_name"] or channel["name"])
    others = [one for one in channel["name"].split("__") if one != user["id"]]
    other = mm.store.get("user", others[0] if others else user["id"])
    return str(other["username"]) if other else channel["name"]


def stream(mm: Mattermost, user: Doc, channel: Doc, root_id: str) -> list[Doc]:
    """The posts of a channel or thread and the ephemerals among them, in order of time."""
    if root_id:
        posts = mm.store.posts("(id = ? or root_id = ?) and delete_at = 0 and original_id = ''", root_id, root_id)
    else:
        where = "channel_id = ? and root_id = '' and delete_at = 0 and original_id = ''"
        posts = mm.store.posts(where, channel["id"])
    mine = [one for one in ephemerals(mm, user) if one["channel_id"] == channel["id"] and one["root_id"] == root_id]
    shown = sorted([*posts, *mine], key=lambda one: one["create_at"])[-SHOWN:]
    return [_dressed(mm, one) for one in shown]


def ephemerals(mm: Mattermost, user: Doc) -> list[Doc]:
    """What somebody alone was shown. (Mattermost forgets these at the next reload.)"""
    events = (
        event
        for event in mm.store.events()
        if event["event"] == "ephemeral_message" and user["id"] in event["receivers"]
    )
    return [json.loads(event["data"]["post"]) for event in events]


def _dressed(mm: Mattermost, post: Doc) -> Doc:
    author = mm.store.get("user", post["user_id"]) or {"username": "?"}
    reactions: dict[str, int] = {}
    for one in mm.store.every("reaction", f"{post['id']}:"):
        reactions[one["emoji_name"]] = reactions.get(one["emoji_name"], 0) + 1
    at = datetime.fromtimestamp(post["create_at"] / 1000, UTC).strftime("%H:%M")
    hue = sum(map(ord, author["username"])) * 47 % 360
    props = post["props"] if isinstance(post["props"], dict) else {}
    team = mm.store.every("team")[0]["name"]  # a permalink leads from any team to the post's own
    more = {
        "link": f"/{team}/pl/{post['id']}",
        "author": author,
        "at": at,
        "reactions": reactions,
        "hue": hue,
        "card": props.get("card", ""),
    }
    return post | more | {"by_model": "ai_generated_by" in props, "ephemeral": post["type"] == "system_ephemeral"}


def typing(mm: Mattermost, user: Doc, channel: Doc, root_id: str) -> str:
    """Who was seen typing here in the last five seconds."""
    names = []
    for event in mm.store.events_since(mm.clock.now() - TYPING_MS, "typing"):
        data, place = event["data"], event["broadcast"]
        if place["channel_id"] == channel["id"] and data["parent_id"] == root_id and data["user_id"] != user["id"]:
            names.append((mm.store.get("user", data["user_id"]) or {"username": "?"})["username"])
    distinct = sorted(set(names))
    return f"{', '.join(distinct)} {'is' if len(distinct) == 1 else 'are'} typing…" if distinct else ""
