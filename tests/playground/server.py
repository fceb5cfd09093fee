"""The server itself: its store, clock, settings and accounts, and who may read what."""

from __future__ import annotations

from typing import Any

from tests.playground.errors import ApiError, forbidden
from tests.playground.ids import Clock, new_id
from tests.playground.store import Doc, Store

VERSIONS = {
    "11": "11.6.0..4074a869d588fd292922762e2c5ae3f4c225d0575ca4bba344ab0088ff6233cb.false",
    "5.37": "5.37.0.dev.8be76e5063eadf6e2233d71af0b24c21.false",
}
SETTINGS: Doc = {
    "SiteURL": "",
    "EnableDeveloper": False,
    "EnablePostUsernameOverride": False,
    "PostEditTimeLimit": -1,
    "Licensed": False,
    "MayEdit": True,
    "IntegrationTimeout": 30.0,
    "TriggerSeconds": 3.0,
    "EnableCompliance": False,
    "AuthenticationSeconds": 5.0,
    "MaxFileSize": 100 * 1024 * 1024,
    "AllowedUntrustedInternalConnections": True,
}
_NOTIFY = {
    "channel": "true", "comments": "never", "desktop": "mention", "desktop_sound": "true", "email": "true",
    "first_name": "false", "mention_keys": "", "push": "mention", "push_status": "away",
}  # fmt: skip


