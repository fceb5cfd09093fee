"""Reactions: whose, with which emoji, and what the others see of them."""

from __future__ import annotations

import json
import re

from tests.playground.errors import ApiError, forbidden, no_post
from tests.playground.server import Mattermost
from tests.playground.store import Doc

_EMOJI = """+1 -1 thumbsup thumbsdown hourglass hourglass_flowing_sand eyes memo wastebasket white_check_mark heavy_check_mark
ballot_box_with_check grinning heart x
robot robot_face bulb tada warning question star rocket smile wave pray clap fire 100 one two three"""
EMOJI = frozenset(_EMOJI.split())


def check_name(name: str) -> None:
    """An emoji goes by its name, never by the sign itself."""
    if not re.fullmatch(r"[A-Za-z0-9_+-]{1,64}", name):
        raise ApiError(400, "model.reaction.is_valid.emoji_name.app_error", "Invalid emoji name.")


def add(mm: Mattermost, user: Doc, post_id: str, name: str) -> Doc:
    """A member's reaction; the same one again is said once more and kept once."""
    check_name(name)
    post = mm.store.post(post_id)
    if post is None or post["delete_at"]:
        raise forbidden(user["id"], "add_reaction")
    channel = mm.membered(user, post["channel_id"], "add_reaction")
    if name not in EMOJI and not mm.is_old:
        raise ApiError(404, "app.emoji.get_by_name.no_result", "We couldn’t find the emoji.")
    if channel["delete_at"]:  # NOT RECORDED
        what = "Unable to save reaction for archived channel."
        raise ApiError(403, "api.reaction.save.archived_channel.app_error", what)
    now = mm.clock.now()
    reaction = {"user_id": user["id"], "post_id": post_id, "emoji_name": name, "create_at": now, "update_at": now}
    reaction |= {"delete_at": 0, "remote_id": ""} | ({} if mm.is_old else {"channel_id": channel["id"]})
    with mm.store.transaction():
        kept = mm.store.get("reaction", f"{post_id}:{user['id']}:{name}")
        mm.store.put("reaction", f"{post_id}:{user['id']}:{name}", kept or reaction)
        _mark(mm, post)
        mm.emit("reaction_added", {"reaction": json.dumps(reaction)}, channel_id=channel["id"])
    return reaction


def remove(mm: Mattermost, user: Doc, post_id: str, name: str) -> None:
    """One's own reaction is taken back."""
    post = mm.store.post(post_id)
    if post is None or post["delete_at"]:
        raise no_post(post_id)
    mm.membered(user, post["channel_id"], "remove_reaction")
    key = f"{post_id}:{user['id']}:{name}"
    kept = mm.store.get("reaction", key)
    if kept is None:
        raise ApiError(404, "app.reaction.get_for_post.app_error", "Unable to get reactions for post.")
    gone = kept | {"create_at": 0, "update_at": mm.clock.now()}
    with mm.store.transaction():
        mm.store.drop("reaction", key)
        _mark(mm, post)
        mm.emit("reaction_removed", {"reaction": json.dumps(gone)}, channel_id=post["channel_id"])


def found(mm: Mattermost, post: Doc) -> list[Doc]:
    """A post's reactions in order of time."""
    return sorted(mm.store.every("reaction", f"{post['id']}:"), key=lambda one: int(one["create_at"]))


def _mark(mm: Mattermost, post: Doc) -> None:
    """A reaction counts as an update of its post, which carries them all."""
    reactions = found(mm, post)
    metadata = {key: value for key, value in post["metadata"].items() if key != "reactions"}
    metadata |= {"reactions": reactions} if reactions else {}
    now = max(mm.clock.now(), post["update_at"])
    mm.store.put_post(post | {"metadata": metadata, "has_reactions": bool(reactions), "update_at": now})
