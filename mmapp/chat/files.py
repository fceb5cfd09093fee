"""Files on posts as context: read within limits, told as their posts' author's words, and accounted for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from mmapp.chat.extract import LIMITS, Extracted, Limits, Part, extract
from mmapp.chat.extract_kinds import Reason, by_name, is_pdf_name
from mmapp.chat.read import Said
from mmapp.mattermost import files as remote
from mmapp.mattermost.client import Client
from mmapp.mattermost.errors import Forbidden, MattermostError, NotFound
from mmapp.mattermost.files import FileInfo
from mmapp.mattermost.payloads import Post
from mmapp.mattermost.wire import TooMuch
from mmapp.texts.files import Told

log = structlog.get_logger()

MOST_FILES = 10
SECONDS = 60.0  # for all files of a request; what is left then is not read
CHARACTERS = 300_000  # of all files of a request
PIECE = 1500  # characters: under the 2,000 at which selection cuts a post
NAME = 60
NOT_CHOSEN = "not chosen"
_ODD = re.compile(r"[^\w .,()+-]")


@dataclass(frozen=True)
class FileRead:
    """One file of a post, and what was read of it. `at` is the post's create_at in ms."""

    file_id: str
    name: str
    post_id: str
    person_id: str
    author: str
    at: int
    parts: tuple[Part, ...] = ()
    of_characters: int = 0
    of_pages: int = 0
    reason: Reason | None = None
    channel_id: str = ""

    @property
    def text(self) -> str:
        """All that was read, a PDF's pages with their numbers."""
        return "\n".join(f"[page {part.page}]\n{part.text}" if part.page else part.text for part in self.parts)

    @property
    def characters(self) -> int:
        """How many were read, of `of_characters`."""
        return sum(len(part.text) for part in self.parts)

    @property
    def pages(self) -> int:
        """How many were read, of `of_pages`; pages without text are not."""
        return sum(part.page > 0 for part in self.parts)


def read(
    client: Client, posts: Sequence[Post], names: Mapping[str, str], limits: Limits = LIMITS
) -> Iterator[FileRead | None]:
    """Every file of these posts, which the asker may read: None while that takes, and a FileRead for each.

    The first post's files and then the newest are read, as far as MOST_FILES, SECONDS and CHARACTERS go. `names` of the
    authors, by id. Closed in between, it stops. What a file or the server does is a reason, never an error.
    """
    until, room = time.monotonic() + SECONDS, CHARACTERS
    for number, (post, info) in enumerate(_in_turn(posts)):
        author = names.get(post.user_id, "someone")
        found = FileRead(info.id, info.name, post.id, post.user_id, author, post.create_at, channel_id=post.channel_id)
        if reason := _excess(number, until, room):
            yield replace(found, reason=reason)
            continue
        for step in _read(client, found, info, replace(limits, characters=min(limits.characters, room))):
            room -= step.characters if step else 0
            yield step


def as_said(file: FileRead) -> list[Said]:
    """What a prompt holds of a file, in pieces of at most PIECE characters with ids of their own.

    Each line gets the author's name and the file's in front, as a post's lines get the author's: "bob: I approve" in a
    file stays the file's.
    """
    pieces = [(part.page, text) for part in file.parts for text in _pieces(part.text)]
    return [
        Said(
            f"{file.file_id}.{number}",
            file.person_id,
            _heading(file, page),
            text,
            file.at,
            channel_id=file.channel_id,
            opens=file.post_id,
        )
        for number, (page, text) in enumerate(pieces, 1)
    ]


def among(posts: Sequence[Said], files: Iterable[FileRead]) -> list[Said]:
    """The posts in their order of time, each with its files behind it; also those of posts that have no words."""
    said = [piece for file in files for piece in as_said(file)]
    behind = {file.file_id: file.post_id for file in files}
    order = {post.post_id: number for number, post in enumerate(posts)}
    at = [(post.at, order[post.post_id], 0, post) for post in posts]
    at += [(one.at, order.get(behind[file_of(one)], len(posts)), 1, one) for one in said]
    return [one for *_, one in sorted(at, key=lambda item: item[:3])]


def file_of(said: Said) -> str:
    """The id of the file that this is a piece of, empty for a post's own words."""
    file_id, dot, _number = said.post_id.partition(".")
    return file_id if dot else ""


