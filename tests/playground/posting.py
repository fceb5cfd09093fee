"""Creating, editing and deleting posts: limits, threads, who is notified and who follows."""

from __future__ import annotations

import json
from typing import Any

from tests.playground import files, notifying, props, shapes
from tests.playground.errors import ApiError, forbidden, no_post
from tests.playground.ids import new_id
from tests.playground.notifying import view
from tests.playground.server import Mattermost
from tests.playground.store import Doc

__all__ = ["by_server", "check_length", "create", "delete", "edit", "ephemeral", "patch", "view"]
MAX_RUNES = 16_383
MAX_PROPS = {"5.37": 8_000, "11": 800_000}
PENDING_MS = 30_000


def create(mm: Mattermost, user: Doc, body: Doc, **more: Any) -> Doc:
    """Create a post; a `pending_post_id` known for less than 30 s gives the post that exists, whoever asks."""
    key = str(body.get("pending_post_id") or "")
    with mm.store.lock:
        known = _pending(mm, key)
        if known:
            return known
        if key:
            mm.pending[key] = ("", mm.clock.now() + PENDING_MS)
    try:
        post = _create(mm, user, body, more)
    except BaseException:
        mm.pending.pop(key, None)
        raise
    if key:
        mm.pending[key] = (post["id"], mm.clock.now() + PENDING_MS)
    return post


def _pending(mm: Mattermost, key: str) -> Doc | None:
    post_id, until = mm.pending.get(key, ("", 0))
    if not key or until < mm.clock.now():
        return None
    if not post_id:
        what = "Rejected post since another client is making the same request."
        raise ApiError(500, "api.post.deduplicate_create_post.pending", what)
    post = mm.store.post(post_id)
    return {key: value for key, value in (post or {}).items() if key != "metadata"} | {"pending_post_id": ""}


def _create(mm: Mattermost, user: Doc, body: Doc, more: Doc) -> Doc:
    channel = mm.membered(user, str(body.get("channel_id") or ""), "create_post")
    if channel["delete_at"]:
        what = "Can not post to deleted channel."
        raise ApiError(400, "api.post.create_post.can_not_post_to_deleted.error", what)
    root = _root(mm, str(body.get("root_id") or ""), channel["id"])
    message = str(body.get("message") or "")
    found = _props(mm, user, body.get("props") or {})
    check_length(mm, message, found)
    with mm.store.transaction():
        post = shapes.new_post(
            user["id"], channel["id"], message, mm.clock.now(), props=found, root_id=root["id"] if root else "",
            pending_post_id=str(body.get("pending_post_id") or ""), **more,
        )  # fmt: skip
        post = files.attach(mm, post, body.get("file_ids") or [])
        if root and not mm.is_old:
            post["reply_count"] = root["reply_count"] + 1
        mm.store.put_post(post)
        if root:
            mm.store.put_post(root | {"reply_count": root["reply_count"] + 1, "update_at": post["create_at"]})
        notifying.count(mm, channel, post, user)
    return post


def by_server(mm: Mattermost, author: Doc, channel: Doc, message: str, kind: str, told: Doc) -> Doc:
    """A message of the server's own, such as "ai added to the channel by alice.", under the name of who caused it."""
    with mm.store.transaction():
        now = max(mm.clock.now(), channel["last_post_at"] + 1)  # two in one millisecond would have no order
        post = mm.store.put_post(shapes.new_post(author["id"], channel["id"], message, now, props=told, type=kind))
        notifying.count(mm, channel, post, author)
    return post


