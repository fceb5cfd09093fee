"""Files: uploaded into a channel, hung on one post by whoever uploaded them, read by whoever reads that post.

NOT RECORDED: as Mattermost's published API reference and its open source say.
"""

from __future__ import annotations

import base64
from pathlib import PurePosixPath

from tests.playground.errors import ApiError, forbidden
from tests.playground.ids import new_id
from tests.playground.server import Mattermost
from tests.playground.store import Doc

PER_POST = 10


def upload(mm: Mattermost, user: Doc, channel_id: str, name: str, content: bytes, mime: str) -> Doc:
    """Keep a file of a member's, which belongs to no post yet."""
    mm.membered(user, channel_id, "upload_file")
    if len(content) > mm.settings["MaxFileSize"]:
        what = "Unable to upload file. File is too large."
        raise ApiError(413, "api.file.upload_file.too_large_detailed.app_error", what)
    now = mm.clock.now()
    info: Doc = {
        "id": new_id(), "user_id": user["id"], "channel_id": channel_id, "create_at": now, "update_at": now, "delete_at": 0,
        "name": name, "extension": PurePosixPath(name).suffix.removeprefix("."), "size": len(content), "mime_type": mime,
        "mini_preview": None, "remote_id": "", "archived": False,
    }  # fmt: skip
    with mm.store.transaction():
        mm.store.put("file_content", info["id"], {"base64": base64.b64encode(content).decode()})
        mm.store.put("file", info["id"], info)
    return shown(mm, info)


def shown(mm: Mattermost, info: Doc) -> Doc:
    """What clients are told of a file."""
    newer = {"channel_id", "archived"} if mm.is_old else set()
    return {key: value for key, value in info.items() if key not in newer}


def readable(mm: Mattermost, user: Doc, file_id: str) -> Doc:
    """A file that is there and may be read: by its uploader, and once it hangs on a post by that channel's readers."""
    info = mm.store.get("file", file_id)
    if info is None or info["delete_at"]:
        raise ApiError(404, "app.file_info.get.app_error", "Unable to get the file info.")
    if info["user_id"] == user["id"] or mm.is_admin(user):
        return info
    if not info.get("post_id"):
        raise forbidden(user["id"], "read_channel")
    mm.readable(user, info["channel_id"])
    return info


def content(mm: Mattermost, info: Doc) -> bytes:
    """A file's bytes."""
    return base64.b64decode((mm.store.get("file_content", info["id"]) or {})["base64"])


def attach(mm: Mattermost, post: Doc, wanted: list[str]) -> Doc:
    """A new post with those of the wanted files that are its author's and hang on no post; others are left out."""
    infos = [mm.store.get("file", str(file_id)) for file_id in dict.fromkeys(wanted)]
    free = [one for one in infos if one and one["user_id"] == post["user_id"] and not one.get("post_id")][:PER_POST]
    for info in free:
        info["post_id"] = post["id"]
        mm.store.put("file", info["id"], info)
    metadata = post["metadata"] | ({"files": [shown(mm, one) for one in free]} if free else {})
    return post | {"file_ids": [one["id"] for one in free], "metadata": metadata}


def drop(mm: Mattermost, post: Doc) -> None:
    """A deleted post's files go with it."""
    for file_id in post["file_ids"] or ():
        info = mm.store.get("file", file_id) or {}
        mm.store.put("file", file_id, info | {"delete_at": mm.clock.now()})
