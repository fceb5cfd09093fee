"""Text out of a file's bytes, in a process of its own that is killed at its limits: some PDFs are made to be endless."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from mmapp.chat.extract_kinds import Kind, Reason, by_content

ROOT = Path(__file__).resolve().parent.parent.parent
TICK = 0.25
MEGABYTE = 1_000_000
CHUNK = 65_536
ESCAPED = 12  # bytes of JSON that one character takes at most


@dataclass(frozen=True)
class Limits:
    """Of one file: bytes, what is read of it, and what the process may use (bytes of memory, seconds)."""

    text_bytes: int = 5 * MEGABYTE
    pdf_bytes: int = 20 * MEGABYTE
    characters: int = 100_000  # some forty pages; a model's window holds a third of that, and choosing takes its time
    pages: int = 200
    memory: int = 512 * MEGABYTE  # pypdf unpacks at most 75 MB at a time and needs twice as much for it
    cpu: int = 10
    seconds: float = 20.0


LIMITS = Limits()


@dataclass(frozen=True)
class Part:
    """One page of a PDF; of other files all of it, or the beginning and the end."""

    text: str
    page: int = 0


@dataclass(frozen=True)
class Extracted:
    """What was found. `characters` are those of the parts read and of what was cut off them; `pages` all of the PDF's.

    `reason`: nothing was found, for this reason. `stopped`: it was killed at its limits; the parts before that stay.
    """

    parts: tuple[Part, ...] = ()
    characters: int = 0
    pages: int = 0
    reason: Reason | None = None
    stopped: bool = False


def extract(data: bytes, name: str, limits: Limits = LIMITS) -> Iterator[Extracted | None]:
    """What a file holds: None while that takes, then one Extracted. Closed in between, it stops. Never raises."""
    kind = by_content(data, name)
    if isinstance(kind, Reason):
        yield Extracted(reason=kind)
    elif not data:
        yield Extracted(reason=Reason.EMPTY)
    elif len(data) > (limits.pdf_bytes if kind is Kind.PDF else limits.text_bytes):
        yield Extracted(reason=Reason.TOO_LARGE)
    else:
        yield from _in_a_child(kind, data, limits)


def _in_a_child(kind: Kind, data: bytes, limits: Limits) -> Iterator[Extracted | None]:
    """An Extracted from what the child says until it ends, fails or is out of time."""
    found, ended = Extracted(), False
    with _started(kind, data, limits) as child:
        try:
            for line in _lines(child, limits):
                if line is None:
                    yield None
                    continue
                event = json.loads(line)
                ended = event["event"] == "end"
                found = _with(found, event)
        finally:
            child.kill()
    if not ended:
        failed = Reason.BROKEN if child.returncode == 1 else Reason.TOO_HARD  # 1: an exception that nobody expected
        found = replace(found, stopped=True) if found.parts else Extracted(reason=failed)
    yield found


def _started(kind: Kind, data: bytes, limits: Limits) -> subprocess.Popen[bytes]:
    """The child has the file in memory, no environment, and a pipe that ends with this process."""
    file = os.memfd_create("file")
    try:
        with open(file, "wb", closefd=False) as memory:
            memory.write(data)
        os.lseek(file, 0, os.SEEK_SET)
        return subprocess.Popen(
            [sys.executable, "-E", "-s", "-m", "mmapp.chat.extract_child", kind, str(file), json.dumps(asdict(limits))],
            cwd=ROOT,
            env={},  # this process's holds the keys
            pass_fds=[file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(file)


def _lines(child: subprocess.Popen[bytes], limits: Limits) -> Iterator[bytes | None]:
    """Its lines, None while there is none; until it ends, says too much or takes too long."""
    if child.stdout is None:
        raise AssertionError("it was started with a pipe")
    deadline, room = time.monotonic() + limits.seconds, ESCAPED * limits.characters + CHUNK
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while room > 0 and (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(TICK, left)):
                yield None
                continue
            if not (piece := _read(child.stdout)):
                child.wait()
                return
            room -= len(piece)
            *lines, buffer = (buffer + piece).split(b"\n")
            yield from lines


def _read(pipe: IO[bytes]) -> bytes:
    return os.read(pipe.fileno(), CHUNK)


def _with(found: Extracted, event: dict[str, Any]) -> Extracted:
    if event["event"] == "end":
        return Extracted(reason=Reason(event["reason"])) if event["reason"] else found
    text, page = event["text"], event["page"]
    characters = event["characters"] + (found.characters if page else 0)
    parts = (*found.parts, Part(text, page)) if text.strip() else found.parts
    return replace(found, parts=parts, characters=characters, pages=event["pages"])
