"""Who comes into a channel, who goes, and when it is closed: with what the others see of it."""

from __future__ import annotations

from tests.playground import notifying, posting
from tests.playground.server import Mattermost
from tests.playground.store import Doc


def add(mm: Mattermost, channel: Doc, user_id: str, by: Doc) -> Doc:
    """Somebody joins, or is added by a member; who is there already stays without a word."""
    known = mm.member(channel["id"], user_id)
    if known:
        return known
    with mm.store.transaction():
        member = mm.join(channel["id"], user_id)
        told = {"team_id": channel["team_id"], "user_id": user_id}
        if mm.is_old:
            mm.emit("user_added", told, channel_id=channel["id"])
        else:  # once to him alone, once to the others
            mm.emit("user_added", told, channel_id=channel["id"], user_id=user_id)
            mm.emit("user_added", told, channel_id=channel["id"], omit=user_id)
        _say_who_came(mm, channel, mm.store.get("user", user_id) or {}, by)
    return member


def _say_who_came(mm: Mattermost, channel: Doc, user: Doc, by: Doc) -> None:
    if user["id"] == by["id"]:  # NOT RECORDED
        text = f"{user['username']} joined the channel."
        posting.by_server(mm, user, channel, text, "system_join_channel", {"username": user["username"]})
        return
    added = {"addedUserId": user["id"], "addedUsername": user["username"]}
    told = added | {"userId": by["id"], "username": by["username"]}
    text = f"{user['username']} added to the channel by {by['username']}."
    posting.by_server(mm, by, channel, text, notifying.ADDED, told)


def remove(mm: Mattermost, channel: Doc, user_id: str, by: Doc) -> None:
    """Somebody leaves or is removed: he is told of it by himself, and of nothing after it."""
    if mm.member(channel["id"], user_id) is None:
        return
    itself = user_id == by["id"]
    remover = {"remover_id": "" if itself else by["id"]}
    with mm.store.transaction():
        mm.store.drop("member", f"{channel['id']}:{user_id}")
        mm.emit("user_removed", {"channel_id": channel["id"], **remover}, user_id=user_id)
        mm.emit("user_removed", {"user_id": user_id, **remover}, channel_id=channel["id"])
        name = (mm.store.get("user", user_id) or {})["username"]
        if itself:  # NOT RECORDED
            text = f"{name} left the channel."
            posting.by_server(mm, by, channel, text, "system_leave_channel", {"username": name})
            return
        told = {"removedUserId": user_id, "removedUsername": name}
        posting.by_server(mm, by, channel, f"@{name} removed from the channel.", "system_remove_from_channel", told)


def archive(mm: Mattermost, channel: Doc, by: Doc | None) -> None:
    """A channel is closed: its members know, of one that is not private the whole team. NOT RECORDED."""
    with mm.store.transaction():
        if by:
            told = {"username": by["username"]}
            posting.by_server(
                mm, by, channel, f"{by['username']} archived the channel.", "system_channel_deleted", told
            )
        now = mm.clock.now()
        mm.store.put("channel", channel["id"], (mm.channel(channel["id"]) or {}) | {"delete_at": now, "update_at": now})
        told = {"channel_id": channel["id"], "delete_at": now}
        if channel["type"] == "O":
            mm.emit("channel_deleted", told, team_id=channel["team_id"])
        else:
            mm.emit("channel_deleted", told, channel_id=channel["id"])


def with_admin(member: Doc, *, admin: bool) -> Doc:
    """A membership with or without the rights of a channel's administrator."""
    return member | {"scheme_admin": admin, "roles": "channel_user channel_admin" if admin else "channel_user"}