class Mattermost:
    """What the routes, the commands and the world's builder work on."""

    def __init__(self, store: Store, age: str, settings: Doc | None = None) -> None:
        if age not in VERSIONS:
            raise ValueError(f"age is one of {', '.join(VERSIONS)}")
        self.store, self.age, self.clock = store, age, Clock()
        self.settings = SETTINGS | (settings or {})
        self.pending: dict[str, tuple[str, int]] = {}
        """Posts by `pending_post_id` and when that is forgotten; an empty post is being saved."""
        self.warnings: list[str] = []
        """What v11 would have logged of props that it takes today and not for ever."""

    @property
    def is_old(self) -> bool:
        """Whether this is 5.37."""
        return self.age == "5.37"

    # Accounts

    def new_user(self, username: str, *, roles: str = "system_user", is_bot: bool = False, **more: Any) -> Doc:
        """Make an account with a token."""
        now = self.clock.now()
        user: Doc = {
            "id": new_id(), "create_at": now, "update_at": now, "delete_at": 0, "username": username, "auth_data": "",
            "auth_service": "", "email": f"{username}@lab.invalid", "nickname": "", "first_name": "", "last_name": "",
            "position": "", "roles": roles, "notify_props": dict(_NOTIFY), "last_password_update": now, "locale": "en",
            "timezone": {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"},
            "disable_welcome_email": False,
        }  # fmt: skip
        user |= {"is_bot": True, "bot_description": ""} if is_bot else {}
        user |= more
        return self.store.put("user", user["id"], user)

    def user_of_token(self, token: str) -> Doc | None:
        """Whose token this is, unless it or the account is switched off."""
        session = self.store.get("token", token)
        user = self.store.get("user", session["user_id"]) if session and not session["revoked"] else None
        return user if user and not user["delete_at"] else None

    # Teams, channels, members

    def in_team(self, user_id: str, team_id: str) -> bool:
        """Whether somebody belongs to a team."""
        return self.store.get("team_member", f"{team_id}:{user_id}") is not None

    def member(self, channel_id: str, user_id: str) -> Doc | None:
        """Somebody's membership of a channel."""
        return self.store.get("member", f"{channel_id}:{user_id}")

    def members(self, channel_id: str) -> list[Doc]:
        """All memberships of a channel."""
        return self.store.every("member", f"{channel_id}:")

    def save_member(self, member: Doc) -> Doc:
        """Keep a membership."""
        return self.store.put("member", f"{member['channel_id']}:{member['user_id']}", member)

    def join(self, channel_id: str, user_id: str, *, admin: bool = False) -> Doc:
        """Make somebody a member; doing it again changes nothing."""
        known = self.member(channel_id, user_id)
        if known:
            return known
        user = self.store.get("user", user_id) or {}
        guest = "system_guest" in user.get("roles", "")
        roles = "channel_guest" if guest else "channel_user channel_admin" if admin else "channel_user"
        never = 0 if self.is_old else -1
        member: Doc = {
            "channel_id": channel_id, "user_id": user_id, "roles": roles, "last_viewed_at": never, "msg_count": 0,
            "mention_count": 0, "mention_count_root": 0, "msg_count_root": 0,
            "notify_props": {"desktop": "default", "email": "default", "ignore_channel_mentions": "default",
                             "mark_unread": "all", "push": "default"},
            "last_update_at": self.clock.now(), "scheme_guest": guest, "scheme_user": not guest, "scheme_admin": admin,
            "explicit_roles": "",
        }  # fmt: skip
        if not self.is_old:
            member |= {"urgent_mention_count": 0, "autotranslation_disabled": False}
            member["notify_props"]["channel_auto_follow_threads"] = "off"
        return self.save_member(member)

    def channel(self, channel_id: str) -> Doc | None:
        """A channel, archived ones too."""
        return self.store.get("channel", channel_id)

    def direct_channel(self, user_a: str, user_b: str) -> Doc:
        """The direct channel of two people, made where it is missing."""
        name = "__".join(sorted((user_a, user_b)))
        found = self.store.find("channel", name=name, type="D")
        if found:
            return found
        channel = self.new_channel("", "D", name, "")
        for user_id in {user_a, user_b}:
            self.join(channel["id"], user_id)
        self.emit(
            "direct_added", {"creator_id": user_a, "teammate_id": user_b}, channel_id=channel["id"]
        )  # NOT RECORDED
        return channel

    def new_channel(self, team_id: str, kind: str, name: str, display_name: str) -> Doc:
        """Make a channel."""
        now = self.clock.now()
        channel: Doc = {
            "id": new_id(), "create_at": now, "update_at": now, "delete_at": 0, "team_id": team_id, "type": kind,
            "display_name": display_name, "name": name, "header": "", "purpose": "", "last_post_at": 0,
            "total_msg_count": 0, "extra_update_at": 0, "creator_id": "", "scheme_id": None, "props": None,
            "group_constrained": None, "shared": None, "total_msg_count_root": 0, "policy_id": None,
        }  # fmt: skip
        if not self.is_old:
            channel |= {
                "autotranslation": False, "last_root_post_at": 0, "banner_info": None, "policy_enforced": False,
                "policy_is_active": False, "default_category_name": "",
            }  # fmt: skip
        return self.store.put("channel", channel["id"], channel)

    # Rights

    def is_admin(self, user: Doc) -> bool:
        """Whether this is a system administrator."""
        return "system_admin" in user["roles"].split()

    def may_read(self, user: Doc, channel: Doc | None, *, listing: bool = False) -> bool:
        """Members may read, and others of the team a public channel: on 5.37 its single posts and threads alone."""
        if channel is None:
            return False
        if self.is_admin(user) or self.member(channel["id"], user["id"]):
            return True
        if channel["type"] != "O" or "system_guest" in user["roles"] or (listing and self.is_old):
            return False
        return self.in_team(user["id"], channel["team_id"]) and not self.settings["EnableCompliance"]

    def readable(self, user: Doc, channel_id: str, *, listing: bool = False) -> Doc:
        """A channel that may be read, or 403, also where it does not exist."""
        channel = self.channel(channel_id)
        if channel is None or not self.may_read(user, channel, listing=listing):
            raise forbidden(user["id"], "read_channel")
        return channel

    def membered(self, user: Doc, channel_id: str, permission: str = "read_channel") -> Doc:
        """A channel that somebody is a member of, or 403."""
        channel = self.channel(channel_id)
        if channel is None or not (self.is_admin(user) or self.member(channel_id, user["id"])):
            raise forbidden(user["id"], permission)
        return channel

    def has_permission(self, user: Doc, permission: str) -> bool:
        """Whether one of somebody's roles holds a permission that most do not."""
        roles = (self.store.get("role", name) or {} for name in user["roles"].split())
        return self.is_admin(user) or any(permission in role.get("permissions", ()) for role in roles)

    # Events

    def emit(
        self,
        event: str,
        data: Doc,
        *,
        channel_id: str = "",
        team_id: str = "",
        user_id: str = "",
        omit: str = "",
        own: Doc | None = None,
        marks: Doc | None = None,
    ) -> None:
        """Log what a WebSocket sends: to one person, a channel's members, or a team's.

        `own` is for some of the receivers alone (events.py); `marks` are keys of the broadcast that v11 adds.
        """
        receivers = [user_id] if user_id else self._audience(channel_id, team_id)
        broadcast = {
            "omit_users": {omit: True} if omit else None,
            "user_id": user_id,
            "channel_id": channel_id,
            "team_id": team_id,
        }
        broadcast |= {} if self.is_old else {"connection_id": "", "omit_connection_id": ""} | (marks or {})
        self.store.log(
            {
                "event": event,
                "data": data,
                "broadcast": broadcast,
                "receivers": [one for one in receivers if one != omit],
                "own": own or {},
                "at": self.clock.now(),
            }
        )

    def _audience(self, channel_id: str, team_id: str) -> list[str]:
        found = self.members(channel_id) if channel_id else self.store.every("team_member", f"{team_id}:")
        return [member["user_id"] for member in found]


def no_channel(channel_id: str) -> ApiError:
    """404 of a channel."""
    return ApiError(404, "app.channel.get.existing.app_error", f"Unable to find the existing channel {channel_id}.")
