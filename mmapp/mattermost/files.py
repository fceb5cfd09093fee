"""Files that hang on posts: what the server says of them, and their bytes, within limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mmapp.mattermost.answers import as_object
from mmapp.mattermost.connection import Connection
from mmapp.mattermost.errors import Garbled
from mmapp.mattermost.ids import is_id
from mmapp.mattermost.values import json_object, number, text

INFO_BYTES = 1024 * 1024  # an info of a picture brings a small preview of it along
INFO_SECONDS, DOWNLOAD_SECONDS = 10.0, 20.0


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file; `name` is its uploader's choice, and `size` in bytes, 0 where it is not told.

    The MIME type is left out on purpose: the uploader's program chooses it.
    """

    id: str
    name: str = ""
    size: int = 0
    post_id: str = ""
    user_id: str = ""
    delete_at: int = 0

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """From `files/{id}/info` and a post's `metadata.files`."""
        texts: dict[str, Any] = {key: text(source.get(key)) for key in ("id", "name", "post_id", "user_id")}
        if not is_id(texts["id"]):
            raise Garbled("a file without id")
        return cls(**texts, size=max(0, number(source.get("size"))), delete_at=number(source.get("delete_at")))


def attached(post: Mapping[str, Any]) -> tuple[FileInfo, ...]:
    """The files of a post as REST and events send it, in its order; one that it says nothing of has no name."""
    listed = json_object(post.get("metadata")).get("files")
    infos = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    known = {found.id: found for found in (FileInfo.from_json(one) for one in infos if is_id(text(one.get("id"))))}
    ids = post.get("file_ids")
    wanted = [text(one) for one in ids if is_id(text(one))] if isinstance(ids, list) else []
    return tuple(known.get(one, FileInfo(one)) for one in dict.fromkeys(wanted or known))


def info(client: Connection, file_id: str) -> FileInfo:
    """What the server says of a file. Raises NotFound or Forbidden once it is gone."""
    path = "/files/{file_id}/info"
    return FileInfo.from_json(as_object(client.fetch(path, INFO_BYTES, INFO_SECONDS, file_id=file_id), path))


def download(client: Connection, file_id: str, limit: int) -> bytes:
    """A file's bytes. Raises TooMuch as soon as there are more than `limit`, whatever length was announced."""
    return client.fetch("/files/{file_id}", limit, DOWNLOAD_SECONDS, file_id=file_id)
