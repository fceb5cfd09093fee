"""The process that one file is opened in: whatever its bytes do, they do it here, within limits, and then it is gone.

    python -m mmapp.chat.extract_child KIND FILE LIMITS     (started by extract.py)

FILE is the number of an open file in memory, LIMITS a JSON object. It writes JSON lines to stdout: `part` for each page
(or both ends of a long text), and `end`. It goes with its parent, at the end of stdin.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from mmapp.chat.extract_kinds import Kind, Reason

CUT = "[…]"
HALF_LINE = 500  # a minified file has lines without end
Event = dict[str, Any]


def confine(memory: int, cpu: int) -> None:
    """No more memory and processor time than this, no file written, and no core file: it would hold people's words."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def text_of(data: bytes, limits: dict[str, int]) -> Iterator[Event]:
    """A text's one part, or its beginning and its end where it is too long: the newest lines of a log are its last."""
    from mmapp.chat import extract_text

    found = extract_text.decode(data)
    if found is None:
        yield _end(Reason.BINARY)
        return
    text = extract_text.tidy(found)
    most = limits["characters"]
    if len(text) <= most:
        yield _part(text, len(text))
    else:
        yield _part(_beginning(text, most // 2), len(text))
        yield _part(CUT + "\n" + _ending(text, most // 2), len(text))
    yield _end(None if text.strip() else Reason.EMPTY)


def _beginning(text: str, most: int) -> str:
    """As many characters, and no half line where one ends not far before."""
    end = text.rfind("\n", most - HALF_LINE, most)
    return text[: end if end > 0 else most]


def _ending(text: str, most: int) -> str:
    start = text.find("\n", len(text) - most, len(text) - most + HALF_LINE)
    return text[start + 1 :] if start >= 0 else text[-most:]


def pdf_of(data: bytes, limits: dict[str, int]) -> Iterator[Event]:
    """A part a page, as long as there is room for its characters."""
    from mmapp.chat import extract_pdf, extract_text

    room, failures = limits["characters"], []
    try:
        for page in extract_pdf.pages(data, limits["pages"]):
            text = extract_text.tidy(page.text) if page.text.strip() else ""
            failures.append(page.reason)
            yield _part(text[:room], len(text), page.number, page.of)
            room -= len(text)
            if room <= 0:
                break
    except extract_pdf.NotReadable as error:
        yield _end(error.reason)
        return
    empty = room == limits["characters"]
    yield _end((next(filter(None, failures), Reason.SCANNED) if failures else Reason.EMPTY) if empty else None)


def _part(text: str, characters: int, page: int = 0, pages: int = 0) -> Event:
    return {"event": "part", "text": text, "characters": characters, "page": page, "pages": pages}


def _end(reason: Reason | None) -> Event:
    return {"event": "end", "reason": reason}


def serve(kind: str, data: bytes, limits: dict[str, int], out: BinaryIO) -> None:
    """Write what is found as soon as it is: what was read stays, should the rest be too much."""
    try:
        for event in (pdf_of if kind == Kind.PDF else text_of)(data, limits):
            out.write(json.dumps(event).encode() + b"\n")
            out.flush()
    except MemoryError:
        out.write(json.dumps(_end(Reason.TOO_HARD)).encode() + b"\n")
        out.flush()


def leave_with_parent() -> None:
    """Nothing ever comes by stdin; its end is the parent's."""
    os.read(0, 1)  # not by way of sys.stdin, whose lock would abort the interpreter's own end
    os._exit(0)


def main() -> None:
    """Open one file."""
    kind, number, limits = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    for each in (signal.SIGINT, signal.SIGTERM):  # they reach the whole group; the parent decides when this one ends
        signal.signal(each, signal.SIG_IGN)
    confine(limits["memory"], limits["cpu"])
    threading.Thread(target=leave_with_parent, daemon=True).start()
    with open(number, "rb") as file:
        data = file.read()
    serve(kind, data, limits, sys.stdout.buffer)


if __name__ == "__main__":
    main()