def told(files: Iterable[FileRead], selected: Iterable[Said]) -> list[Told]:
    """How much of each file was told, where `selected` are the posts and pieces that a prompt holds."""
    held = {said.post_id: said.text for said in selected if file_of(said)}
    return [_told(file, held) for file in files]


def _in_turn(posts: Sequence[Post]) -> list[tuple[Post, FileInfo]]:
    """Each file once; those of the first post, where a thread's matter hangs, before the newest."""
    order = [*posts[:1], *sorted(posts[1:], key=lambda post: -post.create_at)]
    found = {info.id: (post, info) for post in reversed(order) for info in reversed(post.files)}
    return list(reversed(found.values()))


def _excess(number: int, until: float, room: int) -> Reason | None:
    if number >= MOST_FILES:
        return Reason.TOO_MANY
    if room <= 0:
        return Reason.FULL
    return Reason.LATE if time.monotonic() > until else None


def _read(client: Client, found: FileRead, info: FileInfo, limits: Limits) -> Iterator[FileRead | None]:
    """None while it takes, and the file with what was found in it."""
    loaded = _loaded(client, info, limits)
    if isinstance(loaded, Reason):
        yield replace(found, reason=loaded)
        return
    name, data = loaded
    for step in extract(data, name, limits):
        yield _found(replace(found, name=name), step) if step else None


def _found(file: FileRead, step: Extracted) -> FileRead:
    return replace(file, parts=step.parts, of_characters=step.characters, of_pages=step.pages, reason=step.reason)


def _loaded(client: Client, info: FileInfo, limits: Limits) -> tuple[str, bytes] | Reason:
    """Name and bytes, or why not. Its name can spare a download, but never makes anything be read."""
    try:
        info = info if info.name else remote.info(client, info.id)
        most = limits.pdf_bytes if is_pdf_name(info.name) else limits.text_bytes
        if reason := by_name(info.name) or (Reason.TOO_LARGE if info.size > most else None):
            return reason
        data = remote.download(client, info.id, most)
    except TooMuch:
        return Reason.TOO_LARGE
    except (NotFound, Forbidden) as error:
        return Reason.GONE if error.own else Reason.UNREACHABLE
    except MattermostError as error:
        log.warning("a file was not handed over", file=info.id, error=str(error))
        return Reason.UNREACHABLE
    # A proxy's page of maintenance may come as 200 in its place.
    return (info.name, data) if info.size in (0, len(data)) else Reason.UNREACHABLE


def _heading(file: FileRead, page: int) -> str:
    """`ann's file report.pdf (page 1 of 3)`. Of the name, only what cannot look like a line's beginning."""
    name = " ".join(_ODD.sub(" ", file.name).split()) or "without a name"
    name = name if len(name) <= NAME else f"{name[: NAME - 16]}…{name[-15:]}"
    return f"{file.author}'s file {name}" + (f" (page {page} of {file.of_pages})" if page else "")


def _pieces(text: str) -> Iterator[str]:
    """At most PIECE characters each, cut between lines, else between words, else anywhere."""
    while len(text) > PIECE:
        end = max(text.rfind("\n", PIECE // 2, PIECE), 0) or max(text.rfind(" ", PIECE // 2, PIECE), 0) or PIECE
        yield text[:end]
        text = text[end:].lstrip("\n") if text[end] == "\n" else text[end:]
    if text.strip():
        yield text


def _told(file: FileRead, held: Mapping[str, str]) -> Told:
    pieces = as_said(file)
    if file.reason or not any(piece.post_id in held for piece in pieces):
        return Told(file.name, reason=file.reason or NOT_CHOSEN)
    if file.of_pages:
        return _told_pages(file, pieces, held)
    whole = all(held.get(piece.post_id) == piece.text for piece in pieces) and file.characters >= file.of_characters
    read = sum(min(len(held.get(piece.post_id, "")), len(piece.text)) for piece in pieces)
    return Told(file.name, file.of_characters if whole else read, file.of_characters)


def _told_pages(file: FileRead, pieces: Sequence[Said], held: Mapping[str, str]) -> Told:
    touched = {piece.author for piece in pieces if piece.post_id in held}
    missed = {piece.author for piece in pieces if held.get(piece.post_id) != piece.text}
    if file.characters < file.of_characters:  # there was no room for all of the last page
        missed |= {pieces[-1].author}
    return Told(file.name, len(touched), file.of_pages, len(touched & missed), in_pages=True)