def _root(mm: Mattermost, root_id: str, channel_id: str) -> Doc | None:
    if not root_id:
        return None
    root = mm.store.post(root_id)
    if root is None or root["delete_at"] or root["root_id"]:
        raise ApiError(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.")
    if root["channel_id"] != channel_id:
        what = "Invalid ChannelId for RootId parameter."
        raise ApiError(400, "api.post.create_post.channel_root_id.app_error", what)
    return root


def _props(mm: Mattermost, user: Doc, given: Doc) -> Doc:
    mm.warnings += props.invalid(given)
    found = shapes.read_attachments(dict(given))
    if user.get("is_bot"):
        found["from_bot"] = "true"
    if "ai_generated_by" in found and not mm.is_old:
        author = mm.store.get("user", str(found["ai_generated_by"]))
        if author is None:
            del found["ai_generated_by"]
        elif author["id"] != user["id"] and not author.get("is_bot"):
            what = "The AI-generated user must be either the post creator or a bot."
            raise ApiError(400, "api.post.fill_in_post_props.invalid_ai_generated_user.app_error", what)
        else:
            found["ai_generated_by_username"] = author["username"]
    return found


def check_length(mm: Mattermost, message: str, whole: Doc | None) -> None:
    """The limits of message and props, with each age's id."""
    if len(message) > MAX_RUNES:
        if mm.is_old:
            raise ApiError(400, "model.post.is_valid.msg.app_error", "Invalid message.")
        what = "Post Message property is longer than the maximum permitted length."
        raise ApiError(400, "model.post.is_valid.message_length.app_error", what)
    if whole is not None and shapes.props_runes(whole) > MAX_PROPS[mm.age]:
        raise ApiError(400, "model.post.is_valid.props.app_error", "Invalid props.")


def patch(mm: Mattermost, user: Doc, post_id: str, body: Doc) -> Doc:
    """Change a post by its author; every call archives a revision, also one that changes nothing."""
    post = mm.store.post(post_id)
    if post is None or post["delete_at"]:
        raise forbidden(user["id"], "edit_post")
    mm.membered(user, post["channel_id"], "edit_post")
    if post["user_id"] != user["id"] and not mm.is_admin(user):
        raise forbidden(user["id"], "edit_others_posts")
    if not mm.settings["MayEdit"]:
        raise forbidden(user["id"], "edit_post")
    limit = mm.settings["PostEditTimeLimit"] if mm.settings["Licensed"] or not mm.is_old else -1
    if limit >= 0 and mm.clock.now() > post["create_at"] + limit * 1000:
        what = f"Post edit is only allowed for {limit} seconds. Please ask your System Administrator for details."
        raise ApiError(400, "api.post.update_post.permissions_time_limit.app_error", what)
    changes = {key: body[key] for key in ("message", "props") if body.get(key) is not None}
    return edit(mm, post, changes)


def edit(mm: Mattermost, post: Doc, changes: Doc) -> Doc:
    """Write a change. Nobody is notified: that happens on creation alone."""
    if "props" in changes:
        mm.warnings += props.invalid(changes["props"])
        changes = changes | {"props": shapes.read_attachments(dict(changes["props"]))}
    check_length(mm, changes.get("message", ""), changes.get("props"))
    now = max(mm.clock.now(), post["update_at"] + 1)
    changed = post | changes
    seen = changed["message"] != post["message"] or shapes.attachments(changed) != shapes.attachments(post)
    revision = post | {"id": new_id(), "original_id": post["id"], "delete_at": now, "update_at": now}
    with mm.store.transaction():
        mm.store.put_post(revision)
        post = mm.store.put_post(changed | {"update_at": now, "edit_at": now if seen else post["edit_at"]})
        data = {"post": json.dumps(shapes.shown(post, mm.age), ensure_ascii=False)}
        mm.emit("post_edited", data, channel_id=post["channel_id"])
    return post


def delete(mm: Mattermost, user: Doc, post_id: str) -> None:
    """Delete a post by its author or an administrator; a root takes its replies along."""
    post = mm.store.post(post_id)
    if post is None or post["delete_at"]:
        raise no_post(post_id)
    if not mm.is_admin(user) and (post["user_id"] != user["id"] or not mm.member(post["channel_id"], user["id"])):
        own = post["user_id"] == user["id"]
        raise forbidden(user["id"], "delete_post" if own else "delete_others_posts")
    if (mm.channel(post["channel_id"]) or {}).get("delete_at"):  # NOT RECORDED: as Mattermost's open source says
        what = "Can not delete a post in a deleted channel."
        raise ApiError(400, "api.post.delete_post.can_not_delete_post_in_deleted.error", what)
    now = mm.clock.now()
    with mm.store.transaction():
        replies = mm.store.posts("root_id = ? and delete_at = 0", post_id)
        for one in [post, *replies]:
            files.drop(mm, one)
            mm.store.put_post(one | {"delete_at": now, "update_at": now, "deleted_by": user["id"]})
        if post["root_id"]:
            root = mm.store.post(post["root_id"]) or {}
            mm.store.put_post(root | {"reply_count": max(root["reply_count"] - 1, 0)})
        shown = shapes.shown(post, mm.age)
        if not mm.is_old:
            shown.pop("metadata")
        data = {"post": json.dumps(shown, ensure_ascii=False)}
        mm.emit("post_deleted", data, channel_id=post["channel_id"], marks={"contains_sanitized_data": True})


def ephemeral(mm: Mattermost, author_id: str, reader_id: str, channel_id: str, message: str, **more: Any) -> Doc:
    """A post that one person alone sees, and that is nowhere kept but in his events."""
    post = shapes.new_post(author_id, channel_id, message, mm.clock.now(), type="system_ephemeral", **more)
    post |= {"update_at": 0, "file_ids": None}
    mm.warnings += props.invalid(post["props"])
    post["props"] = _with_cookies(mm, post)
    shown = {key: value for key, value in shapes.shown(post, mm.age).items() if key != "remote_id"}
    shown |= {"parent_id": ""} if mm.is_old else {}  # as recorded, in threads too
    mm.emit(
        "ephemeral_message", {"post": json.dumps(shown, ensure_ascii=False)}, channel_id=channel_id, user_id=reader_id
    )
    return shown


def _with_cookies(mm: Mattermost, post: Doc) -> Doc:
    """An ephemeral's buttons carry what the server forgets: integration, channel, root."""
    props = shapes.read_attachments(dict(post["props"]))
    for attachment in shapes.attachments({"props": props}):
        for action in attachment.get("actions") or ():
            cookie = new_id() + new_id()
            kept = {
                "action": action,
                "channel_id": post["channel_id"],
                "root_id": post["root_id"],
                "post_id": post["id"],
            }
            mm.store.put("cookie", cookie, kept)
            action["cookie"] = cookie
    return props
